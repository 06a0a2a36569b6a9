// What a `docker compose up` of the fake runs: ways from the published ports to servers that run already, until SIGTERM.
import { appendFileSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';

const folder = process.argv[2] ?? '';
/** @type {Record<string, number>} By the variable that holds the published port. */
const upstream = JSON.parse(readFileSync(join(folder, 'upstream'), 'utf8'));

for (const [name, port] of Object.entries(upstream)) {
  createServer((socket) => {
    const server = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [socket, server],
      [server, socket],
    ]) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  }).listen(Number(process.env[name]), '127.0.0.1');
}
process.on('SIGTERM', () => {
  appendFileSync(join(folder, 'calls'), 'SIGTERM\t\t\n');
  process.exit(0);
});

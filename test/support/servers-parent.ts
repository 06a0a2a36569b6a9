/**
 * A process that starts the servers in the given folder, prints their addresses as one line of JSON, and waits to be
 * killed. Run by test/integration/infra/local/servers/native.test.ts.
 */
import { startServers } from '../../infra/local/servers/start.ts';

const [, , dataDirectory] = process.argv;
if (dataDirectory === undefined) throw new Error('The data directory is missing.');
const { addresses, processes } = await startServers({
  dataDirectory,
  mode: 'native',
  fresh: false,
  report: () => {},
});
process.stdout.write(`${JSON.stringify({ addresses, processes })}\n`);
setInterval(() => {}, 60_000);

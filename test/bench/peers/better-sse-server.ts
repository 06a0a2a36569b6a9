/**
 * Streams a day of sales to every viewer with better-sse: `POST /simulation/next-day` sends it. Arguments: a JSON file with the sales, and a port
 * of the loopback interface.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createChannel, createSession } from 'better-sse';
import * as z from 'zod';

const [file, port] = z.tuple([z.string(), z.coerce.number().int()]).parse(process.argv.slice(2));
const sales = z.array(z.looseObject({ id: z.int() })).parse(JSON.parse(readFileSync(file, 'utf8')));
const viewers = createChannel();

createServer(async (request, response) => {
  if (request.method === 'HEAD') return void response.end();
  if (request.method === 'POST') {
    for (const sale of sales) viewers.broadcast(sale, 'message', { eventId: String(sale.id) });
    response.end('{"status":"ok"}');
    return;
  }
  const session = await createSession(request, response);
  session.push({}, 'status');
  viewers.register(session);
}).listen(port, '127.0.0.1');

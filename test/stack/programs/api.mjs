// Stands in for the API: listens on the port it was given and ends with its supervisor.
import { createServer } from 'node:http';
const server = createServer((_, response) => response.end('{}'));
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
server.listen(Number(process.env.RATCHET_API_PORT), '127.0.0.1', () => {
  process.send({ kind: 'ready', address: `http://127.0.0.1:${server.address().port}` });
});

// Reads every body to its end and answers with the number of bytes. Ends when its parent does.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer({ requestTimeout: 0 }, (request, response) => {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.once('end', () => response.end(String(bytes)));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));

// Prints its port, and grows by 4 MiB every 10 ms once a line comes in. It ends with its standard input.
import http from 'node:http';

const held = [];
const server = http.createServer((_request, response) => {
  response.end('ok');
});
process.title = 'grower';
process.stdin.on('end', () => process.exit());
process.stdin.once('data', () => {
  setInterval(() => held.push(Buffer.alloc(4 * 1024 * 1024, 1)), 10);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

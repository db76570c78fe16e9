// A server that is not ours: plain Node, one constant text, no metrics. `--die-after N` ends it at its Nth upload.
import { createServer } from 'node:http';

const dieAfter = Number(process.argv[process.argv.indexOf('--die-after') + 1]) || Number.POSITIVE_INFINITY;
let uploads = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(request.url === '/health' ? 200 : 404).end('{}');
    return;
  }
  uploads += 1;
  if (uploads > dieAfter) {
    process.exit(9);
  }
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end('{"text":"hello"}');
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

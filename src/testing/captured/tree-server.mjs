// A front with two workers; prints its port. It ends with its standard input, so none is left behind.
import { fork } from 'node:child_process';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

if (process.argv[2] === 'worker') {
  process.title = 'tree-worker';
  process.on('disconnect', () => process.exit());
  process.send('ready');
} else {
  process.title = 'tree-front';
  process.stdin.on('end', () => process.exit()).resume();
  const script = fileURLToPath(import.meta.url);
  let ready = 0;
  const server = http.createServer((_request, response) => {
    response.end('ok');
  });
  for (let index = 0; index < 2; index += 1) {
    fork(script, ['worker']).on('message', () => {
      ready += 1;
      if (ready === 2) {
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));
      }
    });
  }
}

import { fork } from 'node:child_process';
import { openSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { faultRound } from './fault-round.ts';

/** Beside those that Node itself holds. */
const extraFiles = 8;
const changesEveryMs = 400;
const changingBytes = 4 * 1024 ** 2;
/** A request is served by a few workers at a time: the memory of the others stands still. */
const changingWorkers = 8;

const [role = 'front', countText = '5', withFaults = 'false'] = process.argv.slice(2);

function work(index: number): void {
  process.title = 'bench-worker';
  for (let file = 0; file < extraFiles; file += 1) {
    openSync('/dev/null', 'r');
  }
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
  if (withFaults === 'true' && index === 0) {
    process.title = 'bench-faulter';
    process.on('message', (durationMs: number) => {
      process.send?.(faultRound(durationMs));
    });
  } else if (index < changingWorkers) {
    let held: Buffer | null = null;
    setInterval(() => {
      held = held === null ? Buffer.alloc(changingBytes, 1) : null;
    }, changesEveryMs);
  }
}

/** Starts the workers, listens, prints its port, and passes a line of standard input on as the length of a round. */
function lead(count: number): void {
  process.title = 'bench-front';
  const script = fileURLToPath(import.meta.url);
  const server = http.createServer((_request, response) => {
    response.end('requests_total 1\n');
  });
  let ready = 0;
  for (let index = 0; index < count - 1; index += 1) {
    const child = fork(script, ['worker', String(index), withFaults], {
      execArgv: ['--max-semi-space-size=1', '--v8-pool-size=2'],
    });
    child.on('message', (message) => {
      if (message !== 'ready') {
        process.stdout.write(`${JSON.stringify(message)}\n`);
        return;
      }
      ready += 1;
      if (ready === count - 1) {
        server.listen(0, '127.0.0.1', () => {
          process.stdout.write(`${JSON.stringify(server.address())}\n`);
        });
      }
    });
    if (index === 0) {
      process.stdin.on('data', (text: Buffer) => child.send(Number(text.toString())));
    }
  }
  process.stdin.on('end', () => process.exit());
}

if (role === 'worker') {
  work(Number(countText));
} else {
  lead(Number(countText));
}

import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../base/errors.ts';
import { openContext } from '../../../device/open-context.ts';
import { liveAsChild } from '../../images/child-life.ts';
import type { FromNeighbour, NeighbourSetup, ToNeighbour } from './messages.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as NeighbourSetup;

function send(message: FromNeighbour): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/** The three words of four letters by which our prompts are told apart, or a greeting. */
function reply(prompt: string): string {
  return /\b[a-z]{4}(?:-[a-z]{4}){2}\b/i.exec(prompt)?.[0] ?? 'Hello.';
}

liveAsChild('ref-neighbour');
try {
  const context = await openContext(setup.device, 'neighbour', () => process.exit(4));
  await context.alloc(setup.needBytes);
} catch (error) {
  console.error(
    `ref-neighbour ${process.pid}: cudaMalloc of ${Math.round(setup.needBytes / 1024 ** 2)} MiB failed: ${messageOf(error)}`,
  );
  process.exit(1);
}
await sleep(setup.loadMs);
process.on('message', ({ id, prompt }: ToNeighbour) => send({ type: 'answer', id, text: reply(prompt) }));
send({ type: 'ready' });

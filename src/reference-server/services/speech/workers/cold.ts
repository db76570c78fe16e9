import { messageOf } from '../../../../base/errors.ts';
import type { WorkerSetup } from './messages.ts';
import { runWorker } from './worker-main.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as WorkerSetup;

try {
  await runWorker({ ...setup, kind: 'cold' });
} catch (error) {
  console.error(`ref-cold ${process.pid}: cannot load: ${messageOf(error)}`);
  process.exit(3);
}

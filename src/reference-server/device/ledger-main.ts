import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { startBroker } from './ledger.ts';

process.title = 'ref-ledger';
const [socketPath = '', vramBytes = '0', teardownMs = '0'] = process.argv.slice(2);
const stop = await startBroker(socketPath, Number(vramBytes), Number(teardownMs));
const end = (): never => {
  stop();
  process.exit(0);
};
process.on('disconnect', () => {
  // A front that was killed cannot clear its folder of uploads; its last child does.
  rmSync(dirname(socketPath), { recursive: true, force: true });
  end();
});
process.on('SIGTERM', end);
// The front ends its children itself; a Ctrl-C reaches the whole group and would end the broker first.
process.on('SIGINT', () => undefined);
process.send?.({ type: 'ready' });

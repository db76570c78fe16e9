import type { LoadEngine } from '../../model/engine.ts';
import { openSession } from './session.ts';

export const native: LoadEngine = {
  id: 'native',
  title: 'Own engine in this process; HTTP/1.1 and HTTP/2, streams bodies and replies, open and closed loop',
  canReopen: true,
  preflight: () => Promise.resolve({ version: `node ${process.versions.node}` }),
  keeps: (_plan, adapter) =>
    adapter.kind === 'call' ? { keeps: true } : { keeps: false, why: `the targets of ${adapter.id} call us` },
  open: openSession,
};

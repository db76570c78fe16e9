import type { LoadEngine } from '../../model/engine.ts';
import { openSession } from './session.ts';

export const native: LoadEngine = {
  id: 'native',
  title: 'Own engine on node:http; streams bodies, open and closed loop',
  preflight: () => Promise.resolve({ version: `node ${process.versions.node}` }),
  keeps: () => ({ keeps: true }),
  open: openSession,
};

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import systeminformation from 'systeminformation';
import { clockTicksPerSecond } from '../../base/procfs.ts';
import { localHostView } from '../../phases/sampler/local-host-view.ts';
import { createProcessTree } from '../../targets/socket/process-tree.ts';
import { cpuMs } from '../bench-corpora/processor-time.ts';
import type { Row } from '../bench-corpora/row.ts';
import { startTree } from './sampled-tree.ts';

const require = createRequire(import.meta.url);
/** It brings no types. */
const pidusage = require('pidusage') as (pids: readonly number[]) => Promise<unknown>;

/** Processor time of this process, and of the children that it has waited for. */
function cpuMsWithChildren(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  // cutime and cstime: fields 16 and 17 of proc(5), the third being the first after the name.
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return cpuMs() + ((Number(user) + Number(system)) / clockTicksPerSecond) * 1000;
}

async function peerRow(subject: string, note: string, calls: number, call: () => Promise<unknown>): Promise<Row> {
  await call();
  const beforeMs = cpuMsWithChildren();
  for (let count = 0; count < calls; count += 1) {
    await call();
  }
  const perCallMs = (cpuMsWithChildren() - beforeMs) / calls;
  return { subject, figure: perCallMs / 10, unit: '% of a core', goal: null, note };
}

/** What others take for a part of the same, as a share of a core at one call a second, over the same tree. */
export async function peerRows(processes: number): Promise<Row[]> {
  const tree = await startTree(processes, 'calm');
  const members = createProcessTree(localHostView());
  members.setRoots([tree.pid]);
  const pids = members.scan().map(({ pid }) => pid);
  const rows = [
    await peerRow('pidusage, the same at 1 Hz', 'CPU and RSS alone; calls back to back', 20, () => pidusage(pids)),
    await peerRow('systeminformation processes() at 1 Hz', 'of the whole host, with its children', 5, async () => {
      // It answers from memory for 500 ms.
      await new Promise((resolve) => setTimeout(resolve, 600));
      return systeminformation.processes();
    }),
  ];
  await tree.stop();
  return rows;
}

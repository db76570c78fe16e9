import { adapters } from '../../adapters/index.ts';
import { confirmingCommand } from '../../computed/confirming.ts';
import { cumulativeClaim } from '../../computed/cumulative.ts';
import type { Manifest } from '../../model/manifest.ts';
import { capacityOfRun, restlessClaim } from '../../phases/analyze/capacity.ts';
import { adviceFor, capacityLines } from '../../phases/analyze/capacity-advice.ts';
import { readRun } from '../../store/read-run.ts';
import { findRunFolder } from '../../store/run-folder.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

export interface CapacityOptions {
  out: string;
  limit?: number;
  concurrency?: number;
  json: boolean;
}

/** How many at once fit, from a kept run. Exit 1: the run cannot say, or what was asked for is not known to fit. */
export async function capacityCommand(
  name: string,
  options: CapacityOptions,
  terminal: Pick<Terminal, 'out'> = openTerminal(),
): Promise<number> {
  const folder = findRunFolder(name, options.out);
  const run = await readRun(folder);
  const { capacity, capacityUnknown } = capacityOfRun(run, options.limit ?? null);
  const advice = capacity === null ? null : adviceFor(capacity, options.concurrency ?? null);
  if (options.json) {
    terminal.out(JSON.stringify({ runId: folder.runId, capacity, capacityUnknown, recommended: advice }));
  } else if (capacity === null || advice === null) {
    terminal.out(`capacity of ${folder.runId} is not known, because ${capacityUnknown ?? 'the run has no levels'}`);
    terminal.out(nextOf(run.manifest, capacityUnknown ?? ''));
  } else {
    const fetchesWork = adapters.find(({ id }) => id === run.manifest.adapter)?.kind === 'serve';
    for (const line of capacityLines(capacity, advice, { fetchesWork })) {
      terminal.out(line);
    }
  }
  return advice === null || (options.concurrency !== undefined && !advice.fits) ? 1 : 0;
}

/** Of memory that follows the answers another ladder would tell no more: its rounds do. */
function nextOf(manifest: Manifest, why: string): string {
  if (why.startsWith(restlessClaim)) {
    return `Mend that first; bench report ${manifest.runId} names who grows.`;
  }
  return why.includes(cumulativeClaim)
    ? `Restart the target, then measure how much each request leaves behind: ${confirmingCommand(manifest)}`
    : 'Measure it with stages of 1, 2, 4 and 8 callers and a quiet time after each, on a target that was started anew.';
}

import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { Detector } from '../../model/detector.ts';
import type { RunResult } from '../../model/result.ts';
import { readRun } from '../../store/read-run.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { analyze } from './analyze.ts';

/** Below it what is left uncollected is no matter, and the time of collecting it is. */
const longRunBytes = 64 * 1024 ** 2;

function tablesBytes({ requests, samples }: RunFolder): number {
  return [requests, samples].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/**
 * tables -> analyze. V8 collects late where a machine has much memory: of a run of hours it would hold twice what
 * analysis needs, beside a server that may need it. So from `leastBytes` of tables on it is told to save memory, and to
 * stop doing so afterwards: the harness may send another load, which must not be held up by collecting.
 */
export async function analyzeFolder(
  folder: RunFolder,
  detectors: readonly Detector[],
  leastBytes = longRunBytes,
): Promise<RunResult> {
  if (tablesBytes(folder) < leastBytes) {
    return analyze(await readRun(folder), detectors);
  }
  setFlagsFromString('--optimize-for-size');
  try {
    return analyze(await readRun(folder), detectors);
  } finally {
    setFlagsFromString('--no-optimize-for-size');
  }
}

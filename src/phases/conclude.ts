import type { Detector } from '../model/detector.ts';
import type { RunResult } from '../model/result.ts';
import { readRun } from '../store/read-run.ts';
import { type RunFolder, writeResult } from '../store/run-folder.ts';
import { seal } from '../store/seal.ts';
import { analyze } from './analyze.ts';

/** closed manifest and tables -> seal -> analyze -> result.json. Nothing of the run is written after it. */
export async function conclude(folder: RunFolder, detectors: readonly Detector[]): Promise<RunResult> {
  await seal(folder);
  const result = analyze(await readRun(folder), detectors);
  writeResult(folder, result);
  return result;
}

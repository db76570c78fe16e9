import type { Detector } from '../../model/detector.ts';
import type { RunResult } from '../../model/result.ts';
import { type RunFolder, writeResult } from '../../store/run-folder.ts';
import { seal } from '../../store/seal.ts';
import { anonymizeResult, anonymizeRun } from '../sealed/anonymize-run.ts';
import { analyzeFolder } from './folder.ts';

/** closed manifest and tables -> seal -> analyze -> result.json. Nothing of the run is written after it. */
export async function conclude(
  folder: RunFolder,
  detectors: readonly Detector[],
  { isAnonymized }: { isAnonymized: boolean },
): Promise<RunResult> {
  // Before the seal, so that it covers what is passed on.
  const names = isAnonymized ? await anonymizeRun(folder) : null;
  await seal(folder);
  const analyzed = await analyzeFolder(folder, detectors);
  const result = names === null ? analyzed : anonymizeResult(analyzed, names);
  writeResult(folder, result);
  return result;
}

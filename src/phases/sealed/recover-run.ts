import { existsSync } from 'node:fs';
import { BenchError } from '../../base/errors.ts';
import type { Detector } from '../../model/detector.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { RunResult } from '../../model/result.ts';
import { readWhatIsLeft } from '../../store/read-run.ts';
import { type RunFolder, readManifest, writeManifest, writeResult } from '../../store/run-folder.ts';
import { analyze } from '../analyze/analyze.ts';
import { type ProcessView, whyHarnessIsGone } from '../harness-process.ts';

export interface Recovered {
  /** null: nothing had to be done. */
  result: RunResult | null;
  /** What was found, and what was lost. */
  sentences: readonly string[];
}

/**
 * PROTOCOL 8.9: manifest running, harness gone -> aborted; tables as far as they are whole -> result.json
 * The seal is not made up for: a recovered run stays unsealed, and enters no history. Throws USAGE while it goes on.
 */
export async function recoverRun(
  folder: RunFolder,
  detectors: readonly Detector[],
  view: ProcessView,
): Promise<Recovered> {
  const manifest = readManifest(folder);
  const isSealed = existsSync(folder.seal);
  if (manifest.status !== 'running' && isSealed && existsSync(folder.result)) {
    return {
      result: null,
      sentences: [`The run needs no recovery: it is sealed, and its status is ${manifest.status}.`],
    };
  }
  const sentences: string[] = [];
  if (manifest.status === 'running') {
    sentences.push(markAborted(folder, manifest, view));
  } else if (!isSealed) {
    sentences.push(`The run ended as ${manifest.status}, but was killed before its seal: it stays unsealed.`);
  }
  if (!existsSync(folder.result)) {
    sentences.push('result.json is missing: it is made from the tables.');
  }
  const run = await readWhatIsLeft(folder, (sentence) => sentences.push(sentence));
  const lastMs = run.events.reduce((latest, { tMs }) => Math.max(latest, tMs), 0);
  sentences.push(
    `Read: ${run.records.length} requests and ${run.events.length} events, the last of them ${(lastMs / 1000).toFixed(1)} s after the start.`,
  );
  const result = analyze(run, detectors);
  writeResult(folder, result);
  return { result, sentences };
}

function markAborted(folder: RunFolder, manifest: Manifest, view: ProcessView): string {
  const why = whyHarnessIsGone(manifest, view);
  if (why === null) {
    throw new BenchError('USAGE', `${folder.runId} is still running as process ${manifest.pid}.`, {
      hint: 'Let it end, or stop it with Ctrl-C: it is sealed then.',
    });
  }
  writeManifest(folder, { ...manifest, status: 'aborted', exitCause: 'the harness was killed' });
  return `The harness was killed (${why}): the run is marked as aborted, and stays unsealed.`;
}

import { existsSync } from 'node:fs';
import { systemCodeOf } from '../../base/errors.ts';
import { detectors } from '../../detectors/index.ts';
import { analyze } from '../../phases/analyze.ts';
import { readRun } from '../../store/read-run.ts';
import { findRunFolder, readManifest, writeManifest, writeResult } from '../../store/run-folder.ts';
import { printSummary } from '../summary.ts';
import { openTerminal } from '../terminal.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return systemCodeOf(error) === 'EPERM';
  }
}

/**
 * A run whose harness died stays unsealed; it is marked `aborted` and its result is rebuilt from whole lines. One that
 * was closed before its harness died keeps its status.
 */
export async function recoverCommand(run: string, options: { out: string }): Promise<number> {
  const terminal = openTerminal();
  const folder = findRunFolder(run, options.out);
  const manifest = readManifest(folder);
  if (manifest.status !== 'running' && existsSync(folder.result)) {
    terminal.out(`${folder.runId} needs no recovery: its status is ${manifest.status}.`);
    return 0;
  }
  if (isAlive(manifest.pid)) {
    terminal.out(`${folder.runId} is still running as process ${manifest.pid}.`);
    return 2;
  }
  if (manifest.status === 'running') {
    writeManifest(folder, { ...manifest, status: 'aborted', exitCause: 'the harness was killed' });
  }
  const result = analyze(await readRun(folder), detectors);
  writeResult(folder, result);
  printSummary(result, null, terminal);
  return 0;
}

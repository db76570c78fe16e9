import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { RunResult } from '../../model/result.ts';
import { eventColumns, requestColumns, sampleColumns } from '../../store/columns.ts';
import { bench, type Ended } from './programs.ts';

/** Of one run of the suite. */
export interface RunPlace {
  outFolder: string;
  runId: string;
  reportsFolder: string;
}

/** The whole lines of a table, header left out; what stands behind the last newline is torn. */
export function wholeRows(path: string): readonly string[][] {
  if (!existsSync(path)) {
    return [];
  }
  const text = readFileSync(path, 'utf8');
  return parse(text.slice(0, text.lastIndexOf('\n') + 1), { relax_column_count: true }).slice(1);
}

export const readResult = ({ outFolder, runId }: RunPlace): RunResult =>
  JSON.parse(readFileSync(join(outFolder, runId, 'result.json'), 'utf8')) as RunResult;

/** What no command may say, whatever was done to it. */
export function manners(what: string, { exitCode, stderr, hung }: Ended): string[] {
  return [
    hung ? `${what} hung` : null,
    exitCode === 70 || stderr.includes('is a bug in headroom')
      ? `${what} called itself a bug: ${stderr.slice(-600)}`
      : null,
    /^\s+at /m.test(stderr) ? `${what} printed a stack: ${stderr.slice(-600)}` : null,
  ].filter((trouble) => trouble !== null);
}

/** Lines with another number of fields than their header are torn in the middle of a table, which must never be. */
function tableTroubles({ outFolder, runId }: RunPlace): string[] {
  return (
    [
      ['requests.csv', requestColumns],
      ['samples.csv', sampleColumns],
      ['events.csv', eventColumns],
    ] as const
  ).flatMap(([name, columns]) => {
    const torn = wholeRows(join(outFolder, runId, name)).filter((row) => row.length !== columns.length);
    return torn.length === 0 ? [] : [`${name} has ${torn.length} torn rows: ${String(torn[0])}`];
  });
}

/** Every row has one outcome, every outcome a row, and no request two. */
export function conservationTroubles(run: RunPlace): string[] {
  const { requests } = readResult(run);
  const rows = wholeRows(join(run.outFolder, run.runId, 'requests.csv'));
  const sum = Object.values(requests.outcomes).reduce((total, count) => total + count, 0);
  const distinct = new Set(rows.map(([seq]) => seq)).size;
  return [
    sum === rows.length ? null : `${sum} outcomes in the result, ${rows.length} rows`,
    distinct === rows.length ? null : `${rows.length - distinct} requests have two rows`,
  ].filter((trouble) => trouble !== null);
}

/** recover, analyze and report of a run whose harness is dead, each as a user calls it. */
export async function readBack(run: RunPlace): Promise<string[]> {
  const folder = join(run.outFolder, run.runId);
  const out = ['--out', run.outFolder];
  const recovered = await bench(['recover', run.runId, ...out]);
  if (!existsSync(join(folder, 'manifest.json'))) {
    // Killed before its first file: there is nothing to read, and that is said.
    return [
      ...manners('recover', recovered),
      ...(recovered.exitCode === 2 && /There is no run|holds no manifest\.json/.test(recovered.stderr)
        ? []
        : ['recover did not say so']),
    ];
  }
  const troubles = [...manners('recover', recovered), ...tableTroubles(run)];
  if (recovered.exitCode !== 0) {
    return [...troubles, `recover exited ${recovered.exitCode}: ${recovered.stderr}${recovered.stdout}`];
  }
  const analyzed = await bench(['analyze', run.runId, ...out]);
  const reported = await bench(['report', run.runId, ...out, '--reports', run.reportsFolder]);
  troubles.push(...manners('analyze', analyzed), ...manners('report', reported), ...conservationTroubles(run));
  if (![0, 1, 3].includes(analyzed.exitCode ?? -1)) {
    troubles.push(`analyze exited ${analyzed.exitCode}: ${analyzed.stderr}`);
  }
  if (reported.exitCode !== 0 || !existsSync(join(run.reportsFolder, `${run.runId}.html`))) {
    troubles.push(`report exited ${reported.exitCode}: ${reported.stderr}`);
  }
  if (existsSync(join(folder, 'SHA256SUMS'))) {
    const verified = await bench(['verify', run.runId, ...out]);
    troubles.push(...(verified.exitCode === 0 ? [] : [`verify exited ${verified.exitCode}: ${verified.stdout}`]));
  } else {
    troubles.push(...(await unsealedTroubles(run)));
  }
  return troubles;
}

/** Of a run whose harness was killed before its seal: what is left proves nothing, and says so. */
async function unsealedTroubles(run: RunPlace): Promise<string[]> {
  const { status, validity } = readResult(run);
  const verified = await bench(['verify', run.runId, '--out', run.outFolder]);
  return [
    // Killed between its end and its seal it was gathered whole.
    status === 'aborted' && validity.state === 'valid' ? 'a run that was cut calls itself valid' : null,
    verified.exitCode === 1 && verified.stdout.includes('The run is not sealed')
      ? null
      : `verify of an unsealed run exited ${verified.exitCode}: ${verified.stdout}`,
  ].filter((trouble) => trouble !== null);
}

/** Of a run that came to its end by itself: sealed, conserved, with good manners. */
export async function endTroubles(run: RunPlace, ended: Ended, exitCodes: readonly number[]): Promise<string[]> {
  const troubles = manners('run', ended);
  if (!exitCodes.includes(ended.exitCode ?? -1)) {
    return [...troubles, `run exited ${ended.exitCode}: ${ended.stderr.slice(-600)}`];
  }
  const verified = await bench(['verify', run.runId, '--out', run.outFolder]);
  return [
    ...troubles,
    ...(verified.exitCode === 0 ? [] : [`verify exited ${verified.exitCode}: ${verified.stdout}`]),
    ...conservationTroubles(run),
  ];
}

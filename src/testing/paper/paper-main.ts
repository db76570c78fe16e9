import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { formatDuration } from '../../base/units.ts';
import { readResult, runFolderAt } from '../../store/run-folder.ts';
import { canLimitMemory, isBuilt } from '../fault-runs/real-runs.ts';
import { incidents, type PaperLength, type PaperRun, paperRuns, partText } from './paper-runs.ts';
import { missingRow, type PaperRow, paperRow, paperTable } from './paper-table.ts';
import { readmeTable, withIncidents } from './readme-table.ts';
import { completeAll, type PaperOutcome, type PaperRunner, stateOf } from './resume.ts';

/** Starting, making the corpus, and analysing. */
const besidesMs = 300_000;
const hostMib = Math.floor(totalmem() / 1024 ** 2);

const tell = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

/** Its result is read from its folder, as it is of a run that was done before. */
async function execute({ runId, args, plannedMs }: PaperRun, out: string): Promise<string | null> {
  const places = ['--out', out, '--run-id', runId, '--reports', join(out, 'pages')];
  const { stderr } = await execa('node', [resolve('src', 'bench.js'), 'run', ...args, ...places, '--quiet'], {
    reject: false,
    stdout: 'ignore',
    timeout: 2 * plannedMs + besidesMs,
    // The harness ends its target and seals what it has.
    killSignal: 'SIGINT',
    env: { NO_COLOR: '1' },
  });
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return (await stateOf(join(out, runId))) === 'none' ? `it left nothing: ${said}` : null;
}

function refusalOf({ limitMib }: PaperRun, canLimit: boolean): string | null {
  if (limitMib === null) {
    return null;
  }
  if (limitMib > hostMib) {
    return `its limit is ${limitMib} MiB and this host has ${hostMib} MiB; --short needs less`;
  }
  return canLimit ? null : 'it needs a writable memory cgroup';
}

/** Both files are replaced after each run, so that what is there can be read while the rest goes on. */
function writeTable(
  outcomes: readonly PaperOutcome[],
  out: string,
  length: PaperLength,
): { rows: readonly PaperRow[]; table: string } {
  const rows = outcomes.map(({ run, why }) =>
    why === null ? paperRow(run, readResult(runFolderAt(join(out, run.runId)))) : missingRow(run, why),
  );
  const table = paperTable(rows, length);
  write(out, rows, table, length);
  return { rows, table };
}

function write(folder: string, rows: readonly PaperRow[], table: string, length: PaperLength): void {
  writeFileSync(join(folder, 'paper.md'), table);
  writeFileSync(join(folder, 'paper.json'), `${JSON.stringify({ length, rows }, null, 2)}\n`);
}

/** What the README shows, and in reports/ what it was made of. */
function publish({ rows, table }: { rows: readonly PaperRow[]; table: string }, length: PaperLength): void {
  write('reports', rows, table, length);
  writeFileSync('README.md', withIncidents(readFileSync('README.md', 'utf8'), readmeTable(rows)));
}

async function tellPlan(runs: readonly PaperRun[], out: string, canLimit: boolean): Promise<void> {
  let totalMs = 0;
  for (const run of runs) {
    const isDone = (await stateOf(join(out, run.runId))) === 'done';
    const refusal = isDone ? null : refusalOf(run, canLimit);
    totalMs += isDone || refusal !== null ? 0 : run.plannedMs;
    const size = run.part === 1 ? '' : `, inputs and limit ${partText(run.part)}`;
    const note = isDone ? 'done before' : (refusal ?? `at most ${formatDuration(run.plannedMs)}${size}`);
    tell(`${run.incident.padEnd(24)} ${run.runId.padEnd(36)} ${note}`);
  }
  tell(`At most ${formatDuration(totalMs)} in all, and some seconds a run to start and to analyse. Results in ${out}`);
}

const usage =
  'npm run paper -- [--incidents A,B] [--scale FACTOR | --short] [--out FOLDER] [--plan] [--publish]; --plan tells how long it takes and runs nothing.';

/** null: an option that there is not. */
function givenOptions() {
  try {
    return parseArgs({
      options: {
        incidents: { type: 'string', default: incidents.join(',') },
        scale: { type: 'string' },
        short: { type: 'boolean', default: false },
        out: { type: 'string', default: '.cache/paper' },
        plan: { type: 'boolean', default: false },
        publish: { type: 'boolean', default: false },
      },
    }).values;
  } catch {
    return null;
  }
}

/** Exit 1 if a run could not be made. */
async function main(): Promise<number> {
  const values = givenOptions();
  if (values === null) {
    tell(usage);
    return 2;
  }
  const named = values.incidents.split(',');
  const unknown = named.find((name) => !incidents.includes(name));
  const scale = Number(values.scale ?? 1);
  if (unknown !== undefined || !(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
    tell(`"${unknown ?? values.scale}" is no incident or no scale. Incidents: ${incidents.join(', ')}.`);
    return 2;
  }
  if (values.short && values.scale !== undefined) {
    tell('The short runs have one length. Leave out --scale or --short.');
    return 2;
  }
  if (!isBuilt) {
    tell('There is no build. Run npm run build.');
    return 2;
  }
  const length: PaperLength = values.short ? { kind: 'short' } : { kind: 'full', scale };
  const out = resolve(values.out);
  const runs = paperRuns(named, length, hostMib);
  const canLimit = await canLimitMemory();
  await tellPlan(runs, out, canLimit);
  if (values.plan) {
    return 0;
  }
  mkdirSync(out, { recursive: true });
  const runner: PaperRunner = {
    refusal: (run) => refusalOf(run, canLimit),
    execute: (run) => execute(run, out),
    tell,
  };
  const outcomes = await completeAll(runs, out, runner, (soFar) => writeTable(soFar, out, length));
  const made = writeTable(outcomes, out, length);
  process.stdout.write(made.table);
  if (values.publish) {
    publish(made, length);
  }
  return outcomes.every(({ why }) => why === null) ? 0 : 1;
}

process.exitCode = await main();

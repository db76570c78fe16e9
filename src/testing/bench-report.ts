import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../base/statistics.ts';
import { type LargeRun, writeLargeRun } from './bench-report/large-run.ts';
import { writeNights } from './bench-report/nights.ts';

const { values } = parseArgs({
  options: {
    // The run takes minutes to write: a folder that is kept is used again.
    keep: { type: 'string' },
    small: { type: 'boolean', default: false },
  },
});
const size: LargeRun = values.small
  ? { requests: 20_000, hours: 0.2, processes: 50 }
  : { requests: 1_000_000, hours: 8, processes: 50 };
const nights = values.small ? { nights: 60, profiles: 2 } : { nights: 1000, profiles: 10 };
const helpRuns = 10;

interface Row {
  subject: string;
  measured: number;
  bar: number;
  unit: string;
}

/** What a child printed as JSON on its last line. */
function child(script: string, args: readonly string[]): Readonly<Record<string, number>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${script} ended with ${status ?? 'a signal'}: ${stderr}`);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
}

function helpMs(): number {
  const bench = fileURLToPath(new URL('../../../src/bench.js', import.meta.url));
  const times = Array.from({ length: helpRuns }, () => {
    const startMs = performance.now();
    spawnSync(process.execPath, [bench, '--help']);
    return performance.now() - startMs;
  });
  return median(times) ?? Number.NaN;
}

function rowsOf(folder: string): readonly Row[] {
  const run = join(folder, values.small ? 'small' : 'whole');
  if (!existsSync(join(run, 'large'))) {
    process.stderr.write('a large run is being written\n');
    writeLargeRun(run, size);
  }
  process.stderr.write('analyze and render\n');
  const analyzed = child('./bench-report/analyze-main.js', [join(run, 'large')]);
  process.stderr.write('publish\n');
  const site = join(folder, 'site');
  writeNights(join(folder, 'nights'), nights);
  const published = child('./bench-report/publish-main.js', [join(folder, 'nights'), site]);
  const mebibytes = (bytes: number | undefined): number => (bytes ?? Number.NaN) / 1024 ** 2;
  return [
    { subject: 'analyze and render', measured: analyzed['seconds'] ?? Number.NaN, bar: 60, unit: 's' },
    { subject: 'of it on the processors', measured: analyzed['cpuSeconds'] ?? Number.NaN, bar: 60, unit: 's' },
    { subject: 'its peak memory', measured: mebibytes(analyzed['peakRssBytes']), bar: 400, unit: 'MiB' },
    { subject: 'its page', measured: mebibytes(analyzed['pageBytes']), bar: 1.5, unit: 'MiB' },
    { subject: 'bench --help', measured: helpMs(), bar: 150, unit: 'ms' },
    { subject: 'publish', measured: published['seconds'] ?? Number.NaN, bar: 30, unit: 's' },
    { subject: 'of it on the processors', measured: published['cpuSeconds'] ?? Number.NaN, bar: 30, unit: 's' },
  ];
}

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'headroom-bench-report-'));
const [loadBefore = 0] = loadavg();
try {
  const rows = rowsOf(folder);
  for (const { subject, measured, bar, unit } of rows) {
    const isKept = measured <= bar;
    process.stdout.write(
      `${isKept ? '✓' : '✕'} ${subject.padEnd(26)} ${measured.toFixed(1).padStart(8)} ${unit} (bar ${bar})\n`,
    );
  }
  process.stdout.write(`Node ${process.version}, load ${loadBefore.toFixed(1)} before\n`);
  process.exitCode = rows.every(({ measured, bar }) => measured <= bar) ? 0 : 1;
} finally {
  if (values.keep === undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
}

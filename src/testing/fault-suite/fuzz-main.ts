import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openScratch, sweep } from './scratch.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    runs: { type: 'string', default: '2000' },
    /** Only files whose path holds this. */
    only: { type: 'string', default: '' },
  },
});

interface Report {
  numTotalTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** Run by npm, so from the root of the repository. */
function propertyFiles(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && name.includes(values.only))
    .map((name) => join('src', name))
    .filter((path) => readFileSync(path, 'utf8').includes("from 'fast-check'"))
    .sort();
}

/** All property tests with one seed. Answers what failed, with the seed and path that fast-check printed. */
async function round(files: readonly string[], seed: number, reportPath: string): Promise<string[]> {
  const vitest = resolve('node_modules', 'vitest', 'vitest.mjs');
  const options = ['run', '--config', join('.config', 'vitest.fuzz.config.ts')];
  const child = spawn(
    process.execPath,
    [vitest, ...options, '--reporter=json', `--outputFile=${reportPath}`, ...files],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, FC_RUNS: values.runs, FC_SEED: String(seed) } },
  );
  await new Promise((onEnd) => {
    child.once('close', onEnd);
  });
  const { testResults } = JSON.parse(readFileSync(reportPath, 'utf8')) as Report;
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const texts = failed.map(({ fullName, failureMessages }) => `${name}: ${fullName}\n${failureMessages.join('\n')}`);
    return message !== '' && failed.length === 0 ? [`${name}: ${message}`] : texts;
  });
}

/** Runs every property test round after round, each with the next seed, for so many minutes. Exit 1 at a finding. */
async function main(): Promise<number> {
  const files = propertyFiles();
  const firstSeed = Number(values.seed ?? Date.now() % 1_000_000_000);
  process.stderr.write(
    sweep()
      .map((line) => `${line}\n`)
      .join(''),
  );
  const { folder, close } = openScratch();
  const startedMs = performance.now();
  const findings = new Set<string>();
  let rounds = 0;
  try {
    do {
      const found = await round(files, firstSeed + rounds, join(folder, 'report.json'));
      rounds += 1;
      process.stderr.write(`seed ${firstSeed + rounds - 1}: ${found.length} findings\n`);
      for (const finding of found) {
        findings.add(finding);
      }
    } while (performance.now() - startedMs < Number(values.minutes) * 60_000);
  } finally {
    close();
  }
  const minutes = (performance.now() - startedMs) / 60_000;
  process.stdout.write(
    `${files.length} files, ${rounds} rounds of ${values.runs} runs, seeds from ${firstSeed}, ${minutes.toFixed(1)} minutes: ${findings.size} findings\n`,
  );
  for (const finding of findings) {
    process.stdout.write(`\n${finding}\n`);
  }
  return findings.size === 0 ? 0 : 1;
}

process.exitCode = await main();

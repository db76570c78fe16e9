import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.ts';
import { openMemoryLimit } from '../phases/memory-limit.ts';
import { faults } from '../reference-server/faults/index.ts';
import { missesOf, variantsOf } from './fault-world/variants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bench = join(root, 'src', 'bench.js');
const isBuilt = existsSync(join(root, 'dist', 'cli', 'main.js'));
const mib = 1024 ** 2;

async function canLimitMemory(): Promise<boolean> {
  try {
    const limit = await openMemoryLimit(704 * mib, `headroom-can-${process.pid}`);
    await limit.release();
    return true;
  } catch {
    return false;
  }
}

/** Short runs against the real server: the row of the fault that they are held against, and what scales them down. */
interface RealRun {
  fault: string;
  fixes: readonly string[];
  /** Of the expectation; `isLimited` false: it is so wide that it is not needed. */
  memoryLimitMib: number | null;
  isLimited: boolean;
  args: readonly string[];
}

const neighbour = ['--knob', 'predict-s=1', '--knob', 'need-mib=9000'];
const real = (fault: string, memoryLimitMib: number | null, isLimited: boolean, args: readonly string[]): RealRun[] =>
  [[], ['fixed']].map((fixes) => ({ fault, fixes, memoryLimitMib, isLimited, args }));
const runs: readonly RealRun[] = [
  ...real('unbounded-concurrency', 704, true, []),
  ...real('double-load', 4096, false, []),
  // A few images make a smaller arena than the storm of the profile, so the neighbour needs more.
  ...real('neighbour-starve', null, false, neighbour),
];

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-faults-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function resultOf({ fault, fixes, memoryLimitMib, isLimited, args }: RealRun): Promise<RunResult> {
  const runId = [fault, ...fixes].join('-');
  rmSync(join(scratch, runId), { recursive: true, force: true });
  const profile = join(root, 'src', 'testing', 'fault-runs', `${fault}.yaml`);
  const limit = isLimited ? ['--memory-limit', `${memoryLimitMib}MiB`] : [];
  const places = ['--out', scratch, '--run-id', runId, '--no-report', '--quiet'];
  const target = [
    '--target',
    ['reference:'.concat(fault), ...fixes].join('+'),
    '--device',
    'virtual',
    '--guard',
    'off',
  ];
  await execa('node', [bench, 'run', profile, ...target, ...places, ...limit, ...args], {
    reject: false,
    timeout: 80_000,
    env: { NO_COLOR: '1' },
  });
  return JSON.parse(readFileSync(join(scratch, runId, 'result.json'), 'utf8')) as RunResult;
}

const limitsMemory = isBuilt && (await canLimitMemory());

// One after the other, since each is about memory that all share; a busy machine gets a second try.
describe.skipIf(!isBuilt || process.platform !== 'linux')('a fault on the real server (needs Linux and dist/)', () => {
  for (const run of runs) {
    const variant = variantsOf(faults.find(({ id }) => id === run.fault) ?? never(run.fault)).find(
      ({ expectation, name }) =>
        expectation.memoryLimitMib === run.memoryLimitMib && (name === 'faulty') === (run.fixes.length === 0),
    );
    const title = `${run.fault} ${run.fixes.length === 0 ? 'faulty' : 'fixed'} shows what its data expect`;
    const isSkipped = run.isLimited && !limitsMemory;
    it.skipIf(isSkipped)(
      isSkipped ? `${title} (needs a writable memory cgroup)` : title,
      { timeout: 90_000, retry: 1 },
      async () => {
        const { findings, runtimeErrors } = await resultOf(run);
        expect(runtimeErrors).toEqual([]);
        expect(missesOf(findings, variant?.expected === 'refuses' ? {} : (variant?.expected ?? {}))).toEqual([]);
      },
    );
  }
});

function never(fault: string): never {
  throw new Error(`there is no fault ${fault}`);
}

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { ExpectedVerdicts } from '../../model/fault.ts';
import type { RunResult } from '../../model/result.ts';
import { openMemoryLimit } from '../../phases/launch/memory-limit.ts';
import { faults } from '../../reference-server/faults/index.ts';
import { free } from '../../reference-server/free-verdicts.ts';
import { type Miss, missesOf, type Variant, variantsOf } from '../fault-world/variants.ts';

const mib = 1024 ** 2;
const runLimitMs = 120_000;
/** Run by npm, so from the root of the repository. */
const folder = resolve('src', 'testing', 'fault-runs');
const bench = resolve('src', 'bench.js');

export const isBuilt = existsSync(resolve('dist', 'cli', 'main.js'));

/** A short run against the real server, and the row of its fault that it is held against. */
export interface RealRun {
  fault: string;
  /** Whose incident it is. */
  incident: string;
  isFaulty: boolean;
  /** Which of the expectations of the fault. */
  memoryLimitMib: number | null;
  /** The real limit; null: none is set. */
  limitMib: number | null;
  args: readonly string[];
  /** What a short run may show otherwise, or not at all. */
  leeway: ExpectedVerdicts;
}

type Pair = Omit<RealRun, 'isFaulty' | 'leeway'> & { leeway?: ExpectedVerdicts; leewayFixed?: ExpectedVerdicts };

const pairs: readonly Pair[] = [
  {
    fault: 'requeue-spin',
    incident: 'hotcold-stt',
    memoryLimitMib: null,
    limitMib: null,
    args: ['--knob', 'worker-mib=16', '--knob', 'cold-start-s=2', '--knob', 'stagger-s=20'],
    // A front that shares its core with other work is not seen with a whole one.
    leeway: { 'event-loop-stall': ['fail', 'ok'] },
    // Its clips may still be worked on when the run ends.
    leewayFixed: { 'growth-without-load': ['ok', 'not-applicable'] },
  },
  {
    fault: 'unbounded-concurrency',
    incident: 'code-sandbox',
    memoryLimitMib: 704,
    limitMib: 704,
    args: [],
    // Four at once against one place: who asks again at once is refused, far more often than answered.
    leewayFixed: { 'concurrency-amplification': free },
  },
  {
    fault: 'neighbour-starve',
    incident: 'shared-gpu-model-cache',
    memoryLimitMib: null,
    limitMib: null,
    // A few images make a smaller arena than the storm of the profile, so the neighbour needs more.
    args: ['--knob', 'predict-s=1', '--knob', 'need-mib=9000'],
  },
  {
    fault: 'double-load',
    incident: 'lazy-weights-server',
    memoryLimitMib: 4096,
    limitMib: 4096,
    args: [],
  },
  {
    fault: 'prefetch-shm',
    incident: 'image-ingest-worker',
    memoryLimitMib: 94_000,
    // Above the 1.5 GiB that it takes, so that the plateau shows; a tenth of it is not left.
    limitMib: 1600,
    args: ['--knob', 'loaders=2', '--knob', 'infer-s=3', '--corpus', join(folder, 'small-photos.yaml')],
    // The short lease of a short run ends before the queue is worked off.
    leeway: { 'unanswered-tasks': free, 'memory-stall': free },
    leewayFixed: { 'unanswered-tasks': free },
  },
];

export const realRuns: readonly RealRun[] = pairs.flatMap(({ leeway = {}, leewayFixed = {}, ...run }) => [
  { ...run, isFaulty: true, leeway },
  { ...run, isFaulty: false, leeway: leewayFixed },
]);

function variantOf({ fault, isFaulty, memoryLimitMib }: RealRun): Variant {
  const variants = faults.filter(({ id }) => id === fault).flatMap(variantsOf);
  const found = variants.find(
    ({ expectation, name }) => expectation.memoryLimitMib === memoryLimitMib && (name === 'faulty') === isFaulty,
  );
  if (found === undefined) {
    throw new Error(`the fault ${fault} expects nothing at ${memoryLimitMib} MiB`);
  }
  return found;
}

/** Whether a group with a limit of its own can be made here. */
export async function canLimitMemory(): Promise<boolean> {
  try {
    const limit = await openMemoryLimit(704 * mib, `headroom-can-${process.pid}`);
    await limit.release();
    return true;
  } catch {
    return false;
  }
}

export const nameOf = ({ fault, isFaulty }: RealRun): string => `${fault}-${isFaulty ? 'faulty' : 'fixed'}`;

/** `bench run` with the short profile of the fault; `pages` null: no page. */
export async function resultOf(run: RealRun, out: string, pages: string | null): Promise<RunResult> {
  const runId = nameOf(run);
  rmSync(join(out, runId), { recursive: true, force: true });
  const { expectation } = variantOf(run);
  const target = `reference:${run.fault}${run.isFaulty ? '' : '+fixed'}`;
  const vram = expectation.deviceMib === undefined ? [] : ['--vram', `${expectation.deviceMib}MiB`];
  const limit = run.limitMib === null ? [] : ['--memory-limit', `${run.limitMib}MiB`];
  const places = ['--out', out, '--run-id', runId, ...(pages === null ? ['--no-report'] : ['--reports', pages])];
  const args = ['--target', target, '--device', 'virtual', '--guard', 'off', '--quiet', ...vram, ...limit, ...places];
  const { stderr } = await execa('node', [bench, 'run', join(folder, `${run.fault}.yaml`), ...args, ...run.args], {
    reject: false,
    timeout: runLimitMs,
    env: { NO_COLOR: '1' },
  });
  const path = join(out, runId, 'result.json');
  if (!existsSync(path)) {
    throw new Error(`${runId} left no result: ${stderr}`);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as RunResult;
}

/** On a busy host a short run has too few readings for some of what shows nothing. */
function orUnknown(expected: ExpectedVerdicts): ExpectedVerdicts {
  const entries = Object.entries(expected).map(([detector, verdicts]) => {
    const all = [verdicts].flat();
    return [detector, all.includes('ok') ? [...all, 'inconclusive' as const] : all] as const;
  });
  return Object.fromEntries(entries);
}

/** What the run shows that is not as the data of its fault expect. */
export function missesOfRun(run: RealRun, { findings }: RunResult): readonly Miss[] {
  const { expected } = variantOf(run);
  return missesOf(findings, orUnknown({ ...(expected === 'refuses' ? {} : expected), ...run.leeway }));
}

import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../model/manifest.ts';
import { schemaVersion } from '../../model/result.ts';
import { runFolderAt, writeManifest } from '../../store/run-folder.ts';
import { seal } from '../../store/seal.ts';
import { sampleResult } from '../sample-result.ts';
import { incidents, type PaperRun, paperRuns } from './paper-runs.ts';
import { missingRow, paperRow, paperTable } from './paper-table.ts';
import { completeAll, type PaperOutcome, type PaperRunner, type RunState, stateOf } from './resume.ts';

const hostMib = 128_000;
const full = { kind: 'full', scale: 1 } as const;
let out: string;

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'paper-'));
});
afterEach(() => {
  rmSync(out, { recursive: true, force: true });
});

async function leave(
  runId: string,
  status: Manifest['status'],
  isSealed: boolean,
  { pid = 0, state = 'valid' }: { pid?: number; state?: 'valid' | 'invalid' } = {},
): Promise<void> {
  const path = join(out, runId);
  mkdirSync(path, { recursive: true });
  const folder = runFolderAt(path);
  writeManifest(folder, { schemaVersion, status, pid } as Manifest);
  writeFileSync(folder.result, JSON.stringify({ ...sampleResult(), validity: { state, reasons: [] } }));
  if (isSealed) {
    await seal(folder);
  }
}

/** Whose runs come to their end, or stop where the harness is killed. */
function fakeRunner(more: Partial<PaperRunner> = {}): PaperRunner & { executed: string[]; told: string[] } {
  const executed: string[] = [];
  const told: string[] = [];
  return {
    executed,
    told,
    refusal: () => null,
    execute: async ({ runId }) => {
      executed.push(runId);
      await leave(runId, 'completed', true);
      return null;
    },
    tell: (sentence) => told.push(sentence),
    ...more,
  };
}

const complete = (runs: readonly PaperRun[], runner: PaperRunner): Promise<readonly PaperOutcome[]> =>
  completeAll(runs, out, runner, () => undefined);
const idsOf = (runs: readonly PaperRun[]): readonly string[] => runs.map(({ runId }) => runId);

describe('the runs of the table', () => {
  it('are each incident, faulty and fixed, under the limit and on the profile of its fault', () => {
    const runs = paperRuns(incidents, full, hostMib);
    expect(idsOf(runs)).toHaveLength(10);
    expect(new Set(idsOf(runs)).size).toBe(10);
    expect(runs[2]).toMatchObject({ incident: 'code-sandbox', profile: 'execute-concurrency', limitMib: 704 });
    expect(runs[4]?.args).toContain('need-mib=9800');
  });

  it('say before they begin how long they take, by the scale', () => {
    const [whole] = paperRuns(['code-sandbox'], full, hostMib);
    const [tenth] = paperRuns(['code-sandbox'], { kind: 'full', scale: 0.1 }, hostMib);
    expect(whole?.plannedMs).toBe(500_000);
    expect(tenth?.plannedMs).toBe(50_000);
    expect(tenth?.args.slice(-2)).toEqual(['--scale', '0.1']);
  });

  it('have other ids at another length, so that none is taken for another', () => {
    const lengths = [full, { kind: 'full', scale: 0.1 }, { kind: 'short' }] as const;
    expect(new Set(lengths.flatMap((length) => idsOf(paperRuns(incidents, length, hostMib)))).size).toBe(30);
  });
});

describe('a run that needs more memory than the host has', () => {
  const last = (mib: number): PaperRun | undefined => paperRuns(['image-ingest-worker'], full, mib)[0];

  it('is made with a sixth of the pixels under a sixth of the limit, and says so', () => {
    const run = last(24_000);
    expect(run).toMatchObject({ part: 1 / 6, limitMib: 15_667, runId: 'prefetch-shm-faulty-x1-1-of-6' });
    expect(run?.args.join(' ')).toMatch(/--memory-limit 15667MiB --corpus .*sixth-photos\.yaml$/);
    expect(run?.plannedMs).toBe(last(hostMib)?.plannedMs);
    const row = run === undefined ? null : missingRow(run, null);
    expect(row?.reported).toBe('57.38 GiB, here 9.56 GiB');
    expect(row === null ? '' : paperTable([row], full)).toContain('smaller by that: image-ingest-worker (1-of-6)');
  });

  it('is whole where the host has it', () => {
    expect(last(hostMib)).toMatchObject({ part: 1, limitMib: 94_000, runId: 'prefetch-shm-faulty-x1' });
  });
});

describe('the state of a run', () => {
  it.each<[RunState, Manifest['status'], boolean, string]>([
    ['done', 'completed', true, 'it came to its end'],
    ['done', 'stopped', true, 'its target died, which is what is measured'],
    ['cut', 'completed', false, 'it was killed before its seal'],
    ['cut', 'aborted', true, 'a signal ended it'],
    ['cut', 'failed', true, 'the harness failed'],
    ['cut', 'running', false, 'its harness is gone'],
  ])('is %s if it is %s and sealed is %s: %s', async (state, status, isSealed) => {
    // No process has a number above the kernel's highest, 2^22.
    await leave('run', status, isSealed, { pid: 2 ** 22 + 1 });
    expect(await stateOf(join(out, 'run'))).toBe(state);
  });

  it('is running while its harness lives', async () => {
    await leave('run', 'running', false, { pid: process.pid });
    expect(await stateOf(join(out, 'run'))).toBe('running');
  });

  it('is cut if a file has changed since the seal, or if there is no manifest', async () => {
    await leave('run', 'completed', true);
    appendFileSync(join(out, 'run', 'manifest.json'), '\n');
    mkdirSync(join(out, 'bare'));
    expect(await stateOf(join(out, 'run'))).toBe('cut');
    expect(await stateOf(join(out, 'bare'))).toBe('cut');
    expect(await stateOf(join(out, 'never'))).toBe('none');
  });
});

describe('resuming', () => {
  const runs = paperRuns(['hotcold-stt', 'code-sandbox'], full, hostMib);

  it('does no run again that is done', async () => {
    await complete(runs, fakeRunner());
    const second = fakeRunner();
    expect((await complete(runs, second)).map(({ why }) => why)).toEqual([null, null, null, null]);
    expect(second.executed).toEqual([]);
  });

  it('makes an invalid run again, and keeps what that one left', async () => {
    const id = runs[0]?.runId ?? '';
    await leave(id, 'completed', true, { state: 'invalid' });
    expect(await stateOf(join(out, id))).toBe('invalid');
    const runner = fakeRunner();
    await complete(runs.slice(0, 1), runner);
    expect(runner.executed).toEqual([id]);
    expect(readdirSync(out)).toContain(`${id}.invalid-1`);
    expect(await stateOf(join(out, id))).toBe('done');
  });

  it('goes on after a kill with the run that was killed, and keeps what that one left', async () => {
    const killed = fakeRunner();
    killed.execute = async ({ runId }) => {
      await leave(runId, runId === runs[1]?.runId ? 'running' : 'completed', runId !== runs[1]?.runId, {
        pid: 2 ** 22 + 1,
      });
      if (runId === runs[1]?.runId) {
        throw new Error('killed');
      }
      return null;
    };
    await expect(complete(runs, killed)).rejects.toThrow('killed');
    const second = fakeRunner();
    await complete(runs, second);
    expect(second.executed).toEqual(idsOf(runs).slice(1));
    expect(readdirSync(out)).toContain(`${runs[1]?.runId}.cut-1`);
  });

  it('says of a run that this host cannot make why, and makes the others', async () => {
    const runner = fakeRunner({ refusal: ({ limitMib }) => (limitMib === null ? null : 'too small') });
    expect((await complete(runs, runner)).map(({ why }) => why)).toEqual([null, null, 'too small', 'too small']);
    expect(existsSync(join(out, runs[2]?.runId ?? ''))).toBe(false);
  });

  it('says of a run that left nothing why, and goes on', async () => {
    const runner = fakeRunner({ execute: async () => 'it left nothing: no build' });
    expect((await complete(runs.slice(0, 2), runner)).map(({ why }) => why)).toEqual(
      Array(2).fill('it left nothing: no build'),
    );
  });

  it('does not touch a run at which another harness is', async () => {
    await leave(runs[0]?.runId ?? '', 'running', false, { pid: process.pid });
    const runner = fakeRunner();
    expect((await complete(runs, runner))[0]?.why).toContain('another harness');
    expect(runner.executed).not.toContain(runs[0]?.runId);
  });
});

describe('the table', () => {
  const [run] = paperRuns(['hotcold-stt'], full, hostMib);
  const result = sampleResult();
  const rowOf = (over: Partial<typeof result>): string => {
    if (run === undefined) {
      throw new Error('no run');
    }
    return paperTable([paperRow(run, { ...result, ...over })], full);
  };
  const finding = (detector: string, startedMs: number | null, value: number | null) => ({
    ...(result.findings[0] as (typeof result.findings)[number]),
    detector,
    verdict: 'fail' as const,
    startedMs,
    value,
  });

  it('shows the number of the incident beside that of the run, and which finding failed how long before the kill', () => {
    const findings = [
      finding('oom-kill', 95_000, 1),
      finding('growth-without-load', 83_000, 21 * 1024 ** 2),
      finding('low-headroom', null, 1),
    ];
    const table = rowOf({ findings, verdict: 'fail' });
    expect(table).toContain('| growth with no load | ~20 MiB/s | 21.0 MiB/s | fail');
    expect(table).toContain('`growth-without-load` at 1:23, 12.0 s before the first kill at 1:35');
    expect(table).toContain(`\`${result.runId}\``);
  });

  it.each<[{ predictedAtMs: number } | null, string, string]>([
    [{ predictedAtMs: 120_000 }, '37.0 s before the predicted kill at 2:00', 'no kill was seen'],
    [{ predictedAtMs: 80_000 }, '3.0 s after the predicted kill at 1:20', 'it began later'],
    [null, 'no kill seen or predicted', 'nothing was to be projected'],
  ])('of %j says "%s": %s', (prediction, expected) => {
    const findings = [finding('growth-without-load', 83_000, 1)];
    expect(rowOf({ findings, prediction: prediction as typeof result.prediction })).toContain(expected);
  });

  it('writes no 0 where there is no number', () => {
    const table = rowOf({ findings: [{ ...finding('growth-without-load', null, null), verdict: 'not-applicable' }] });
    expect(table).toContain('no number: growth-without-load is not-applicable');
  });

  it('names its scale in the header, and says of an invalid run why it does not count', () => {
    const validity = { state: 'invalid', reasons: ['The harness was late.'] } as const;
    expect(rowOf({ validity })).toContain(`\`${result.runId}\` is INVALID, so its numbers do not count: The harness`);
    expect(paperTable([], { kind: 'full', scale: 0.1 })).toMatch(/\(x0\.1\)\n\nScale 0\.1: every duration/);
    expect(paperTable([], { kind: 'short' })).toContain('npm run paper -- --short');
  });

  it('says why a run was not made', () => {
    expect(run === undefined ? '' : paperTable([missingRow(run, 'too small | here')], full)).toContain(
      'not measured: too small \\| here',
    );
  });
});

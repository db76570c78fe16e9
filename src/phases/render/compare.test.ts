import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedProfile } from '../../model/profile.ts';
import type { RunResult } from '../../model/result.ts';
import { metricRows } from '../../sections/compare/metrics.ts';
import { comparisonSections } from '../../sections/compare/sections.ts';
import { comparisonHeadline } from '../../sections/compare/side-by-side.ts';
import { writeResult } from '../../store/run-folder.ts';
import { profile } from '../../testing/build.ts';
import { shippedConstants } from '../../testing/gate-nights.ts';
import { removeScratch, scratchFolder, writeRun } from '../../testing/run-folder.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { compareRuns, runsOf } from './compare.ts';
import { renderPage } from './render.ts';

let scratch: string;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(removeScratch);

/** The sample without its guard stop and its kill, which cap a peak. */
const goesOn = (): RunResult => {
  const { events, ...result } = sampleResult();
  return { ...result, guard: null, events: events.filter(({ kind }) => kind !== 'oom_kill') };
};

function keep(
  runId: string,
  change: Partial<RunResult> = {},
  sessionId = runId,
  profileOver: Partial<ResolvedProfile> = {},
): RunResult {
  const session = { id: sessionId, repeat: 1, of: 1, purpose: 'manual' } as const;
  const result = { ...goesOn(), ...change, runId, session };
  writeResult(writeRun(scratch, { runId, manifest: { session, profile: profile(profileOver) } }), result);
  return result;
}

const compare = (names: readonly string[], isForced = false): ReturnType<typeof compareRuns> =>
  compareRuns({ names, outFolder: scratch, project: null, isForced, constants: shippedConstants() });

async function pageOf(names: readonly string[], isForced = false): Promise<string> {
  const { comparison } = compare(names, isForced);
  return renderPage(runsOf(comparison), comparisonSections(comparison));
}

const stopped = (stoppedAtMs: number): RunResult['guard'] => ({ stoppedAtMs, reason: 'memory' });

function heldBefore(mebibytes: number): Pick<RunResult, 'memory'> {
  return { memory: { ...goesOn().memory, baselineBytes: mebibytes * 1024 ** 2 } };
}

const larger = (times: number): Pick<RunResult, 'memory'> => {
  const { memory } = goesOn();
  return { memory: { ...memory, peakBytes: (memory.peakBytes ?? 0) * times } };
};

describe('a comparison', () => {
  it('of equal runs finds no difference, and judges a larger peak by the threshold of the gate', async () => {
    keep('a');
    keep('b', larger(1.5));
    expect(compare(['a', 'b']).refusals).toEqual([]);
    const page = await pageOf(['a', 'b']);
    expect(page).toContain('agree in every field that is compared');
    expect(page).toMatch(/peak-memory.*\+50 %.*✕ beyond/);
    expect(page).not.toContain('<script');
  });

  it.each([
    {
      why: 'both were stopped',
      before: { guard: stopped(41_800) },
      now: { guard: stopped(27_300), ...heldBefore(942) },
      text: 'The guard stopped the load after 27.3 s instead of 41.8 s; before it the target held 942 MiB instead of 31.8 MiB.',
    },
    {
      why: 'the candidate alone was stopped',
      before: {},
      now: { guard: stopped(27_300) },
      text: 'The guard stopped the load after 27.3 s; that of the baseline ran to its end.',
    },
    {
      why: 'the baseline alone was killed',
      before: { events: [{ tMs: 5000, kind: 'oom_kill', subject: 'server#1', detail: '' }] },
      now: {},
      text: 'The load ran to its end; in the baseline the kernel killed the target after 5.0 s.',
    },
    {
      why: 'another kill came first',
      before: { guard: stopped(41_800) },
      now: { events: [{ tMs: 5000, kind: 'oom_kill', subject: 'server#1', detail: '' }], guard: stopped(6000) },
      text: 'The kernel killed the target after 5.0 s; in the baseline the guard stopped the load after 41.8 s.',
    },
    {
      why: 'a kill elsewhere on the host ends no load',
      before: {},
      now: { events: [{ tMs: 5000, kind: 'oom_kill', subject: 'host', detail: '' }] },
      text: '(0 %).',
    },
  ] satisfies { before: Partial<RunResult>; now: Partial<RunResult>; [key: string]: unknown }[])(
    'speaks of the stop first, and judges no peak that one capped: $why',
    ({ before, now, text }) => {
      keep('a', { ...heldBefore(31.8), ...before });
      keep('b', { ...heldBefore(31.8), ...now });
      const { comparison } = compare(['a', 'b']);
      expect(comparisonHeadline(comparison)).toContain(text);
      const rows = metricRows(comparison, comparison.candidates[0]);
      const peak = rows.find(({ metric }) => metric === 'peak-memory');
      expect(peak?.judgement.startsWith('not judged: capped by the ')).toBe(text !== '(0 %).');
    },
  );

  it.each([
    { why: 'both were alike', over: {}, judgement: '✓ better' },
    { why: 'one stage took half the time', over: { endMs: 60_000 }, judgement: 'not judged: unequal spans' },
    {
      why: 'another rate was offered',
      over: { offeredPerSecond: 9 },
      judgement: 'not judged: another rate was offered',
    },
    {
      why: 'fewer were answered',
      over: { planned: 900 },
      judgement: 'not judged: another share was answered',
    },
  ])('calls no latency better unless the loads were: $why', ({ over: { planned, ...over }, judgement }) => {
    const { stages } = goesOn();
    keep('a');
    keep('b', {
      stages: stages.map((stage) => ({
        ...stage,
        ...(stage.name === 'hold' ? over : {}),
        requests: {
          ...stage.requests,
          planned: planned !== undefined && stage.name === 'hold' ? planned : stage.requests.planned,
          latencyMs: { p50: 10, p95: 20, p99: 30, max: 40 },
        },
      })),
    });
    const { comparison } = compare(['a', 'b']);
    const rows = metricRows(comparison, comparison.candidates[0]);
    expect(rows.find(({ metric, stage }) => metric === 'p95-latency' && stage === 'hold')?.judgement).toBe(judgement);
  });

  it('says how near its limit a peak is that moved little', () => {
    const { memory } = goesOn();
    keep('a', { memory: { ...memory, limitBytes: memory.peakBytes } });
    keep('b', { memory: { ...memory, limitBytes: memory.peakBytes } });
    const { comparison } = compare(['a', 'b']);
    const [peak] = metricRows(comparison, comparison.candidates[0]).filter(({ metric }) => metric === 'peak-memory');
    expect(peak?.judgement).toBe('✓ within, at 100 % of the limit');
  });

  it('gives the same bytes twice', async () => {
    keep('a');
    keep('b', larger(1.1));
    expect(await pageOf(['a', 'b'])).toBe(await pageOf(['a', 'b']));
  });

  it('says which fields forbid it, and shows the numbers with a warning when forced', async () => {
    keep('a');
    keep('b', { corpus: { ...sampleResult().corpus, digest: 'other' } });
    expect(compare(['a', 'b']).refusals).toMatchObject([
      { side: 'candidate', class: 'must', field: 'corpus digest', candidate: 'other' },
    ]);
    const page = await pageOf(['a', 'b'], true);
    expect(page).toContain('<b>Not comparable.</b>');
    expect(page).toContain('not judged: not comparable');
    expect(page).not.toMatch(/✓ within|✓ better|✕ beyond/);
  });

  it('tells what differs between two profiles instead of their hashes', () => {
    keep('a');
    keep('b', { profile: { ...goesOn().profile, hash: 'f'.repeat(64) } }, 'b', { name: 'other' });
    const { comparison, refusals } = compare(['a', 'b']);
    expect(refusals).toMatchObject([{ field: 'profile hash', candidate: 'f'.repeat(64) }]);
    expect(comparison.candidates[0].inWords).toMatchObject([{ field: 'profile', candidate: 'other' }]);
  });

  it('takes all runs of a session by its id, and compares medians', () => {
    keep('a');
    for (const [index, times] of [1, 2, 3].entries()) {
      keep(`b${index}`, larger(times), 'night');
    }
    const [candidate] = compare(['a', 'night']).comparison.candidates;
    expect(candidate.runs).toHaveLength(3);
    const peak = candidate.metrics.find(({ id }) => id === 'peak-memory');
    expect(peak?.median).toBe((sampleResult().memory.peakBytes ?? 0) * 2);
  });

  it('tells findings that are new, gone and the same', async () => {
    const { findings } = sampleResult();
    const loud = findings.filter(({ verdict }) => verdict === 'fail');
    keep('a', { findings: loud.slice(0, 1) });
    keep('b', { findings: loud.slice(1) });
    const page = await pageOf(['a', 'b']);
    expect(page).toMatch(/>gone<.*not asked/);
  });

  it.each([
    { why: 'no such run', names: ['a', 'none'], message: 'There is no run "none"' },
    { why: 'a base alone', names: ['a'], message: 'at least one candidate' },
  ])('refuses in one sentence: $why', ({ names, message }) => {
    keep('a');
    expect(() => compare(names)).toThrow(message);
  });
});

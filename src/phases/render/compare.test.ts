import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../model/result.ts';
import { comparisonSections } from '../../sections/compare/sections.ts';
import { writeResult } from '../../store/run-folder.ts';
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

function keep(runId: string, change: Partial<RunResult> = {}, sessionId = runId): RunResult {
  const session = { id: sessionId, repeat: 1, of: 1, purpose: 'manual' } as const;
  const result = { ...sampleResult(), ...change, runId, session };
  writeResult(writeRun(scratch, { runId, manifest: { session } }), result);
  return result;
}

const compare = (names: readonly string[], isForced = false): ReturnType<typeof compareRuns> =>
  compareRuns({ names, outFolder: scratch, project: null, isForced, constants: shippedConstants() });

async function pageOf(names: readonly string[], isForced = false): Promise<string> {
  const { comparison } = compare(names, isForced);
  return renderPage(runsOf(comparison), comparisonSections(comparison));
}

const larger = (times: number): Pick<RunResult, 'memory'> => {
  const { memory } = sampleResult();
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
    expect(await pageOf(['a', 'b'], true)).toContain('<b>Not comparable.</b>');
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

import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.ts';
import { emptyResult, summaryOf } from '../testing/empty-result.ts';
import { sampleCapacity } from '../testing/sample-curves.ts';
import { printSummary } from './summary.ts';

function linesOf(over: Partial<RunResult>): readonly string[] {
  const lines: string[] = [];
  const terminal = {
    out: (text: string) => void lines.push(text),
    err: () => undefined,
    isLive: false,
    draw: () => undefined,
    columns: 80,
    color: pc.createColors(false),
  };
  printSummary({ ...emptyResult(), ...over }, null, terminal);
  return lines;
}

const stageOf = (requests: RunResult['requests']): RunResult['stages'][number] => ({
  name: 'steady',
  kind: 'load',
  startMs: 0,
  endMs: 1000,
  offeredPerSecond: null,
  achievedPerSecond: null,
  loadModel: null,
  rates: [],
  requests,
  memory: { peakBytes: null, endBytes: null, peakHolder: null },
});

describe('the last lines of a run', () => {
  it('say of an invalid run that it counts for nothing, and what to do', () => {
    const [first, second] = linesOf({ command: 'bench run smoke' });
    expect(first).toBe('verdict inconclusive, INVALID run: the target was not observed, status aborted');
    expect(second).toBe('The findings of an invalid run count for nothing (exit 3). Measure again: `bench run smoke`');
  });

  it('give the answer of a capacity search first, and the command that explains it last', () => {
    const lines = linesOf({
      validity: { state: 'valid', reasons: [] },
      memory: { ...emptyResult().memory, limitBytes: 600 * 1024 ** 2 },
      search: {
        kneeVus: null,
        lastGoodVus: 12,
        firstBrokenVus: 16,
        confirmedVus: 12,
        why: '16 at once: too much',
        steps: [],
      },
      capacity: sampleCapacity,
    });
    expect(lines[0]).toBe(
      'answer 12 at once are safe under 600 MiB; they held again, with memory no higher; 16 at once: too much',
    );
    expect(lines.at(-1)).toBe(`next bench capacity ${emptyResult().runId} --limit 600MiB`);
  });

  it.each([
    {
      why: 'more than half were refused',
      counts: { ok: 4, http_error: 6 },
      says: 'stage steady: 6 of 10 requests were answered with an HTTP error: 5 http_422, 1 queue_full',
    },
    { why: 'half were refused', counts: { ok: 5, http_error: 5 }, says: undefined },
    { why: 'nothing was planned', counts: {}, says: undefined },
  ])('name the codes of a stage if $why', ({ counts, says }) => {
    const requests = { ...summaryOf(counts), errors: { queue_full: 1, http_422: 5 } };
    expect(linesOf({ stages: [stageOf(requests)] }).find((line) => line.startsWith('stage '))).toBe(says);
  });
});

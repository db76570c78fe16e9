import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../model/artifacts.ts';
import type { Observation } from '../model/detector.ts';
import type { RunResult } from '../model/result.ts';
import type { SearchResult } from '../model/search.ts';
import { event, mib } from '../testing/build.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { searchAnswer } from './search-answer.ts';
import { asAnswerOfSearch } from './search-bound.ts';

const found: SearchResult = {
  kneeVus: null,
  lastGoodVus: 12,
  firstBrokenVus: 16,
  why: '16 at once: memory is at 99 % of 600 MiB',
  steps: [],
};
const result: RunResult = {
  ...emptyResult(),
  validity: { state: 'valid', reasons: [] },
  memory: { ...emptyResult().memory, limitBytes: 600 * mib },
  search: found,
};

describe('the answer of a capacity search', () => {
  it.each([
    {
      why: 'the bound was found',
      over: {},
      says: '12 at once are safe under 600 MiB; 16 at once: memory is at 99 % of 600 MiB',
    },
    {
      why: 'no limit is known',
      over: { memory: emptyResult().memory },
      says: '12 at once are safe; 16 at once: memory is at 99 % of 600 MiB',
    },
    {
      why: 'nothing was safe',
      over: { search: { ...found, lastGoodVus: null } },
      says: 'no step kept its bounds under 600 MiB, and fewer than 16 at once were not tried; 16 at once: memory is at 99 % of 600 MiB',
    },
    { why: 'no step ended', over: { search: { ...found, lastGoodVus: null, firstBrokenVus: null } }, says: null },
    { why: 'the run is invalid', over: { validity: emptyResult().validity }, says: null },
    { why: 'the profile has no search', over: { search: null }, says: null },
  ])('is, where $why: $says', ({ over, says }) => {
    expect(searchAnswer({ ...result, ...over })).toBe(says);
  });
});

describe('the bound that a search climbs to', () => {
  const step = event(1000, 'search_step', { subject: 'step-3', detail: 'vus=16 plan=aa' });
  const seen = (stage: string | null, startedMs: number): Observation => ({
    verdict: 'fail',
    summary: 'Memory reached 596 MiB of 600 MiB.',
    value: 0.99,
    threshold: 0.9,
    stage,
    startedMs,
  });

  it.each<{
    why: string;
    detector: string;
    stage: string | null;
    startedMs?: number;
    events: RunEvent[];
    verdict: string;
  }>([
    { why: 'a step went there on purpose', detector: 'low-headroom', stage: 'step-3', events: [step], verdict: 'ok' },
    {
      why: 'it was seen while the step drained',
      detector: 'low-headroom',
      stage: null,
      startedMs: 2000,
      events: [step],
      verdict: 'ok',
    },
    {
      why: 'so many do not fit',
      detector: 'concurrency-amplification',
      stage: 'step-3',
      events: [step],
      verdict: 'ok',
    },
    {
      why: 'the kernel killed',
      detector: 'low-headroom',
      stage: 'step-3',
      events: [step, event(2000, 'oom_kill', { subject: 'tree' })],
      verdict: 'fail',
    },
    { why: 'the search had not begun', detector: 'low-headroom', stage: 'probe', events: [step], verdict: 'fail' },
    { why: 'health is no bound of it', detector: 'probe-failure', stage: 'step-3', events: [step], verdict: 'fail' },
    { why: 'there was no search', detector: 'low-headroom', stage: 'step-3', events: [], verdict: 'fail' },
  ])('is $verdict for $detector where $why', ({ detector, stage, startedMs = 500, events, verdict }) => {
    expect(asAnswerOfSearch({ detector, seen: seen(stage, startedMs) }, events).verdict).toBe(verdict);
  });
});

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
  confirmedVus: 12,
  unconfirmedWhy: null,
  isCumulative: false,
  why: '16 at once: memory is at 99 % of 600 MiB',
  steps: [],
};
const result: RunResult = {
  ...emptyResult(),
  validity: { state: 'valid', reasons: [] },
  memory: { ...emptyResult().memory, limitBytes: 600 * mib },
  search: found,
};
const bound = '16 at once: memory is at 99 % of 600 MiB';
const open = { ...found, confirmedVus: null, unconfirmedWhy: '12 at once were not repeated: memory stayed' };

describe('the answer of a capacity search', () => {
  it.each([
    {
      why: 'a number held again',
      over: {},
      says: `12 at once are safe under 600 MiB; they held again, with memory no higher; ${bound}`,
    },
    {
      why: 'no limit is known',
      over: { memory: emptyResult().memory },
      says: `12 at once are safe; they held again, with memory no higher; ${bound}`,
    },
    {
      why: 'a higher number held once',
      over: { search: { ...open, confirmedVus: 8 } },
      says: `8 at once are safe under 600 MiB, and 12 held once; 8 held again, with memory no higher; 12 at once were not repeated: memory stayed; ${bound}`,
    },
    {
      why: 'it could not be repeated',
      over: { search: open },
      says: `12 at once held once under 600 MiB, which does not make them safe; 12 at once were not repeated: memory stayed; ${bound}`,
    },
    {
      why: 'memory followed the answers',
      over: { search: { ...open, isCumulative: true, unconfirmedWhy: 'memory rose' } },
      says: 'no number is safe under 600 MiB, since memory follows how many requests were answered, not how many are at once; memory rose',
    },
    {
      why: 'an older bench repeated nothing',
      over: { search: { kneeVus: null, lastGoodVus: 12, firstBrokenVus: 16, why: bound, steps: [] } },
      says: `12 at once held once under 600 MiB, which does not make them safe; no step was repeated; ${bound}`,
    },
    {
      why: 'nothing was safe',
      over: { search: { ...found, lastGoodVus: null, confirmedVus: null } },
      says: `no step kept its bounds under 600 MiB, and fewer than 16 at once were not tried; ${bound}`,
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
    isCumulative?: boolean;
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
      why: 'memory followed the answers there',
      detector: 'low-headroom',
      stage: 'step-3',
      isCumulative: true,
      events: [step],
      verdict: 'fail',
    },
    {
      why: 'the detector knows of searches itself',
      detector: 'concurrency-amplification',
      stage: 'step-3',
      events: [step],
      verdict: 'fail',
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
  ])(
    'is $verdict for $detector where $why',
    ({ detector, stage, startedMs = 500, isCumulative = false, events, verdict }) => {
      expect(asAnswerOfSearch({ detector, seen: seen(stage, startedMs) }, events, isCumulative).verdict).toBe(verdict);
    },
  );
});

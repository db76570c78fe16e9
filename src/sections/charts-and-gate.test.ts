import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.ts';
import type { Block } from '../model/section.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { gate } from './gate.ts';
import { memoryAgainstLoad } from './memory-against-load.ts';
import { memoryPerRound } from './memory-per-round.ts';
import { outcomesOverTime } from './outcomes-over-time.ts';
import { repeats } from './repeats.ts';
import { tiles } from './wording/tiles.ts';

const sample = sampleResult();
const chartsOf = (blocks: readonly Block[]): readonly Extract<Block, { type: 'chart' }>[] =>
  blocks.filter((block) => block.type === 'chart');

describe('memory against load', () => {
  it('says how many are safe, why, and how sure that is', () => {
    const [chart] = chartsOf(memoryAgainstLoad.render([sample], null));
    expect(chart?.caption).toContain('9 at once are safe under 704 MiB: each request in flight takes 41.0 MiB.');
    expect(chart?.caption).toContain('Confidence medium');
    expect(JSON.stringify(chart?.spec)).toContain('safe: 9 at once');
    expect(chart?.table?.rows.at(-1)?.at(-1)).toContain('memory ended this level');
  });

  it('tells a safe concurrency far beyond what was measured in words only', () => {
    const { capacity } = sample;
    const far: RunResult = {
      ...sample,
      capacity: capacity === null ? null : { ...capacity, safeConcurrency: 700 },
    };
    const [chart] = chartsOf(memoryAgainstLoad.render([far], null));
    expect(chart?.caption).toContain('lies beyond this chart: at most 9.8 were measured');
    expect(JSON.stringify(chart?.spec)).not.toContain('safe: 700');
  });

  it.each([
    {
      why: 'the arithmetic says more',
      over: { safeConcurrency: 8, isAtLeast: true, measuredConcurrency: 2, projectedConcurrency: 965 },
      caption:
        'At least 8 at once are safe under 704 MiB: each request in flight takes 41.0 MiB. The arithmetic says 965, but nothing above 2 was measured; run capacity-search to find it.',
      tile: ['at least 8', 'the arithmetic says 965, but nothing above 2 was measured'],
    },
    {
      why: 'memory did not grow',
      over: { safeConcurrency: null, isAtLeast: false, measuredConcurrency: 2, projectedConcurrency: null },
      caption: 'so it sets no bound up to 2 at once; nothing above was measured.',
      tile: ['no bound seen', 'nothing above 2 was measured'],
    },
  ])('says how far was measured where $why, on the page and in its tile', ({ over, caption, tile }) => {
    const { capacity } = sample;
    const result: RunResult = { ...sample, capacity: capacity === null ? null : { ...capacity, ...over } };
    expect(chartsOf(memoryAgainstLoad.render([result], null))[0]?.caption).toContain(caption);
    const [value, note] = tile;
    const shown = tiles(result).find(({ label }) => label === 'Safe concurrency');
    expect(shown?.value).toBe(value);
    expect(shown?.note).toContain(note);
  });

  it.each([
    { result: emptyResult(), says: 'is not known: the run has no level', why: 'nothing was measured' },
    {
      result: { ...sample, capacity: null, capacityUnknown: 'no limit was found' },
      says: 'is not known: no limit was found',
      why: 'the levels have no limit to be held against',
    },
  ])('says why no number is known: $why', ({ result, says }) => {
    expect(JSON.stringify(memoryAgainstLoad.render([result], null))).toContain(says);
  });

  it('draws levels without a line where there is only one', () => {
    const one = sample.memoryAgainstLoad?.points.slice(0, 1) ?? [];
    const result: RunResult = { ...sample, memoryAgainstLoad: { points: one, baseBytes: 1e8, fit: null } };
    expect(chartsOf(memoryAgainstLoad.render([result], null))[0]?.legend.map(({ label }) => label)).toEqual([
      'measured level (dot)',
    ]);
  });
});

describe('memory that each round leaves', () => {
  it('has the slope with its interval, and how many rounds are left', () => {
    const [chart] = chartsOf(memoryPerRound.render([sample], null));
    expect(chart?.caption).toContain('changed by 26.0 MiB a round (95 %: 22.0 MiB to 30.0 MiB)');
    expect(chart?.caption).toContain('the limit is reached 10 rounds later');
    expect(chart?.table?.rows[0]).toEqual(['round-1', '40', '260 MiB', 'warm-up, not judged']);
  });

  it('calls a slope whose interval holds 0 none', () => {
    const [line] = sample.roundLines ?? [];
    const flat = { bytesPerRound: 1e5, lowerBytesPerRound: -1e6, upperBytesPerRound: 1e6, interceptBytes: 3e8 };
    const result = { ...sample, roundLines: line === undefined ? [] : [{ ...line, fit: flat }] };
    expect(chartsOf(memoryPerRound.render([result], null))[0]?.caption).toContain('this may as well be no growth');
  });

  it('is left out where the profile has no rounds, and where an older run did not keep them', () => {
    expect(memoryPerRound.render([{ ...sample, roundLines: [] }], null)).toEqual([]);
    expect(memoryPerRound.render([{ ...sample, roundLines: null }], null)).toEqual([]);
  });
});

describe('outcomes over time', () => {
  it('names the stage that lost most, in words', () => {
    const [chart] = chartsOf(outcomesOverTime.render([sample], null));
    expect(chart?.caption).toContain('119 requests were not answered well');
    expect(chart?.caption).toContain('Most of them in hold: 15 HTTP errors, 71 timeouts.');
    expect(chart?.legend.map(({ label }) => label)).toEqual(['answered', 'HTTP errors', 'timeouts']);
  });
});

describe('the gate', () => {
  it('shows what did not pass first, with every number that went into it', () => {
    const text = JSON.stringify(gate.render([sample], sampleDecision()));
    expect(text.indexOf('relative-history')).toBeLessThan(text.indexOf('peak-share'));
    expect(text).toContain('repeats 630 MiB, 635 MiB, 641 MiB');
    expect(text).toContain('usual 525 MiB · reference 520 MiB · not passed from 557 MiB on');
    expect(text).toContain('confirmation 632 MiB, 633 MiB, 640 MiB');
  });

  it('names each field in which runs that are not comparable differ', () => {
    const decision = {
      ...sampleDecision(),
      state: 'not-comparable' as const,
      differences: [{ class: 'must' as const, field: 'cpu model', baseline: null, candidate: 'x' }],
    };
    expect(JSON.stringify(gate.render([sample], decision))).toContain('["cpu model","must match","not read","x"]');
  });

  it('keeps a hostile sentence as text, and short', () => {
    const [row] = sampleDecision().rows;
    const sentence = `<script>alert(1)</script>${'x'.repeat(1_000_000)}`;
    const decision = {
      ...sampleDecision(),
      sentence,
      rows: row === undefined ? [] : [{ ...row, state: 'fail' as const, sentence }],
    };
    const text = JSON.stringify(gate.render([sample], decision));
    expect(text).not.toContain('<script>');
    expect(text.length).toBeLessThan(10_000);
  });

  it('is left out where nobody asked it', () => {
    expect(gate.render([sample], null)).toEqual([]);
  });
});

describe('repeats', () => {
  const again = (repeat: number, peakBytes: number): RunResult => ({
    ...sample,
    runId: `run-${repeat}`,
    session: { ...sample.session, repeat, of: 3 },
    memory: { ...sample.memory, peakBytes },
  });

  it('of one session stand on one axis with their median and spread', () => {
    const [first] = chartsOf(repeats.render([again(1, 1e8), again(2, 1.1e8), again(3, 1.2e8)], null));
    expect(first).toMatchObject({ title: 'Peak footprint' });
    expect(first?.caption).toContain('repeats: median 105 MiB of 3, spread 18 %');
    expect(first?.table?.rows).toHaveLength(3);
  });

  it('are left out for runs of sessions of their own', () => {
    const alone = (id: string): RunResult => ({ ...sample, session: { ...sample.session, id } });
    expect(repeats.render([alone('a'), alone('b')], null)).toEqual([]);
  });
});

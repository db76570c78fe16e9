import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { memoryStack } from './drawing/memory-stack.ts';
import { scaleFor } from './drawing/scales.ts';
import { seriesTable } from './drawing/series-table.ts';
import { findings } from './findings.ts';
import { sections } from './index.ts';
import { memoryOverTime } from './memory-over-time.ts';
import { minutes } from './minutes.ts';
import { verdict } from './verdict.ts';
import { firstSentence, lowerFirst } from './wording/sentences.ts';

const mebibyte = 1024 ** 2;
const textOf = (section: (typeof sections)[number], result: RunResult): string =>
  JSON.stringify(section.render([result], null));
const sample = sampleResult();

/** They are on the page only where the run, the session or the gate has something to show. */
const optional = new Set(['gate', 'repeats', 'memory-per-round', 'capacity-search', 'neighbour']);

describe('every section', () => {
  it.each(sections.map((section) => ({ section })))(
    '$section.id says something of a run without data, or is left out',
    ({ section }) => {
      const blocks = section.render([emptyResult()], null);
      expect(blocks.length > 0).toBe(!optional.has(section.id));
      expect(JSON.stringify(blocks)).not.toMatch(/NaN|undefined|Infinity|\b0 B\b|\b0\.0 MiB/);
    },
  );
});

describe('the headline', () => {
  const headline = (result: Partial<RunResult>): string =>
    /<h1>([^<]*)</.exec(textOf(verdict, { ...sample, ...result }))?.[1] ?? '';
  const masked = {
    ...sample.findings[2],
    detector: 'masked-failure',
    verdict: 'fail' as const,
    summary: 'Three answers are wrong.',
  };
  it.each([
    { name: 'a failure of memory', result: {}, says: /^Fail: the front process grows by 20\.4\sMiB\/s/ },
    {
      name: 'a healthy run',
      result: { verdict: 'ok' as const, findings: [] },
      says: /^Ok: memory peaked at 635\sMiB, 90\s% of its/,
    },
    {
      name: 'another failure',
      result: { findings: [{ ...sample.findings[1], ...masked }] as RunResult['findings'] },
      says: /^Fail: memory peaked at .*, but three answers are wrong\.$/,
    },
    {
      name: 'an invalid run, whatever was found',
      result: { validity: { state: 'invalid' as const, reasons: ['samples missing'] } },
      says: /^Invalid: the run was not measured well enough/,
    },
    {
      name: 'a run without one success',
      result: {
        validity: { state: 'invalid' as const, reasons: ['Nothing succeeded.'], codes: ['no-success' as const] },
      },
      says: /^Invalid: none of [\d,]+ requests succeeded, so another load was measured than was planned; memory/,
    },
    {
      name: 'a search that found its bound',
      result: {
        verdict: 'ok' as const,
        findings: [],
        search: {
          kneeVus: null,
          lastGoodVus: 12,
          firstBrokenVus: 16,
          confirmedVus: 12,
          why: '16 at once: too much',
          steps: [],
        },
      },
      says: /^Ok: 12 at once are safe under 704\sMiB\.$/,
    },
    {
      name: 'a run that a signal cut',
      result: { status: 'aborted' as const, verdict: 'inconclusive' as const, findings: [] },
      says: /^Inconclusive: the run was aborted after .*, before its plan had ended; memory peaked at/,
    },
    { name: 'a failure without a finding', result: { findings: [] }, says: /^Fail: memory peaked at/ },
  ])('of $name is about memory, or the answer, first', ({ result, says }) => {
    expect(headline(result)).toMatch(says);
  });

  it('is followed by what would have happened', () => {
    expect(textOf(verdict, sample)).toContain(
      'the kill would have come 3.6 s later (95 %: 3.5 s to 3.7 s); the guard ended the load first.',
    );
    const killed = { ...sample, events: [{ tMs: 61_000, kind: 'oom_kill', subject: 'front#12', detail: '' }] };
    expect(textOf(verdict, killed)).toContain('The kernel killed front#12 1 min 01 s after the start.');
  });
});

describe('findings', () => {
  it('stand worst first, the healthy ones folded', () => {
    const html = textOf(findings, sample);
    const order = [
      'growth-without-load',
      'probe-failure',
      'retained-memory',
      '<details>',
      'oom-kill',
      'process-restart',
    ];
    const places = order.map((name) => html.indexOf(name));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});

describe('the table of minutes', () => {
  it('writes a missing value as a dash and says what a scaled minute lasted', () => {
    const [block] = minutes.render([sample], null);
    expect(block).toMatchObject({
      type: 'table',
      caption: expect.stringContaining('1 profile minute = 6 s') as string,
    });
    expect(JSON.stringify(block)).toContain('"–"');
  });
});

describe('the chart of memory', () => {
  it('tells a limit far above the curve in words instead of flattening the curve', () => {
    const far = {
      ...sample,
      memory: { ...sample.memory, limitBytes: 64 * 1024 * mebibyte, limitSource: 'host memory' },
    };
    const text = textOf(memoryOverTime, far);
    expect(text).toContain('lies above this chart');
    expect(text).not.toContain('limit 64.00 GiB · host memory');
    expect(textOf(memoryOverTime, sample)).toContain('limit 704 MiB · cgroup v1 /bench-3f2a (1 level up)');
  });

  it('stacks holders to their sum and folds those beyond five', () => {
    const series = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [
        `holder:${index}`,
        { tMs: [0, 1000, 2000], values: [index + 1, null, 2 * (index + 1)] },
      ]),
    );
    const stack = memoryStack({ ...sample, series });
    expect(stack.map((layer) => layer.holder)).toEqual(['7', '6', '5', '4', '4 others']);
    expect(stack.at(-1)?.points.map((point) => point.v)).toEqual([36, null, 72]);
  });

  it('lets a holder that came later add nothing before', () => {
    const series = {
      'holder:a': { tMs: [0, 1000], values: [10, 10] },
      'holder:b': { tMs: [500, 1000], values: [4, 6] },
    };
    const [, second] = memoryStack({ ...sample, series });
    expect(second?.points).toEqual([
      { t: 0, v: 10, low: 10 },
      { t: 0.5, v: 14, low: 10 },
      { t: 1, v: 16, low: 10 },
    ]);
  });
});

describe('scales', () => {
  it('hold their highest value with at most eleven ticks inside', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e13, noNaN: true }),
        fc.constantFrom('bytes', 'duration', 'rate', 'share', 'count'),
        (highest, quantity) => {
          const scale = scaleFor(quantity, highest);
          expect(scale.max).toBeGreaterThanOrEqual(highest * (1 - 1e-9));
          expect(scale.ticks.length).toBeLessThanOrEqual(11);
          expect(scale.ticks.at(-1)).toBeLessThanOrEqual(scale.max * (1 + 1e-9));
        },
      ),
    );
  });
});

describe('the table of a chart', () => {
  it('has at most 60 rows and keeps the highest value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000_000 }),
        fc.array(fc.option(fc.nat(1000)), { maxLength: 300 }),
        (endMs, values) => {
          const tMs = values.map((_, index) => (endMs * index) / Math.max(1, values.length));
          const table = seriesTable('x', endMs, [{ label: 'x', series: { tMs, values }, quantity: 'count' }]);
          const shown = table.rows
            .map((row) => row[1])
            .filter((cell) => cell !== '–')
            .map(Number);
          const held = values.filter((value) => value !== null);
          expect(table.rows.length).toBeLessThanOrEqual(60);
          expect(Math.max(-1, ...shown)).toBe(Math.max(-1, ...held));
        },
      ),
    );
  });
});

describe('sentences', () => {
  it.each([
    {
      text: 'It grows by 1.5 MiB/s. Then it dies.',
      first: 'It grows by 1.5 MiB/s',
      why: 'a decimal point ends nothing',
    },
    { text: 'memory.max is read. Next.', first: 'memory.max is read', why: 'nor does the dot of a file' },
    { text: 'No end', first: 'No end', why: 'a text without a full stop is one sentence' },
  ])('$why', ({ text, first }) => {
    expect(firstSentence(text)).toBe(first);
  });

  it.each([
    ['The front process', 'the front process'],
    ['OOM kill', 'OOM kill'],
    ['PSS grows', 'PSS grows'],
    ['61 % stayed', '61 % stayed'],
  ])('%s goes on a sentence as %s', (text, expected) => {
    expect(lowerFirst(text)).toBe(expected);
  });
});

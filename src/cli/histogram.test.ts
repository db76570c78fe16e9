import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, histogram, histogramLines } from './histogram.ts';

describe('histogram', () => {
  it.each([
    { why: 'nothing has no bins', values: [], edges: [], counts: [] },
    { why: 'equal values share one bin', values: [5, 5], edges: [5, 5], counts: [2] },
    { why: 'NaN is nowhere', values: [5, Number.NaN], edges: [5, 5], counts: [1] },
    {
      why: 'steps are round',
      values: [4, 19.9],
      bins: 8,
      edges: [4, 6, 8, 10, 12, 14, 16, 18, 20],
      counts: [1, 0, 0, 0, 0, 0, 0, 1],
    },
    { why: 'a narrow range is linear', values: [1, 19], bins: 2, edges: [0, 10, 20], counts: [1, 1] },
    { why: 'a wide range is logarithmic', values: [1, 10, 100], bins: 2, edges: [1, 10, 100], counts: [1, 2] },
    { why: 'zero has no logarithm', values: [0, 100], bins: 2, edges: [0, 50, 100], counts: [1, 1] },
    {
      why: 'one that is asked for is logarithmic',
      values: [1, 4],
      bins: 2,
      log: true,
      edges: [1, 2, 4],
      counts: [1, 1],
    },
  ])('$why', ({ values, edges, counts, bins, log }) => {
    const options = { ...(bins === undefined ? {} : { bins }), ...(log === undefined ? {} : { log }) };
    expect(histogram(values, options)).toEqual({ edges, counts });
  });

  it('takes given edges as they are: a value between two is in the upper bin, one outside in the nearest', () => {
    expect(histogram([-3, 0, 9, 10, 20, 99], { edges: [0, 10, 20] })).toEqual({ edges: [0, 10, 20], counts: [3, 3] });
    expect(histogram([], { edges: [0, 10, 20] }).counts).toEqual([0, 0]);
  });

  it('counts every value once, in bins whose edges rise around all of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.option(fc.boolean(), { nil: undefined }),
        (values, bins, log) => {
          const { edges, counts } = histogram(values, { bins, ...(log === undefined ? {} : { log }) });
          expect(counts.reduce((all, count) => all + count, 0)).toBe(values.length);
          expect(edges).toHaveLength(counts.length + 1);
          expect(counts.length).toBeLessThanOrEqual(bins + 2);
          const slack = 1 + 1e-9;
          expect((edges[0] ?? 0) / slack).toBeLessThanOrEqual(Math.min(...values));
          expect((edges.at(-1) ?? 0) * slack).toBeGreaterThanOrEqual(Math.max(...values));
          for (let index = 1; index < edges.length; index += 1) {
            expect(edges[index]).toBeGreaterThanOrEqual(edges[index - 1] ?? 0);
          }
        },
      ),
    );
  });
});

describe('the lines of a histogram', () => {
  const edges = [0, 10, 20, 30];
  const seconds = (value: number): string => `${value} s`;

  it('name the range, draw a bar, and give count and share', () => {
    expect(histogramLines('length', [{ name: 'all', counts: [1, 3, 0] }], edges, seconds)).toEqual([
      'length',
      '   0 s – 10 s  ██████████████████▍                                      1   25 %',
      '  10 s – 20 s  ███████████████████████████████████████████████████████  3   75 %',
      '  20 s – 30 s                                                           0    0 %',
    ]);
  });

  it('show two distributions by their shares, so that other totals compare', () => {
    const columns = [
      { name: 'original', counts: [1, 3, 0] },
      { name: 'recipe', counts: [100, 300, 0] },
    ];
    expect(histogramLines('length', columns, edges, seconds)).toEqual([
      'length',
      '               original                         recipe',
      '   0 s – 10 s  ██████▍                1   25 %  ██████▍              100   25 %',
      '  10 s – 20 s  ███████████████████    3   75 %  ███████████████████  300   75 %',
      '  20 s – 30 s                         0    0 %                         0    0 %',
    ]);
  });

  it('never leave a count without a trace, and one value stands without a range', () => {
    const lines = histogramLines('size', [{ name: 'all', counts: [1, 100_000] }], [0, 1, 2], String);
    expect(lines[1]).toContain('▏');
    expect(histogramLines('size', [{ name: 'all', counts: [2] }], [5, 5], String)[1]).toMatch(
      /^ {2}5 {2}█+ {2}2 {2}100 %$/,
    );
    expect(countLines('size', [{ name: 'all', counts: [] }], [])).toEqual(['size']);
  });

  it('keep within 80 columns, whatever is in them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9_999_999), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 2 }),
        (counts, columns) => {
          const labels = counts.map((_, index) => `${index} min 00 s – ${index + 1} min 00 s`);
          const lines = countLines('t', new Array(columns).fill({ name: 'x'.repeat(90), counts }), labels);
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrometheusText } from './prometheus-text.ts';

describe('the Prometheus text format', () => {
  const parse = (text: string, mostSeries = 100) =>
    parsePrometheusText(text, { allowedPrefixes: ['process_', 'vllm:'], mostSeries });

  it.each([
    { why: 'no newline at the end', text: 'process_x 1', values: [['process_x', 1]] },
    { why: 'a Windows line end', text: 'process_x 1\r\n', values: [['process_x', 1]] },
    { why: 'a time of its own', text: 'process_x 1 1700000000000', values: [['process_x', 1]] },
    { why: 'a brace in a label', text: 'process_x{a="}"} 1', values: [['process_x{a="}"}', 1]] },
    { why: 'an escaped quote', text: 'process_x{a="\\"}"} 1', values: [['process_x{a="\\"}"}', 1]] },
    { why: 'infinity, which is no level', text: 'process_x +Inf', values: [['process_x', null]] },
    { why: 'labels that never end', text: 'process_x{a="b 1\nprocess_y 2', values: [['process_y', 2]] },
    { why: 'no value', text: 'process_x\nprocess_y ', values: [] },
    { why: 'words behind the value', text: 'process_x 1 2 3', values: [] },
    { why: 'a summary', text: '# TYPE process_x summary\nprocess_x{q="1"} 1\nprocess_x_sum 2', values: [] },
    {
      why: 'a counter whose name ends like a part',
      text: 'process_total_count 2',
      values: [['process_total_count', 2]],
    },
  ])('reads $why', ({ text, values }) => {
    expect([...parse(text).values]).toEqual(values);
  });

  it('keeps so many series and no more, and counts the rest', () => {
    const page = Array.from({ length: 50 }, (_, index) => `process_x{i="${index}"} ${index}`).join('\n');
    const { values, leftOut } = parse(page, 20);
    expect(values.size).toBe(20);
    expect(leftOut).toBe(30);
  });

  it('reads back what was printed, whatever its labels hold', () => {
    const label = fc.string().map((text) => text.replaceAll(/[\\"\n\r]/g, '_'));
    fc.assert(
      fc.property(label, fc.double({ noNaN: true, noDefaultInfinity: true }), (text, value) => {
        const series = `process_x{l="${text}"}`;
        expect(parse(`${series} ${value}\n`).values.get(series)).toBe(value + 0);
      }),
    );
  });

  it('takes linear time for a page that would make a regex backtrack', () => {
    const page = `process_x{${'a="b",'.repeat(150_000)}`;
    expect(parse(page).values.size).toBe(0);
    const quotes = `process_x{a="${'\\"'.repeat(300_000)}\n`;
    expect(parse(quotes).values.size).toBe(0);
  });
});

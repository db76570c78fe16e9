import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ExportInput } from '../model/exporter.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { gha } from './gha.ts';

/** What github-action-benchmark reads of a custom result; it throws where the list is empty. */
const entriesSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      unit: z.string().min(1),
      value: z.number(),
      range: z.string().optional(),
      extra: z.string().optional(),
    }),
  )
  .min(1);

function read(input: ExportInput): Record<string, z.infer<typeof entriesSchema>> {
  const answer = gha.write(input);
  return Object.fromEntries(
    ('files' in answer ? answer.files : []).map(({ name, text }) => [name, entriesSchema.parse(JSON.parse(text))]),
  );
}
const session: ExportInput = { results: [sampleResult()], decision: sampleDecision(), history: [], loads: new Map() };

describe('github-action-benchmark', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    const answer = gha.write(session);
    const text = ('files' in answer ? answer.files : []).map((file) => `${file.name}\n${file.text}`).join('\n');
    await expect(text).toMatchFileSnapshot('golden/gha.json.txt');
  });

  it('has throughput in one file and memory and latency in the other', () => {
    const files = read(session);
    expect(files['gha-bigger-is-better.json']?.map(({ unit }) => unit)).toEqual(['1/s', '1/s', '1/s']);
    const smaller = files['gha-smaller-is-better.json'] ?? [];
    expect(smaller.map(({ name }) => name)).toContain('longform-sustained/peak-memory');
    expect(smaller.map(({ name }) => name)).toContain('longform-sustained/hold/p95-latency');
    expect(smaller.every(({ unit }) => unit === 'bytes' || unit === 'ms')).toBe(true);
  });

  it('shows the range of repeats, and none of a single run', () => {
    expect(read(session)['gha-smaller-is-better.json']?.[0]?.range).toBeUndefined();
    const twice = read({ ...session, results: [sampleResult(), sampleResult()] });
    expect(twice['gha-smaller-is-better.json']?.[0]?.range).toMatch(/ MiB to .* MiB$/);
  });

  it('leaves out a direction of which nothing was measured', () => {
    const result = { ...sampleResult(), stages: [] };
    expect(Object.keys(read({ ...session, results: [result] }))).toEqual(['gha-smaller-is-better.json']);
  });

  it('is refused for an invalid run', () => {
    expect(gha.write({ results: [emptyResult()], decision: null, history: [], loads: new Map() })).toHaveProperty(
      'unexportable',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ExportInput } from '../model/exporter.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { bmf } from './bmf.ts';

const slug = z.string().min(1).max(64);
/** Bencher's reference of the format: benchmark -> measure -> value with bounds around it. */
const bmfSchema = z.record(
  slug,
  z.record(
    slug,
    z
      .strictObject({ value: z.number(), lower_value: z.number(), upper_value: z.number() })
      .refine(({ value, lower_value, upper_value }) => lower_value <= value && value <= upper_value),
  ),
);

function read(input: ExportInput): z.infer<typeof bmfSchema> {
  const answer = bmf.write(input);
  return bmfSchema.parse(JSON.parse('files' in answer ? (answer.files[0]?.text ?? '') : ''));
}
const peakOf = (peakBytes: number | null): ReturnType<typeof sampleResult> => {
  const result = sampleResult();
  return { ...result, memory: { ...result.memory, peakBytes } };
};

describe('Bencher Metric Format', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    const answer = bmf.write({ results: [sampleResult()], decision: null, history: [], loads: new Map() });
    await expect('files' in answer ? answer.files[0]?.text : '').toMatchFileSnapshot('golden/bmf.json.txt');
  });

  it('gives the median of the repeats between their least and most', () => {
    const read3 = read({
      results: [peakOf(5), peakOf(9), peakOf(6)],
      decision: sampleDecision(),
      history: [],
      loads: new Map(),
    });
    expect(read3['longform-sustained']?.['peak-memory-bytes']).toEqual({ value: 6, lower_value: 5, upper_value: 9 });
    expect(Object.keys(read3['longform-sustained/hold'] ?? {})).toContain('p95-latency-ms');
  });

  it('leaves out what was not measured', () => {
    const measures = read({ results: [peakOf(null)], decision: null, history: [], loads: new Map() });
    expect(measures['longform-sustained']).not.toHaveProperty('peak-memory-bytes');
  });

  it('keeps long names apart, within 64 characters', () => {
    const result = sampleResult();
    const named = result.stages.map((stage, index) => ({ ...stage, name: `${'x'.repeat(80)}${index}` }));
    const kinds = result.stages.filter(({ kind }) => kind === 'load').length;
    const names = Object.keys(
      read({ results: [{ ...result, stages: named }], decision: null, history: [], loads: new Map() }),
    );
    expect(names.filter((name) => name.includes('xxx'))).toHaveLength(kinds);
  });

  it.each<{ why: string; input: ExportInput; says: string }>([
    {
      why: 'an invalid run',
      input: { results: [emptyResult()], decision: null, history: [], loads: new Map() },
      says: 'the target was not observed',
    },
    {
      why: 'an aborted one',
      input: { results: [{ ...sampleResult(), status: 'aborted' }], decision: null, history: [], loads: new Map() },
      says: 'those of a part',
    },
    {
      why: 'what the gate calls invalid',
      input: {
        results: [sampleResult()],
        decision: { ...sampleDecision(), state: 'invalid', sentence: 'The clock went back.' },
        history: [],
        loads: new Map(),
      },
      says: 'The clock went back',
    },
    {
      why: 'a run that measured nothing',
      input: {
        results: [{ ...emptyResult(), status: 'completed', validity: { state: 'valid', reasons: [] } }],
        decision: null,
        history: [],
        loads: new Map(),
      },
      says: 'nothing that can be compared',
    },
  ])('is refused for $why', ({ input, says }) => {
    expect(bmf.write(input)).toEqual({ unexportable: expect.stringContaining(says) as string });
  });
});

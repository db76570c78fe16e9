import { describe, expect, it } from 'vitest';
import type { ExportInput } from '../model/exporter.ts';
import { emptyResult } from '../testing/empty-result.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { openmetrics } from './openmetrics.ts';

interface Family {
  type: string | null;
  unit: string | null;
  samples: { labels: Readonly<Record<string, string>>; value: number }[];
}

/**
 * The ABNF of OpenMetrics 1.0 for gauges: metadata before samples, families whole and once, a label set once, the
 * unit at the end of the name, and the end of the text said.
 */
function parseOpenMetrics(text: string): Map<string, Family> {
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  const families = new Map<string, Family>();
  let current: { name: string; family: Family } = { name: '', family: { type: null, unit: null, samples: [] } };
  for (const line of text.slice(0, -'# EOF\n'.length).trimEnd().split('\n')) {
    const meta = /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][\w:]*) (.+)$/u.exec(line);
    const name = meta?.[2] ?? /^[a-zA-Z_:][\w:]*/.exec(line)?.[0] ?? '';
    if (current.name !== name) {
      expect(families.has(name), `${name} is in two places`).toBe(false);
      current = { name, family: { type: null, unit: null, samples: [] } };
      families.set(name, current.family);
    }
    const { family } = current;
    if (meta !== null) {
      expect(family.samples).toEqual([]);
      family.type = meta[1] === 'TYPE' ? (meta[3] ?? '') : family.type;
      family.unit = meta[1] === 'UNIT' ? (meta[3] ?? '') : family.unit;
      continue;
    }
    const sample =
      /^[a-zA-Z_:][\w:]*\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\})|(?=\})))*)\} ([-+]?[\d.]+(?:e[-+]?\d+)?)$/u.exec(
        line,
      );
    expect(sample, line).not.toBeNull();
    const labels = [...(sample?.[1] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/gu)];
    expect(new Set(labels.map(([, label]) => label)).size).toBe(labels.length);
    family.samples.push({
      labels: Object.fromEntries(labels.map(([, label, value]) => [label ?? '', value ?? ''])),
      value: Number(sample?.[2]),
    });
  }
  for (const [name, { type, unit, samples }] of families) {
    expect(type, name).toBe('gauge');
    expect(name).not.toMatch(/_(?:total|created|bucket|count|sum)$/);
    expect(unit === null || name.endsWith(`_${unit}`)).toBe(true);
    expect(new Set(samples.map(({ labels }) => JSON.stringify(labels))).size).toBe(samples.length);
  }
  return families;
}

function textOf(input: ExportInput): string {
  const answer = openmetrics.write(input);
  return 'files' in answer ? (answer.files[0]?.text ?? '') : '';
}
const session = (over: Partial<ExportInput> = {}): ExportInput => ({
  results: [sampleResult()],
  decision: sampleDecision(),
  history: [],
  loads: new Map(),
  ...over,
});

describe('OpenMetrics of a session', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    await expect(textOf(session())).toMatchFileSnapshot('golden/openmetrics.txt');
  });

  it('keeps the grammar, counts in base units and tells the state of the gate', () => {
    const families = parseOpenMetrics(textOf(session()));
    const result = sampleResult();
    expect(families.get('headroom_peak_memory_bytes')?.samples[0]?.value).toBe(result.memory.peakBytes);
    const p95 = families.get('headroom_p95_latency_seconds');
    expect(p95?.unit).toBe('seconds');
    expect(p95?.samples.find(({ labels }) => labels['stage'] === 'hold')?.value).toBeCloseTo(14.1, 9);
    const states = families.get('headroom_gate_state')?.samples ?? [];
    expect(states.filter(({ value }) => value === 1).map(({ labels }) => labels['state'])).toEqual(['fail']);
  });

  it('leaves out what was not measured, and the gate where it was not asked', () => {
    const result = sampleResult();
    const families = parseOpenMetrics(
      textOf(session({ decision: null, results: [{ ...result, memory: { ...result.memory, floorBytes: null } }] })),
    );
    expect(families.has('headroom_settled_memory_bytes')).toBe(false);
    expect(families.has('headroom_gate_state')).toBe(false);
  });

  it('of an invalid run says that it is invalid, and no number', () => {
    const families = parseOpenMetrics(
      textOf({ results: [emptyResult()], decision: null, history: [], loads: new Map() }),
    );
    expect(families.get('headroom_session_valid')?.samples[0]?.value).toBe(0);
    expect([...families.keys()]).toEqual(['headroom_session_info', 'headroom_session_valid', 'headroom_session_runs']);
  });

  it.each([
    { why: 'a quote and a backslash', text: 'a"b\\' },
    { why: 'a line feed and a control character', text: 'a\n# EOF\nb\u0000' },
    { why: 'a lone surrogate', text: 'a\ud800' },
  ])('stays whole with names that hold $why', ({ text }) => {
    const result = sampleResult();
    const hostile = { ...result, hostClass: text, profile: { ...result.profile, name: text } };
    expect(parseOpenMetrics(textOf(session({ results: [hostile] }))).size).toBeGreaterThan(5);
  });
});

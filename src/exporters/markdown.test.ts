import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gateRow } from '../computed/gate/row.ts';
import type { ExportInput } from '../model/exporter.ts';
import type { GateRow } from '../model/gate.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { commentMarker, markdown } from './markdown.ts';
import { markdownText, sizeBytes } from './writing/markdown-text.ts';

function read(input: ExportInput): { summary: string; comment: string; annotations: readonly string[] } {
  const answer = markdown.write(input);
  const text = (name: string): string =>
    ('files' in answer ? answer.files : []).find((file) => file.name === name)?.text ?? '';
  return {
    summary: text('summary.md'),
    comment: text('comment.md'),
    annotations: text('annotations.txt')
      .split('\n')
      .filter((line) => line !== ''),
  };
}
const sample = sampleResult();
const decision = sampleDecision();
/** Any text of JavaScript, lone surrogates and control characters among it. */
const codeUnits = fc
  .array(fc.oneof(fc.nat(0xffff), fc.nat(0x7f)), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));
const session = (over: Partial<ExportInput> = {}): ExportInput => ({
  results: [sample],
  decision,
  history: [],
  loads: new Map(),
  ...over,
});
const withRows = (rows: readonly GateRow[]): ExportInput => session({ decision: { ...decision, rows } });
const failing = (count: number, sentence: string): readonly GateRow[] =>
  Array.from({ length: count }, (_, index) =>
    gateRow({ layer: 'relative', rule: `rule-${index}`, state: index === count - 1 ? 'fail' : 'warn', sentence }),
  );

describe('markdown for GitHub', () => {
  it('is as it was (update: vitest run src/exporters --update)', async () => {
    const { comment, annotations } = read(session());
    await expect(comment).toMatchFileSnapshot('golden/comment.md.txt');
    await expect(`${annotations.join('\n')}\n`).toMatchFileSnapshot('golden/annotations.txt');
  });

  it('shows what did not pass before a fold, worst first, and the rest inside one', () => {
    const { summary } = read(session());
    const folds = summary.indexOf('<details>');
    expect(summary.indexOf('| fail |')).toBeGreaterThan(0);
    expect(summary.indexOf('| fail |')).toBeLessThan(summary.indexOf('| warn |'));
    expect(summary.indexOf('| warn |')).toBeLessThan(folds);
    expect(summary.indexOf('| pass |')).toBeGreaterThan(folds);
    expect(summary.match(/<details>/g)).toHaveLength(summary.match(/<\/details>/g)?.length ?? 0);
  });

  it('begins a comment with the marker of its profile', () => {
    expect(read(session()).comment.split('\n')[0]).toBe('<!-- headroom:longform-sustained -->');
  });

  it.each([
    { profile: 'a --> <b>', marker: '<!-- headroom:a-b- -->' },
    { profile: '..', marker: '<!-- headroom: -->' },
  ])('cannot be led out of the marker by the profile $profile', ({ profile, marker }) => {
    expect(commentMarker(profile)).toBe(marker);
  });

  it('keeps both limits, and counts what it left out', () => {
    const { summary, comment } = read(withRows(failing(4000, '&'.repeat(500))));
    expect(sizeBytes(summary)).toBeLessThanOrEqual(1024 * 1024);
    expect(sizeBytes(comment)).toBeLessThanOrEqual(60 * 1000);
    expect(comment).toMatch(/…and \d+ more are in the report\./);
    expect(comment).toContain('| fail |');
  });

  it('gives at most ten annotations, worst first, the last of which counts the rest', () => {
    const { annotations } = read(withRows(failing(30, 'too much')));
    expect(annotations).toHaveLength(10);
    expect(annotations[0]).toMatch(/^::error title=longform-sustained rule-29::too much$/);
    expect(annotations[9]).toContain('21 more did not pass');
  });

  it('annotates nothing where all passed, and findings where the gate was not asked', () => {
    const passed = gateRow({ layer: 'invariant', rule: 'r', state: 'pass', sentence: '' });
    expect(read(withRows([passed])).annotations).toEqual([]);
    const { annotations, summary } = read(session({ decision: null }));
    expect(annotations.length).toBeGreaterThan(0);
    expect(summary).toContain('The gate was not asked.');
  });

  it.each([
    { verdict: 'ok' as const, state: 'pass', why: 'a detector that the profile does not ask for may be inconclusive' },
    { verdict: 'inconclusive' as const, state: 'inconclusive', why: 'one that it asks for was' },
  ])('without a gate speaks as the verdict of the run does: $why', ({ verdict, state }) => {
    const findings = sample.findings.slice(0, 1).map((finding) => ({ ...finding, verdict: 'inconclusive' as const }));
    const { summary } = read(session({ decision: null, results: [{ ...sample, verdict, findings }] }));
    expect(summary).toContain(`### longform-sustained: ${state}`);
  });

  it.each([
    { why: 'an element', text: '<img src=x onerror=alert(1)>', not: /<img/ },
    { why: 'a cell’s end', text: 'a | b', not: /a \| b/ },
    { why: 'the end of a fold', text: '</details>', not: /says<\/details>/ },
    { why: 'a call of a person', text: '@octocat', not: /@o/ },
    { why: 'a call of a thread', text: 'fixes #12', not: /#1/ },
    { why: 'a picture', text: '![a](http://x.example/a.png)', not: /(?<!\\)\[|(?<!\\)\]|:\/\// },
    { why: 'a bare link', text: 'see https://x.example or www.x.example', not: /:\/\/|www\./ },
    { why: 'code', text: '`a`', not: /(?<!\\)`/ },
    { why: 'an emphasis', text: '*a* _b_ ~~c~~', not: /(?<!\\)[*_~]/ },
    { why: 'a reference', text: '&lt;img&#62;', not: /&lt|&#62/ },
    { why: 'a heading', text: '# a', not: /^#/ },
    { why: 'a list', text: '12. a', not: /^12\./ },
    { why: 'a command of the workflow', text: 'a\n::error::b', not: /\n/ },
  ])('shows $why of a server as text', ({ text, not }) => {
    expect(markdownText(text)).not.toMatch(not);
  });

  it.each([
    { why: 'a run id', text: '20260102T030405Z_nothing_0000000_0000' },
    { why: 'a comparison with blanks', text: 'a & b: 1,024 of 2 (50 %)' },
    { why: 'a path', text: 'cgroup v2 /sys/fs/cgroup/a-b.slice' },
  ])('leaves $why as it is, to be read without a renderer', ({ text }) => {
    expect(markdownText(text)).toBe(text);
  });

  it('folds what is calibrating into one line with its count, and keeps the rows in a fold', () => {
    const rows = Array.from({ length: 24 }, (_, index) =>
      gateRow({
        layer: 'relative',
        rule: `rule-${index}`,
        state: 'calibrating',
        sentence: '0 of the 7 accepted nights.',
      }),
    );
    const { summary } = read(withRows([...failing(1, 'too much'), ...rows]));
    const open = summary.slice(0, summary.indexOf('<details>'));
    expect(open).toContain('24 conditions are calibrating: 0 of the 7 accepted nights.');
    expect(open).not.toContain('| calibrating |');
    expect(summary.slice(summary.indexOf('<details>'))).toContain('| calibrating |');
  });

  it.each([
    { why: 'a warning names where it begins', state: 'warn' as const, threshold: 0.8, says: 'not passed from 80 %' },
    { why: 'a failure names where that begins', state: 'fail' as const, threshold: 0.9, says: 'fails from 90 %' },
  ])('tells numbers in units: $why', ({ state, threshold, says }) => {
    const row = gateRow({
      layer: 'absolute',
      rule: 'peak-share',
      state,
      unit: 'ratio',
      value: 0.95,
      threshold,
      sentence: 's',
    });
    expect(read(withRows([row])).summary).toContain(`compared 95 %; ${says}`);
  });

  it('keeps every row of a table on one line with its four cells, whatever a server wrote', () => {
    fc.assert(
      fc.property(codeUnits, (text) => {
        const row = gateRow({ layer: 'invariant', rule: text, state: 'fail', sentence: `x${text}`, stage: text });
        const { summary, annotations } = read(withRows([row]));
        const lines = summary.split('\n').filter((line) => line.startsWith('| fail |'));
        expect(lines).toHaveLength(1);
        expect(lines[0]?.split('|')).toHaveLength(6);
        expect(annotations).toHaveLength(1);
        expect(annotations[0]).toMatch(/^::error title=[^:,]*::/);
      }),
      { numRuns: 60 },
    );
  });
});

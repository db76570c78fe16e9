import { describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.ts';
import { sampleFindings } from '../testing/sample-findings.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { findings } from './findings.ts';

type Finding = RunResult['findings'][number];

const [one] = sampleFindings;
const finding = (detector: string, over: Partial<Finding>): Finding => ({
  ...(one as Finding),
  detector,
  title: detector,
  summary: '',
  value: null,
  threshold: 0.5,
  unit: 'ratio',
  stage: null,
  startedMs: null,
  evidence: { holder: null },
  ...over,
});

function htmlOf(shown: readonly Finding[], over: Partial<RunResult> = {}): string {
  const blocks = findings.render([{ ...sampleResult(), ...over, findings: shown }], null);
  return blocks.map((block) => (block.type === 'html' ? block.html : '')).join('');
}

describe('findings on the page', () => {
  const unsure = finding('unsure', { verdict: 'inconclusive' });
  const failing = finding('failing', { verdict: 'fail', value: 0.9 });

  it('fold what came to no answer and no value below what fails', () => {
    expect(htmlOf([unsure, failing])).toMatch(/failing.*<summary>1 detector came to no answer<.*unsure/);
  });

  it('show it where nothing fails or warns, since then it is the answer', () => {
    expect(htmlOf([unsure])).not.toContain('<details>');
  });

  it('name no threshold without a value that was held against it', () => {
    expect(htmlOf([unsure])).not.toContain('hreshold 50 %');
    expect(htmlOf([failing])).toContain('Measured 90 % · threshold 50 %');
  });

  it('of an invalid run say on each card that it does not count', () => {
    const invalid = { validity: { state: 'invalid', reasons: ['it was'] } } as const;
    expect(htmlOf([failing], invalid)).toContain('does not count: the run is invalid');
    expect(htmlOf([failing])).not.toContain('does not count');
  });
});

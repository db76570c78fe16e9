import { formatBytes, formatShare } from '../../base/units.ts';
import type { Finding } from '../../model/detector.ts';
import type { RunResult } from '../../model/result.ts';

/** The first sentence of a text, without splitting `1.5` or `cgroup.max`. */
export function firstSentence(text: string): string {
  const end = /[.!?](?=\s+[A-Z0-9"`])/.exec(text)?.index;
  return end === undefined ? text.replace(/\.\s*$/, '') : text.slice(0, end);
}

/** `The front` becomes `the front`; `OOM kill`, `PSI` and names of code stay. */
export function lowerFirst(text: string): string {
  return /^[A-Z][a-z]*(?=[ ,:;]|$)/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How far memory went, as the middle of a sentence. */
export function memoryReached(result: RunResult): string {
  const { peakBytes, limitBytes, floorBytes } = result.memory;
  if (peakBytes === null) {
    return 'memory was not observed';
  }
  const after = floorBytes === null ? '' : ` and settled at ${formatBytes(floorBytes)} after the load`;
  return limitBytes === null
    ? `memory peaked at ${formatBytes(peakBytes)}${after}`
    : `memory peaked at ${formatBytes(peakBytes)}, ${formatShare(peakBytes / limitBytes)} of its ${formatBytes(limitBytes)} limit${after}`;
}

const order: Readonly<Record<Finding['verdict'], number>> = {
  fail: 0,
  warn: 1,
  inconclusive: 2,
  ok: 3,
  'not-applicable': 4,
};

/** Worst first; findings of one verdict keep the order of their detectors. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => order[a.verdict] - order[b.verdict]);
}

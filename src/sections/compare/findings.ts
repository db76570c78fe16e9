import { plainText } from '../../base/escape-html.ts';
import type { Finding } from '../../model/detector.ts';
import type { Block, ReportSection } from '../../model/section.ts';
import { firstSentence } from '../wording/sentences.ts';
import type { Candidate, Comparison, Side } from './comparison.ts';

const order: readonly Finding['verdict'][] = ['fail', 'warn', 'inconclusive', 'ok', 'not-applicable'];
const loud: readonly Finding['verdict'][] = ['fail', 'warn', 'inconclusive'];

/** The worst that each detector said in any run of a side. */
function worstByDetector({ runs }: Side): ReadonlyMap<string, Finding> {
  const worst = new Map<string, Finding>();
  for (const finding of runs.flatMap((run) => run.findings)) {
    const held = worst.get(finding.detector);
    if (held === undefined || order.indexOf(finding.verdict) < order.indexOf(held.verdict)) {
      worst.set(finding.detector, finding);
    }
  }
  return worst;
}

/** Of runs that were asked for different things nothing is new and nothing gone. */
function changeOf(before: Finding | undefined, after: Finding | undefined, isComparable: boolean): string {
  if (!isComparable) {
    return before?.verdict === after?.verdict ? 'same' : 'differs';
  }
  const was = before !== undefined && loud.includes(before.verdict);
  const is = after !== undefined && loud.includes(after.verdict);
  if (was && is) {
    return before.verdict === after.verdict ? 'same' : 'changed';
  }
  return is ? 'new' : 'gone';
}

const ranks = ['new', 'changed', 'differs', 'gone', 'same'];

function blocksOf(base: Side, candidate: Candidate): readonly Block[] {
  const before = worstByDetector(base);
  const after = worstByDetector(candidate);
  const isComparable = candidate.differences.every((one) => one.class !== 'must');
  const rows = [...new Set([...after.keys(), ...before.keys()])]
    .map((detector) => ({ detector, was: before.get(detector), is: after.get(detector) }))
    .filter(({ was, is }) => [was, is].some((finding) => finding !== undefined && loud.includes(finding.verdict)))
    .map(({ detector, was, is }) => [
      changeOf(was, is, isComparable),
      detector,
      was?.verdict ?? 'not asked',
      is?.verdict ?? 'not asked',
      plainText(firstSentence((is !== undefined && loud.includes(is.verdict) ? is : was)?.summary ?? ''), 240),
    ])
    .toSorted((a, b) => ranks.indexOf(a[0] ?? '') - ranks.indexOf(b[0] ?? ''));
  return rows.length === 0
    ? [{ type: 'paragraph', text: `No detector found a failure in the baseline or in ${candidate.label}.` }]
    : [
        {
          type: 'table',
          caption: `Findings of the baseline and of ${candidate.label}; detectors that found nothing in both are left out`,
          headings: ['change', 'detector', 'baseline', candidate.label, 'what it says'],
          rows,
        },
      ];
}

export function changedFindings({ base, candidates }: Comparison): ReportSection {
  return {
    id: 'findings',
    title: 'Findings that changed',
    render: () => candidates.flatMap((candidate) => blocksOf(base, candidate)),
  };
}

import { escapeHtml } from '../../base/escape-html.ts';
import { formatBytes, formatDuration, formatShare } from '../../base/units.ts';
import type { ReportSection } from '../../model/section.ts';
import { formatCount } from '../wording/counts.ts';
import { type Comparison, changeText, ofSide, type Side, sidesOf } from './comparison.ts';

/** Of several runs the worst counts. */
const severity = ['invalid', 'fail', 'warn', 'inconclusive', 'ok'] as const;
type State = (typeof severity)[number];

const words: Readonly<Record<State, string>> = {
  invalid: '✕ invalid',
  fail: '✕ fail',
  warn: '! warn',
  inconclusive: '? inconclusive',
  ok: '✓ ok',
};

function stateOf({ runs }: Side): State {
  const states = runs.map((run): State => (run.validity.state === 'invalid' ? 'invalid' : run.verdict));
  return severity.find((state) => states.includes(state)) ?? 'inconclusive';
}

function headline(comparison: Comparison): string {
  const { base, candidates } = comparison;
  const [first] = candidates;
  const peak = (side: Side): number | null => ofSide(side, ({ memory }) => memory.peakBytes);
  const before = peak(base);
  const after = peak(first);
  if (before === null || after === null) {
    return 'The memory of one of these was not observed.';
  }
  const moved = `${formatBytes(before)} to ${formatBytes(after)}`;
  const also = candidates.length === 1 ? '' : ` in the first of ${candidates.length} candidates`;
  return `Peak memory went from ${moved} (${changeText(before, after)})${also}.`;
}

function tilesOf(side: Side): string {
  const limit = ofSide(side, ({ memory }) => memory.limitBytes);
  const peak = ofSide(side, ({ memory }) => memory.peakBytes);
  const share = peak === null || limit === null ? 'no share of a limit' : `${formatShare(peak / limit)} of the limit`;
  const tile = (label: string, value: string, note: string): string =>
    `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd>${escapeHtml(note)}</dd></div>`;
  const asked = side.runs.reduce((sum, { requests }) => sum + requests.planned, 0);
  const answered = side.runs.reduce((sum, { requests }) => sum + requests.outcomes.ok, 0);
  const p95 = ofSide(side, ({ requests }) => requests.latencyMs.p95);
  const p50 = ofSide(side, ({ requests }) => requests.latencyMs.p50);
  return [
    tile('Peak footprint', formatBytes(peak), share),
    tile(
      'Headroom',
      formatBytes(peak === null || limit === null ? null : limit - peak),
      limit === null ? 'no limit was found' : `limit ${formatBytes(limit)}`,
    ),
    tile('After the load', formatBytes(ofSide(side, ({ memory }) => memory.floorBytes)), 'settled'),
    tile('p50 latency', formatDuration(p50), 'from planned time, answered only'),
    tile('p95 latency', formatDuration(p95), 'from planned time, answered only'),
    tile('Answered', formatCount(answered), `of ${formatCount(asked)}`),
  ].join('');
}

function sideHtml(side: Side): string {
  const state = stateOf(side);
  const [first] = side.runs;
  const count = side.runs.length === 1 ? 'one run' : `median of ${side.runs.length} runs`;
  const version = first.subject.version ?? first.subject.commit ?? first.subject.image;
  const what = [first.profile.name, version, count].filter((part) => part !== null).join(' · ');
  return [
    `<p class="origin">${escapeHtml(what)} · <code>${escapeHtml(side.name)}</code></p>`,
    `<div class="verdict ${state}"><h2>${escapeHtml(side.label)}: ${words[state]}</h2></div>`,
    `<dl class="tiles">${tilesOf(side)}</dl>`,
  ].join('');
}

/** The page's own heading, and both sides with their verdicts. */
export function sideBySide(comparison: Comparison): ReportSection {
  const warning = comparison.isForced
    ? '<p class="do"><b>Not comparable.</b> Fields differ that must agree (below), and the page was made with --force: a difference of numbers may come from them alone.</p>'
    : '';
  return {
    id: 'sides',
    title: 'Side by side',
    render: () => [
      { type: 'html', html: `<h1>${escapeHtml(headline(comparison))}</h1>${warning}` },
      ...sidesOf(comparison).map((side) => ({ type: 'html' as const, html: sideHtml(side) })),
    ],
  };
}

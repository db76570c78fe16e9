import { escapeHtml } from '../../base/escape-html.ts';
import { formatBytes, formatDuration, formatShare } from '../../base/units.ts';
import type { ReportSection } from '../../model/section.ts';
import { formatCount } from '../wording/counts.ts';
import { noBreak } from '../wording/no-break.ts';
import { upperFirst } from '../wording/sentences.ts';
import { answeredOf, type Comparison, changeText, fromOf, ofSide, type Side, sidesOf } from './comparison.ts';
import { cappedBy, isCapped, stopOfSide, stopsInWords } from './stops.ts';

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

function peakMoved(before: number | null, after: number | null): string {
  return before === null || after === null
    ? 'the memory of one of these was not observed'
    : `peak memory went from ${formatBytes(before)} to ${formatBytes(after)} (${changeText(before, after)})`;
}

/** What the two held before any load, where a reader would see two numbers. */
function heldBefore(base: Side, candidate: Side): string {
  const [before, now] = [base, candidate].map((side) => formatBytes(beforeLoad(side)));
  return before === now || beforeLoad(base) === null || beforeLoad(candidate) === null
    ? ''
    : `; before it the target held ${now} instead of ${before}`;
}

const beforeLoad = (side: Side): number | null => ofSide(side, ({ memory }) => memory.baselineBytes);

/**
 * The one sentence of a comparison. Loads that the guard or the kernel ended both peak where they were ended, so
 * there the sentence is about when.
 */
export function comparisonHeadline({ base, candidates }: Comparison): string {
  const [first] = candidates;
  const stops = stopsInWords(base, first);
  const [before = null, after = null] = [base, first].map((side) => ofSide(side, ({ memory }) => memory.peakBytes));
  const also = candidates.length === 1 ? '' : ` (the first of ${candidates.length} candidates)`;
  return stops === null
    ? `${upperFirst(peakMoved(before, after))}${also}.`
    : `${stops}${heldBefore(base, first)}${also}.`;
}

interface SideTile {
  label: string;
  value: string;
  note: string;
}

function stopTile(side: Side): SideTile {
  const stop = stopOfSide(side);
  const label = 'Time until the stop';
  if (stop === null) {
    return { label, value: 'not stopped', note: 'neither the guard nor a kill ended the load' };
  }
  const runs = stop.of === 1 ? '' : `, in ${stop.runs} of ${stop.of} runs`;
  const by = stop.by === 'guard' ? 'the guard stopped the load' : 'the kernel killed the target';
  return { label, value: formatDuration(stop.atMs), note: `${by}${runs}` };
}

function latencyTile(side: Side): SideTile {
  const { p50, p95 } = { p50: quantileOf(side, 'p50'), p95: quantileOf(side, 'p95') };
  const note = p95 === null ? 'nothing was answered' : `p50 ${formatDuration(p50)}; ${fromOf([side])}, answered only`;
  return { label: 'p95 latency', value: formatDuration(p95), note };
}

function quantileOf(side: Side, name: 'p50' | 'p95'): number | null {
  return ofSide(side, ({ requests }) => requests.latencyMs[name]);
}

function sideTiles(side: Side): readonly SideTile[] {
  const limit = ofSide(side, ({ memory }) => memory.limitBytes);
  const peak = ofSide(side, ({ memory }) => memory.peakBytes);
  const floor = ofSide(side, ({ memory }) => memory.floorBytes);
  const share = peak === null || limit === null ? 'no share of a limit' : `${formatShare(peak / limit)} of the limit`;
  const asked = side.runs.reduce((sum, { requests }) => sum + requests.planned, 0);
  const held = beforeLoad(side);
  const isStopped = isCapped(side);
  return [
    {
      label: 'Before the load',
      value: formatBytes(held),
      note: held === null ? 'no idle stage before it was observed' : 'held by the target',
    },
    stopTile(side),
    {
      label: 'Peak footprint',
      value: formatBytes(peak),
      note: `${share}${limit === null ? '' : `, ${formatBytes(limit)}`}${isStopped ? `; ${cappedBy([side])}` : ''}`,
    },
    {
      label: 'After the load',
      value: formatBytes(floor),
      note: floor === null ? `no quiet stage after it${isStopped ? ', since it was stopped' : ''}` : 'settled',
    },
    latencyTile(side),
    {
      label: isStopped ? 'Answered until then' : 'Answered',
      value: formatCount(answeredOf(side)),
      note: `of ${formatCount(asked)}`,
    },
  ];
}

function tilesOf(side: Side): string {
  return sideTiles(side)
    .map(
      ({ label, value, note }) =>
        `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd>${escapeHtml(note)}</dd></div>`,
    )
    .join('');
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
      { type: 'html', html: `<h1>${escapeHtml(noBreak(comparisonHeadline(comparison)))}</h1>${warning}` },
      ...sidesOf(comparison).map((side) => ({ type: 'html' as const, html: sideHtml(side) })),
    ],
  };
}

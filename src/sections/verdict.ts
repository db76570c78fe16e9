import { escapeHtml } from '../base/escape-html.ts';
import { formatClock, formatDuration } from '../base/units.ts';
import { isCut } from '../computed/cut-run.ts';
import { fullBefore } from '../computed/full-before-load.ts';
import { invalidAdvice, isWithoutSuccess } from '../computed/invalid-advice.ts';
import { isConfirmed, searchAnswer, searchClaim } from '../computed/search-answer.ts';
import { unsentByStop } from '../computed/unsent.ts';
import { killedIn } from '../model/killed.ts';
import type { RunResult } from '../model/result.ts';
import type { ReportSection } from '../model/section.ts';
import { withCode } from './wording/code.ts';
import { formatCount, sumOfOutcomes } from './wording/counts.ts';
import { noBreak } from './wording/no-break.ts';
import { firstSentence, lowerFirst, memoryReached, upperFirst, worstFirst } from './wording/sentences.ts';
import { tiles } from './wording/tiles.ts';

const verdictWords: Readonly<Record<RunResult['verdict'], string>> = {
  ok: 'Ok',
  warn: 'Warning',
  fail: 'Fail',
  inconclusive: 'Inconclusive',
};

/** Detectors whose finding is itself a sentence about memory; any other follows one. */
const memoryDetectors: ReadonlySet<string> = new Set([
  'oom-kill',
  'low-headroom',
  'concurrency-amplification',
  'size-dependent-peak',
  'growth-with-load',
  'growth-with-inputs',
  'growth-without-load',
  'retained-memory',
  'swapped-growth',
  'cold-multiplier',
  'shm-plateau',
  'locked-memory',
  'memory-stall',
  // Whoever starves a neighbour has taken the memory that it needed.
  'neighbour-failure',
]);

/** The finding that decides the verdict; of several the one about memory. */
function leadOf(result: RunResult): RunResult['findings'][number] | undefined {
  const decisive = worstFirst(result.findings).filter((finding) => finding.verdict === result.verdict);
  // A search that confirmed nothing says itself what to do.
  if (isOpenSearch(result)) {
    const own = decisive.find(({ detector }) => detector === 'concurrency-amplification');
    if (own !== undefined) {
      return own;
    }
  }
  return decisive.find((finding) => memoryDetectors.has(finding.detector)) ?? decisive[0];
}

const isOpenSearch = ({ search }: RunResult): boolean => search !== null && !isConfirmed(search);

/** Nothing decides but that the target answered nothing. */
const didNoWork = ({ verdict, requests }: RunResult): boolean =>
  verdict === 'inconclusive' && requests.planned > 0 && requests.outcomes.ok === 0;

function headline(result: RunResult): string {
  const memory = memoryReached(result);
  if (result.validity.state === 'invalid') {
    const full = result.validity.reasons.find((reason) => reason.startsWith(fullBefore));
    if (full !== undefined) {
      return `Invalid: ${lowerFirst(firstSentence(full))}.`;
    }
    return isWithoutSuccess(result)
      ? `Invalid: none of ${formatCount(result.requests.planned)} requests succeeded, so another load was measured than was planned; ${memory}.`
      : `Invalid: the run was not measured well enough to judge; ${memory}.`;
  }
  const word = verdictWords[result.verdict];
  if (result.verdict === 'inconclusive' && isCut(result)) {
    const endMs = result.stages.at(-1)?.endMs ?? 0;
    return `${word}: the run was ${result.status} after ${formatDuration(endMs)}, before its plan had ended; ${memory}.`;
  }
  const answer = searchClaim(result);
  if (result.verdict === 'ok' || (answer !== null && isOpenSearch(result))) {
    return `${word}: ${answer ?? memory}.`;
  }
  const lead = leadOf(result);
  if (lead === undefined || didNoWork(result)) {
    const idle = didNoWork(result) ? `, but none of ${formatCount(result.requests.planned)} requests was answered` : '';
    return `${word}: ${memory}${idle}.`;
  }
  const summary = firstSentence(lead.summary);
  const claim = lowerFirst(summary.length === 0 || summary.length > 150 ? firstSentence(lead.title) : summary);
  if (answer !== null) {
    return `${word}: ${answer}, but ${claim}.`;
  }
  return memoryDetectors.has(lead.detector) && result.verdict !== 'inconclusive'
    ? `${word}: ${claim}.`
    : `${word}: ${memory}, but ${claim}.`;
}

/** What a search found with its reasons, which its headline leaves out. */
function searched(result: RunResult): string {
  const answer = searchAnswer(result);
  return answer === null ? '' : `${upperFirst(answer)}. `;
}

/** What would have happened, or did. */
function outlook(result: RunResult): string {
  const { prediction, guard } = result;
  const kill = result.events.find((event) => event.kind === 'oom_kill' && event.subject !== 'host');
  if (kill !== undefined) {
    // The event is the group's; which process it was stands in the kernel's log, where that may be read.
    const [logged] = killedIn(kill.detail).map(({ name, pid }) => `${name}#${pid}`);
    const named = /#\d+$/.test(kill.subject) ? kill.subject : logged;
    return `The kernel killed ${named ?? 'a process of the target'} ${formatDuration(kill.tMs)} after the start.`;
  }
  if (prediction !== null && prediction.timeToLimitS !== null) {
    const rate = `${(prediction.slopeBytesPerS / 1024 ** 2).toFixed(1)} MiB/s`;
    const left = `${formatDuration(prediction.timeToLimitS * 1000)} later${timeInterval(prediction)}`;
    return guard === null
      ? `At ${rate} the limit would be reached ${left}.`
      : `At ${rate} the kill would have come ${left}; the guard ended the load first.${restOf(guard)}`;
  }
  if (guard !== null) {
    return `The guard ended the load ${formatDuration(guard.stoppedAtMs)} after the start: ${guard.reason.replace(/\.$/, '')}.${restOf(guard)}`;
  }
  if (result.memory.peakBytes === null) {
    return 'Without a memory reading nothing can be projected.';
  }
  const why = prediction?.why ?? null;
  return why === null ? 'No growth towards the limit was projected.' : `No time to the limit is projected: ${why}.`;
}

/** What was watched without load, and whether the guard ended that too. */
function restOf({ stoppedAtMs, watchedUntilMs, restEnded }: NonNullable<RunResult['guard']>): string {
  if (watchedUntilMs == null) {
    return '';
  }
  const why = restEnded == null ? '' : `, when the guard ended the run: ${restEnded}`;
  return ` From ${formatClock(stoppedAtMs)} the target was watched without load until ${formatClock(watchedUntilMs)}${why}.`;
}

function timeInterval({ timeToLimitCi95S }: NonNullable<RunResult['prediction']>): string {
  if (timeToLimitCi95S === null) {
    return '';
  }
  const [low, high] = timeToLimitCi95S.map((seconds) => (seconds === null ? null : formatDuration(seconds * 1000)));
  return high === null || high === undefined
    ? ` (95 %: ${low ?? ''} at the earliest)`
    : ` (95 %: ${low ?? ''} to ${high})`;
}

function validity(result: RunResult): string {
  const { requests, harness } = result;
  if (result.validity.state === 'invalid') {
    return `Invalid run: ${result.validity.reasons.map((reason) => reason.replace(/\.$/, '')).join('; ') || 'no reason given'}.`;
  }
  const accounted =
    requests.planned === 0
      ? 'no request was planned'
      : `${formatCount(sumOfOutcomes(requests))} of ${formatCount(requests.planned)} requests accounted for${neverSent(result)}`;
  const missed =
    harness.expectedSamples === null || harness.missedSamples === null
      ? 'missed samples not counted'
      : harness.missedSamples === 0
        ? 'no sample missed'
        : `${formatCount(harness.missedSamples)} of ${formatCount(harness.expectedSamples)} samples missed`;
  const status = result.status === 'completed' ? '' : ` The run was ${result.status}.`;
  return `Valid run: ${accounted}, ${missed}.${status}`;
}

/** Who reads `never sent` thinks of overload. */
function neverSent(result: RunResult): string {
  const unsent = unsentByStop(result);
  return unsent === null ? '' : ` (${formatCount(unsent.count)} never sent: ${unsent.why})`;
}

function origin(result: RunResult): string {
  const { target } = result;
  const fixes = target.fixes.length === 0 ? '' : ` with ${target.fixes.join(', ')}`;
  const fault = target.fault === null ? 'no fault' : `fault ${target.fault}`;
  const what = target.kind === 'reference' ? `reference server, ${fault}${fixes}` : target.url || target.observed;
  return [
    result.profile.name,
    what,
    result.startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC'),
    `run ${result.runId}`,
  ]
    .map(escapeHtml)
    .join(' · ');
}

/** What to do about it stands with the verdict. A run that was measured badly is measured again first. */
function remedyHtml(result: RunResult): string {
  const remedy =
    result.validity.state === 'invalid'
      ? invalidAdvice(result)
      : result.verdict === 'ok'
        ? ''
        : (leadOf(result)?.remedy ?? '');
  return remedy === '' ? '' : `<p class="do"><b>Do first:</b> ${withCode(remedy)}</p>`;
}

function summaryHtml(result: RunResult, level: 1 | 2): string {
  const state = result.validity.state === 'invalid' ? 'invalid' : result.verdict;
  const question =
    result.profile.question === '' ? '' : `<p class="question">${escapeHtml(result.profile.question)}</p>`;
  return [
    `<p class="origin">${origin(result)}</p>`,
    `<div class="verdict ${state}"><h${level}>${escapeHtml(noBreak(headline(result)))}</h${level}>`,
    remedyHtml(result),
    `<p>${escapeHtml(`${searched(result)}${outlook(result)} ${validity(result)}`)}</p></div>`,
    question,
    '<dl class="tiles">',
    ...tiles(result).map(
      ({ label, value, note }) =>
        `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd>${escapeHtml(note)}</dd></div>`,
    ),
    '</dl>',
  ].join('');
}

export const verdict: ReportSection = {
  id: 'verdict',
  title: 'Verdict',
  render: (results) =>
    results.length === 1
      ? [{ type: 'html', html: summaryHtml(results[0], 1) }]
      : [
          { type: 'html', html: `<h1>${results.length} runs side by side</h1>` },
          ...results.map((result) => ({ type: 'html' as const, html: summaryHtml(result, 2) })),
        ],
};

import { formatBytes, formatDuration, formatShare } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { formatCount, outcomesInWords, sumOfOutcomes } from './wording/counts.ts';
import { definitionList } from './wording/definition-list.ts';
import { eachRun } from './wording/each-run.ts';

const checkWords: Readonly<Record<string, string>> = {
  tokens: 'checked token by token against the planted code',
  words: 'checked word by word against the spoken text',
  consistency: 'checked only for shape and for the same answer to the same clip',
  none: 'not checked',
};
const contentWords: Readonly<Record<string, string>> = {
  code: 'generated code (tones), which must not rate the speed or accuracy of a real recogniser',
  speech: 'speech',
  import: 'imported files',
};

function accounting({ requests }: RunResult): string {
  const sum = sumOfOutcomes(requests);
  if (requests.planned === 0 && sum === 0) {
    return 'none planned';
  }
  const parts = outcomesInWords(requests);
  const equation = `${formatCount(requests.planned)} planned = ${parts.length === 0 ? 'no outcome' : parts.join(' + ')}`;
  return sum === requests.planned
    ? equation
    : `${equation}: this does not add up, ${formatCount(Math.abs(requests.planned - sum))} ${sum < requests.planned ? 'are missing' : 'are too many'}`;
}

function samples({ harness }: RunResult): string {
  const { missedSamples, expectedSamples, samplerCostMsPerSample, samplerCpuShare } = harness;
  const missed =
    missedSamples === null || expectedSamples === null
      ? 'not counted'
      : `${formatCount(missedSamples)} of ${formatCount(expectedSamples)} missed`;
  const cost = samplerCostMsPerSample === null ? 'cost not measured' : `${formatDuration(samplerCostMsPerSample)} each`;
  const share = samplerCpuShare === null ? '' : ` · ${(samplerCpuShare * 100).toFixed(2)} % of one core`;
  return `${missed} · ${cost}${share}`;
}

function generator({ harness }: RunResult): string {
  const lag = harness.eventLoopLagP99Ms;
  return [
    harness.rssPeakBytes === null ? 'RSS not measured' : `${formatBytes(harness.rssPeakBytes)} RSS at its peak`,
    lag === null ? 'event loop lag not measured' : `event loop lag p99 ${formatDuration(lag)}`,
    ...(harness.cpuSeconds === null ? [] : [`${harness.cpuSeconds.toFixed(1)} s of processor time`]),
  ].join(' · ');
}

function replyChecks({ requests }: RunResult): string {
  const checks = Object.entries(requests.checks).filter(([, count]) => count > 0);
  const total = checks.reduce((sum, [, count]) => sum + count, 0);
  return checks.length === 0
    ? 'no reply to check'
    : checks
        .map(([check, count]) => `${formatCount(count)} (${formatShare(count / total)}) ${checkWords[check] ?? check}`)
        .join('; ');
}

function errorCodes({ requests }: RunResult): readonly (readonly [string, string])[] {
  const codes = Object.entries(requests.errors).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return codes.length === 0
    ? []
    : [
        [
          'error codes',
          codes
            .slice(0, 20)
            .map(([code, count]) => `${code} × ${formatCount(count)}`)
            .join(', '),
        ],
      ];
}

function measured(result: RunResult): readonly Block[] {
  const { validity, harness, corpus } = result;
  const lateness = harness.dispatchLatenessP99Ms;
  const facts = definitionList([
    ['validity', validity.state === 'valid' ? 'valid' : `invalid: ${validity.reasons.join('; ') || 'no reason given'}`],
    ['requests', accounting(result)],
    ...errorCodes(result),
    [
      'dispatch lateness',
      lateness === null ? 'not measured: no request of an open stage' : `p99 ${formatDuration(lateness)}`,
    ],
    ['samples', samples(result)],
    ['generator', generator(result)],
    ['replies', replyChecks(result)],
    ...(result.requests.wordErrorRate === null
      ? []
      : [['word error rate', `${formatShare(result.requests.wordErrorRate)} of the words spoken`] as const]),
    ['content', `${corpus.name}, ${corpus.items} items: ${contentWords[corpus.content] ?? corpus.content}`],
    ['memory read from', result.memory.peakSource ?? 'nowhere'],
    ['engine', `${result.engine.id} ${result.engine.version}: ${result.engine.why}`],
  ]);
  const faults = result.runtimeErrors.map(({ where, stack }) => [where, stack.split('\n')[0] ?? '']);
  return [
    facts,
    ...(faults.length === 0
      ? []
      : [
          {
            type: 'table' as const,
            caption: 'Faults of the harness itself',
            headings: ['where', 'what'],
            rows: faults,
          },
        ]),
    { type: 'heading', level: 3, text: 'Not observed' },
    result.notObserved.length === 0
      ? { type: 'paragraph', text: 'Nothing is recorded as looked for and missing.' }
      : {
          type: 'table',
          caption: 'Looked for and not there; none of it counts as 0',
          headings: ['what', 'why'],
          rows: result.notObserved.map(({ what, why }) => [what, why]),
        },
  ];
}

export const measurement: ReportSection = {
  id: 'measurement',
  title: 'Was it measured well',
  render: (results) => eachRun(results, measured),
};

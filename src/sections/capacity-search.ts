import { formatBytes, formatDuration, formatRate, formatShare } from '../base/units.ts';
import { searchWords } from '../computed/search-answer.ts';
import type { RunResult } from '../model/result.ts';
import type { SearchResult, SearchStep } from '../model/search.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { formatCount } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';
import { upperFirst } from './wording/sentences.ts';

const dash = '–';

const verdictWords: Readonly<Record<SearchStep['verdict'], string>> = {
  kept: 'kept its bounds',
  broke: 'broke',
  stopped: 'the load was stopped',
  unfinished: 'not finished',
};

function cells(step: SearchStep): readonly string[] {
  return [
    (step.repeats ?? null) === null ? step.name : `${step.name}, again`,
    formatCount(step.vus),
    formatCount(step.answered),
    step.achievedPerSecond === null ? dash : formatRate(step.achievedPerSecond),
    step.p95Ms === null ? dash : formatDuration(step.p95Ms),
    step.errorRatio === null ? dash : formatShare(step.errorRatio),
    formatBytes(step.peakBytes ?? null),
    formatBytes(step.floorBytes ?? null),
    step.why === '' ? verdictWords[step.verdict] : `${verdictWords[step.verdict]}: ${step.why}`,
    step.planHash.slice(0, 12),
  ];
}

function answer(search: SearchResult, limitBytes: number | null): string {
  const { claim, why } = searchWords(search, limitBytes);
  const { kneeVus } = search;
  const knee =
    kneeVus === null ? '' : ` More than ${formatCount(kneeVus)} at once were hardly answered faster: they only wait.`;
  return `${upperFirst(claim)}. ${upperFirst(why)}.${knee}`;
}

function blocks({ search, memory }: RunResult): readonly Block[] {
  if (search === null) {
    return [{ type: 'paragraph', text: 'This run looked for no capacity.' }];
  }
  const table: Block = {
    type: 'table',
    caption: `Each step of concurrency, in the order in which it was tried. The rate is the sum over all clients of answers by the time from a client's first request to the end of its last. ${dash} was not seen.`,
    headings: ['step', 'at once', 'answered', 'rate', 'p95', 'failed', 'memory', 'left after it', 'came to', 'plan'],
    rows: search.steps.map(cells),
  };
  return [
    { type: 'paragraph', text: answer(search, memory.limitBytes) },
    ...(search.steps.length === 0 ? [] : [table]),
  ];
}

export const capacitySearch: ReportSection = {
  id: 'capacity-search',
  title: 'How many at once',
  render: (results) => (results.some(({ search }) => search !== null) ? eachRun(results, blocks) : []),
};

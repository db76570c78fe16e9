import { formatDuration, formatRate, formatShare } from '../base/units.ts';
import type { RunResult, SearchResult, SearchStep } from '../model/result.ts';
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
    step.name,
    formatCount(step.vus),
    formatCount(step.answered),
    step.achievedPerSecond === null ? dash : formatRate(step.achievedPerSecond),
    step.p95Ms === null ? dash : formatDuration(step.p95Ms),
    step.errorRatio === null ? dash : formatShare(step.errorRatio),
    step.why === '' ? verdictWords[step.verdict] : `${verdictWords[step.verdict]}: ${step.why}`,
    step.planHash.slice(0, 12),
  ];
}

function answer({ lastGoodVus, kneeVus, why }: SearchResult): string {
  const safe =
    lastGoodVus === null ? 'No concurrency kept every bound' : `${formatCount(lastGoodVus)} at once kept every bound`;
  const knee =
    kneeVus === null ? '' : ` More than ${formatCount(kneeVus)} at once were hardly answered faster: they only wait.`;
  return `${safe}. ${upperFirst(why)}.${knee}`;
}

function blocks({ search }: RunResult): readonly Block[] {
  if (search === null) {
    return [{ type: 'paragraph', text: 'This run looked for no capacity.' }];
  }
  const table: Block = {
    type: 'table',
    caption: `Each step of concurrency, in the order in which it was tried. The rate is the sum over all clients of answers by the time from a client's first request to the end of its last. ${dash} was not seen.`,
    headings: ['step', 'at once', 'answered', 'rate', 'p95', 'failed', 'came to', 'plan'],
    rows: search.steps.map(cells),
  };
  return [{ type: 'paragraph', text: answer(search) }, ...(search.steps.length === 0 ? [] : [table])];
}

export const capacitySearch: ReportSection = {
  id: 'capacity-search',
  title: 'How many at once',
  render: (results) => (results.some(({ search }) => search !== null) ? eachRun(results, blocks) : []),
};

import { formatDuration, formatShare } from '../base/units.ts';
import type { NeighbourStage, RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { formatCount, outcomesInWords } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

const dash = '–';

function cells({
  name,
  kind,
  asked,
  answered,
  availabilityRatio,
  latencyMs,
  errors,
}: NeighbourStage): readonly string[] {
  const codes = Object.entries(errors).map(([code, count]) => `${formatCount(count)} ${code}`);
  return [
    name,
    kind,
    formatCount(asked),
    asked === 0 ? dash : formatCount(answered),
    availabilityRatio === null ? dash : formatShare(availabilityRatio),
    latencyMs.p50 === null ? dash : formatDuration(latencyMs.p50),
    latencyMs.max === null ? dash : formatDuration(latencyMs.max),
    asked === 0 ? dash : codes.length === 0 ? 'none' : codes.join(', '),
  ];
}

function blocks({ neighbour }: RunResult): readonly Block[] {
  if (neighbour === null) {
    return [{ type: 'paragraph', text: 'No neighbour was called beside this load.' }];
  }
  const { adapter, everyMs, requests, stages } = neighbour;
  const others = outcomesInWords(requests, true);
  const not = others.length === 0 ? 'all of them were answered' : `not answered well: ${others.join(', ')}`;
  return [
    {
      type: 'paragraph',
      text: `One client asked the neighbour by ${adapter}, ${formatDuration(everyMs)} after each answer: ${formatCount(requests.planned)} times, ${not}. In a stage of silence it does not ask.`,
    },
    {
      type: 'table',
      caption: `The neighbour in each stage of the load, by the stage in which it was asked. ${dash} it was not asked, or did not answer.`,
      headings: ['stage', 'kind', 'asked', 'answered', 'availability', 'p50', 'longest', 'failures'],
      rows: stages.map(cells),
    },
  ];
}

export const neighbour: ReportSection = {
  id: 'neighbour',
  title: 'The neighbour',
  render: (results) => (results.some((result) => result.neighbour !== null) ? eachRun(results, blocks) : []),
};

import { formatBytes, formatClock, formatDuration, formatRate } from '../base/units.ts';
import type { RunResult, StageResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { formatCount, outcomesInWords } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

const dash = '–';

function cells(stage: StageResult): readonly string[] {
  const others = outcomesInWords(stage.requests, true);
  const isLoaded = stage.loadModel !== null || stage.requests.planned > 0;
  return [
    stage.name,
    stage.kind,
    formatClock(stage.startMs),
    formatDuration(stage.endMs - stage.startMs),
    stage.loadModel ?? dash,
    stage.offeredPerSecond === null ? dash : formatRate(stage.offeredPerSecond),
    stage.achievedPerSecond === null ? dash : formatRate(stage.achievedPerSecond),
    isLoaded ? formatCount(stage.requests.planned) : dash,
    isLoaded ? formatCount(stage.requests.outcomes.ok) : dash,
    isLoaded ? (others.length === 0 ? 'none' : others.join(', ')) : dash,
    stage.requests.latencyMs.p95 === null ? dash : formatDuration(stage.requests.latencyMs.p95),
    stage.memory.peakBytes === null ? dash : formatBytes(stage.memory.peakBytes),
    stage.memory.endBytes === null ? dash : formatBytes(stage.memory.endBytes),
    stage.memory.peakHolder ?? dash,
  ];
}

function resolvedRates(result: RunResult): readonly Block[] {
  const rates = result.stages.flatMap((stage) =>
    stage.rates.map((rate) => `${stage.name}: ${rate.name} = ${formatRate(rate.perSecond)}`),
  );
  return rates.length === 0
    ? []
    : [{ type: 'paragraph', text: `Rates as resolved during the run: ${rates.join('; ')}.` }];
}

export const stages: ReportSection = {
  id: 'stages',
  title: 'Stages',
  render: (results) =>
    eachRun(results, (result) =>
      result.stages.length === 0
        ? [{ type: 'paragraph', text: 'The run ended before its first stage.' }]
        : [
            {
              type: 'table',
              caption: 'Each stage: its load, its answers, its memory. – does not apply, or was not observed.',
              headings: [
                'stage',
                'kind',
                'from',
                'lasted',
                'model',
                'offered',
                'achieved',
                'planned',
                'answered',
                'not answered well',
                'p95',
                'peak',
                'at its end',
                'held at peak by',
              ],
              rows: result.stages.map(cells),
            },
            ...resolvedRates(result),
          ],
    ),
};

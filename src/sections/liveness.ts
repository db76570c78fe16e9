import { formatBytes, formatDuration } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { lineChart, seriesOf } from './drawing/line-chart.ts';
import { highest } from './drawing/time-chart.ts';
import { formatCount } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

function caption(result: RunResult): string {
  const series = seriesOf(result, 'healthRtt');
  const slowest = series === null ? null : highest(series);
  const silence = result.stages.some((stage) => stage.kind === 'silence')
    ? ' In a stage of silence it is not asked.'
    : '';
  return `The slowest answer to a health question took ${formatDuration(slowest)}. A gap is a question without an answer, or none asked.${silence}`;
}

function socketsCaption(result: RunResult): string {
  const top = (name: string): number | null => {
    const series = seriesOf(result, name);
    return series === null ? null : highest(series);
  };
  const waiting = top('acceptQueue');
  const queue =
    waiting === null
      ? ''
      : waiting === 0
        ? ' None ever waited to be accepted.'
        : ` At most ${formatCount(waiting)} waited to be accepted: the server did not get to them.`;
  return `At most ${formatCount(top('socketsEstablished') ?? 0)} connections were open to the target.${queue}`;
}

function unreadCaption(result: RunResult): string {
  const series = seriesOf(result, 'unreadBytes');
  return `At most ${formatBytes(series === null ? null : highest(series))} lay unread at the target's sockets. What stays there is a request that the server accepted and does not read.`;
}

function charts(result: RunResult): readonly (Block | null)[] {
  return [
    lineChart(result, {
      title: 'Health round trip',
      caption: caption(result),
      quantity: 'duration',
      heightPx: 90,
      lines: [{ name: 'healthRtt', label: 'health round trip', color: 'var(--accent)', dash: null }],
    }),
    lineChart(result, {
      title: "Connections at the target's port",
      caption: socketsCaption(result),
      quantity: 'count',
      heightPx: 80,
      lines: [
        { name: 'socketsEstablished', label: 'established', color: 'var(--accent)', dash: null },
        { name: 'acceptQueue', label: 'waiting to be accepted', color: 'var(--fail)', dash: [5, 3] },
      ],
    }),
    lineChart(result, {
      title: 'Bytes that wait unread at its sockets',
      caption: unreadCaption(result),
      quantity: 'bytes',
      heightPx: 80,
      lines: [{ name: 'unreadBytes', label: 'unread', color: 'var(--l1-line)', dash: null }],
    }),
  ];
}

const notAsked: Block = {
  type: 'paragraph',
  text: 'No health question was answered in this run, or none was asked.',
};

export const liveness: ReportSection = {
  id: 'liveness',
  title: 'Does it still answer',
  render: (results) =>
    eachRun(results, (result) => {
      const [health = null, ...sockets] = charts(result);
      return [health ?? notAsked, ...sockets.filter((chart) => chart !== null)];
    }),
};

import { formatClock, formatDuration } from '../base/units.ts';
import type { MinuteRow, RunResult } from '../model/result.ts';
import type { Block, ReportSection } from '../model/section.ts';
import { deviceMemoryName, formatCount } from './wording/counts.ts';
import { eachRun } from './wording/each-run.ts';

function mebibytes(bytes: number | null): string {
  if (bytes === null) {
    return '–';
  }
  const size = bytes / 1024 ** 2;
  return size < 100 ? size.toFixed(1) : formatCount(size);
}

function percent(ratio: number | null): string {
  return ratio === null ? '–' : (ratio * 100).toFixed(1);
}

/** Six seconds, a quarter of a minute: what one minute of the profile lasted. */
function minuteLength(scale: number): string {
  return formatDuration(60_000 * scale).replace(/\.0(?= s)/, '');
}

function cells(row: MinuteRow, isScaled: boolean): readonly string[] {
  return [
    row.minute.toString(),
    ...(isScaled ? [formatClock(row.atMs)] : []),
    row.stage,
    mebibytes(row.rssBytes),
    mebibytes(row.pssBytes),
    mebibytes(row.footprintBytes),
    mebibytes(row.memAvailableBytes),
    mebibytes(row.vramUsedBytes),
    mebibytes(row.vramFreeBytes),
    percent(row.psiMemorySomeAvg10),
    percent(row.psiMemoryFullAvg10),
    row.inFlight === null ? '–' : row.inFlight.toString(),
    row.p95Ms === null ? '–' : formatDuration(row.p95Ms),
  ];
}

function table(result: RunResult): Block {
  const { scale } = result.profile;
  const isScaled = scale !== 1;
  const device = deviceMemoryName(result);
  return {
    type: 'table',
    caption: `State at each minute${isScaled ? `; 1 profile minute = ${minuteLength(scale)}` : ''}. Memory in MiB, PSI in % of the ${isScaled && scale < 1 / 6 ? minuteLength(scale) : '10 s'} before; – was not observed, or nothing planned in the minute before was answered.`,
    headings: [
      'minute',
      ...(isScaled ? ['at'] : []),
      'stage',
      'RSS',
      'PSS',
      'footprint',
      'host available',
      `${device} used`,
      `${device} free`,
      'PSI some',
      'PSI full',
      'in flight',
      'p95',
    ],
    rows: result.memory.perMinute.map((row) => cells(row, isScaled)),
  };
}

export const minutes: ReportSection = {
  id: 'minutes',
  title: 'Minute by minute',
  render: (results) =>
    eachRun(results, (result) =>
      result.memory.perMinute.length === 0
        ? [{ type: 'paragraph', text: 'No minute of this run was sampled.' }]
        : [table(result)],
    ),
};

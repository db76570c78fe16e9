import { median, theilSen } from '../../base/statistics.ts';
import { formatBytes, formatDuration } from '../../base/units.ts';
import type { GateConstants, GateRow } from '../../model/gate.ts';
import type { RunResult } from '../../model/result.ts';
import { gateRow } from './row.ts';

type Absolute = GateConstants['absolute'];
const hourMs = 3_600_000;

interface Slope {
  runId: string;
  stage: string | null;
  basis: string;
  steadyBytes: number;
  lowerPerHour: number;
  upperPerHour: number;
  observedMs: number;
  isTooShort: boolean;
}

/**
 * Layer B for leaks (PROTOCOL 12.5): hours = (limit - steady) / upper slope, of the last half of each stage of constant load, and of
 * what equal rounds leave behind where the leak rule says that they grow. The interval is printed, since the hours
 * are of its upper end.
 */
export function leakRows(
  runs: readonly { result: RunResult; constantStages: readonly string[] }[],
  absolute: Absolute,
): readonly GateRow[] {
  return runs.flatMap(({ result, constantStages }) => {
    const { limitBytes } = result.memory;
    const slopes = [...stageSlopes(result, constantStages, absolute), ...roundSlopes(result)];
    return limitBytes === null ? [] : slopes.map((slope) => leakRow(slope, limitBytes, absolute));
  });
}

function stageSlopes(result: RunResult, constantStages: readonly string[], absolute: Absolute): Slope[] {
  const series = result.series['footprint'];
  const isLong = ({ startMs, endMs }: { startMs: number; endMs: number }): boolean =>
    endMs - startMs >= absolute.leakMinMinutes * 60_000;
  return result.stages
    .filter((stage) => stage.kind === 'load' && constantStages.includes(stage.name) && isLong(stage))
    .flatMap((stage) => {
      const fromMs = (stage.startMs + stage.endMs) / 2;
      const points = (series?.tMs ?? []).flatMap((tMs, index) => {
        const value = series?.values[index] ?? null;
        return value === null || tMs < fromMs || tMs > stage.endMs ? [] : [{ tMs, value }];
      });
      const values = points.map(({ value }) => value);
      const line = theilSen(
        points.map(({ tMs }) => tMs),
        values,
      );
      const steadyBytes = median(values);
      return line === null || steadyBytes === null
        ? []
        : [
            {
              runId: result.runId,
              stage: stage.name,
              basis: 'the last half of the stage',
              steadyBytes,
              lowerPerHour: line.lowerSlope * hourMs,
              upperPerHour: line.upperSlope * hourMs,
              observedMs: stage.endMs - fromMs,
              isTooShort: points.length < absolute.leakMinSamples,
            },
          ];
    });
}

/** Only where the leak rule already sees growth: the slope of a warm-up would end every server within days. */
function roundSlopes(result: RunResult): Slope[] {
  const rounds = result.stages.filter(({ kind, name }) => kind === 'load' && /-\d+$/.test(name));
  const periodMs = median(rounds.slice(1).map(({ startMs }, index) => startMs - (rounds[index]?.startMs ?? startMs)));
  return result.findings.flatMap(({ detector, verdict, evidence }) => {
    const lower = evidence['lowerBytesPerRound'];
    const upper = evidence['upperBytesPerRound'];
    const isGrowth = detector === 'growth-with-load' || detector === 'growth-with-inputs';
    if (!isGrowth || (verdict !== 'warn' && verdict !== 'fail') || periodMs === null || periodMs <= 0) {
      return [];
    }
    return typeof lower !== 'number' || typeof upper !== 'number' || evidence['metric'] !== 'footprint'
      ? []
      : [
          {
            runId: result.runId,
            stage: null,
            basis: `equal rounds every ${formatDuration(periodMs)}`,
            steadyBytes: result.memory.floorBytes ?? result.memory.peakBytes ?? 0,
            lowerPerHour: (lower / periodMs) * hourMs,
            upperPerHour: (upper / periodMs) * hourMs,
            observedMs: periodMs * rounds.length,
            isTooShort: false,
          },
        ];
  });
}

function leakRow(slope: Slope, limitBytes: number, absolute: Absolute): GateRow {
  const hours =
    slope.upperPerHour <= 0 ? Number.POSITIVE_INFINITY : (limitBytes - slope.steadyBytes) / slope.upperPerHour;
  const rises = slope.lowerPerHour > 0;
  const judged = !rises || hours >= absolute.leakWarnHours ? 'pass' : hours < absolute.leakFailHours ? 'fail' : 'warn';
  const perHour = `${formatBytes(slope.lowerPerHour)} to ${formatBytes(slope.upperPerHour)} an hour (95 % interval, over ${formatDuration(slope.observedMs)})`;
  const told = rises
    ? `${slope.basis} rise by ${perHour}: the limit is reached in ${formatDuration(hours * hourMs)} at the earliest`
    : `${slope.basis} show no rise: ${perHour}`;
  const short = slope.isTooShort ? ' Too few samples to say more: sample more often, or go on longer.' : '';
  return gateRow({
    layer: 'absolute',
    rule: 'leak-hours',
    state: slope.isTooShort ? 'inconclusive' : judged,
    metric: 'leak-hours',
    stage: slope.stage,
    unit: 'hours',
    value: Number.isFinite(hours) ? hours : null,
    threshold: absolute.leakFailHours,
    sentence: `In ${slope.runId} ${told}.${short}`,
  });
}

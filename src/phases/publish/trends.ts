import { changePoints } from '../../base/e-divisive.ts';
import { plainText } from '../../base/escape-html.ts';
import { mad, median } from '../../base/statistics.ts';
import { isSameMetric, type MetricName } from '../../computed/gate/metrics.ts';
import type { GateConstants } from '../../model/gate.ts';
import type { HistoryAcceptance, HistoryLine, HistoryReference, HistorySession } from '../../model/history.ts';
import type { Trend, TrendNight } from '../../sections/trends/trend.ts';

/** Nights that are shown one by one; the overview is of all. */
export const shownNights = 60;
/** More than these are not told apart in the overview: of each stretch the lowest and the highest stay. */
const overviewNights = 240;

export interface SeriesTrends {
  series: string;
  profile: string;
  recent: readonly Trend[];
  overview: readonly Trend[];
}

interface Lines {
  sessions: readonly HistorySession[];
  acceptances: readonly HistoryAcceptance[];
  references: readonly HistoryReference[];
}

/** The lines of one series, a session that was written twice as it was written last. */
function sorted(lines: readonly HistoryLine[]): Lines {
  const latest = new Map<string, HistorySession>();
  for (const line of lines) {
    if (line.kind === 'session') {
      latest.set(line.sessionId, line);
    }
  }
  return {
    sessions: [...latest.values()]
      .filter(({ state }) => state !== 'invalid')
      .toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    acceptances: lines.filter((line): line is HistoryAcceptance => line.kind === 'acceptance'),
    references: lines.filter((line): line is HistoryReference => line.kind === 'reference'),
  };
}

/** A metric of each of the last nights, and of all nights thinned out. */
export function trendsOf(series: string, history: readonly HistoryLine[], constants: GateConstants): SeriesTrends {
  const lines = sorted(history);
  const names = namesOf(lines.sessions);
  const all = names.map((name) => trendOf(name, lines, constants));
  return {
    series,
    profile: lines.sessions.at(-1)?.profile ?? series,
    recent: all.map((trend) => withChanges({ ...trend, nights: trend.nights.slice(-shownNights) }, constants)),
    overview: all
      .filter(({ nights }) => nights.length > shownNights)
      .map((trend) => ({ ...trend, nights: thinned(trend.nights) })),
  };
}

/** In the order in which the last night has them. */
function namesOf(sessions: readonly HistorySession[]): readonly MetricName[] {
  const names: MetricName[] = [];
  for (const metric of sessions
    .toReversed()
    .slice(0, shownNights)
    .flatMap(({ metrics }) => metrics)) {
    if (!names.some((name) => isSameMetric(name, metric))) {
      names.push(metric);
    }
  }
  return names;
}

function trendOf(name: MetricName, { sessions, acceptances, references }: Lines, constants: GateConstants): Trend {
  const usual: number[] = [];
  const resets = acceptances.flatMap(({ fromSessionId, reason }) => {
    const from = sessions.find(({ sessionId }) => sessionId === fromSessionId);
    return from === undefined ? [] : [{ atMs: Date.parse(from.at), reason: plainText(reason, 200) }];
  });
  const starts = new Set(acceptances.map(({ fromSessionId }) => fromSessionId));
  const nights = sessions.flatMap((session): TrendNight[] => {
    const metric = session.metrics.find((one) => isSameMetric(one, name));
    if (starts.has(session.sessionId)) {
      usual.length = 0;
    }
    if (metric === undefined) {
      return [];
    }
    const band = bandOf(name.id, usual, constants);
    if (session.isAccepted && !metric.isSuspect) {
      usual.push(metric.median);
    }
    return [
      {
        sessionId: session.sessionId,
        atMs: Date.parse(session.at),
        values: metric.values,
        median: metric.median,
        isAccepted: session.isAccepted,
        band,
      },
    ];
  });
  const pinned = references.at(-1)?.metrics.find((metric) => isSameMetric(metric, name));
  const unit = sessions.flatMap(({ metrics }) => metrics).find((metric) => isSameMetric(metric, name))?.unit ?? 'bytes';
  return {
    title: [name.id, name.stage, name.instance].filter((part) => part !== null).join(', '),
    unit,
    nights,
    reference: pinned?.median ?? null,
    limit: name.id === 'peak-memory' ? limitOf(sessions) : null,
    changes: [],
    resets,
  };
}

/** As the gate has it (PROTOCOL 12.6), without the part that needs the limit of the run. */
function bandOf(id: string, usual: readonly number[], constants: GateConstants): TrendNight['band'] {
  const rule = constants.metrics[id];
  const { window, minHistory, madFactor } = constants.relative;
  const recent = usual.slice(-window);
  const centre = median(recent);
  const spread = mad(recent);
  if (rule === undefined || recent.length < minHistory || centre === null || spread === null) {
    return null;
  }
  const size = Math.abs(centre);
  const move = Math.max(rule.delta * size, madFactor * Math.max(spread, rule.floor * size), rule.absFloor);
  return { low: centre - move, high: centre + move };
}

/** Nights of one series have one limit, which its name holds; that of a host is no limit of the target. */
function limitOf(sessions: readonly HistorySession[]): number | null {
  const text = sessions.at(-1)?.comparability.must['memory limit'] ?? '';
  const bytes = /^(\d+) bytes$/.exec(text)?.[1];
  return bytes === undefined ? null : Number(bytes);
}

function withChanges(trend: Trend, { changePoints: rules }: GateConstants): Trend {
  const values = trend.nights.map((night) => night.median);
  const middle = Math.abs(median(values) ?? 0);
  const isFlat = Math.max(...values) - Math.min(...values) < rules.minMagnitude * middle;
  if (isFlat || values.length < rules.minBefore + rules.minAfter) {
    return trend;
  }
  const { pValue, permutations, minAfter: minSegment } = rules;
  const found = changePoints(values, { pValue, permutations, minSegment, seed: `change-points ${trend.title}` });
  return {
    ...trend,
    changes: found.flatMap(({ index }) => {
      const night = trend.nights[index];
      return night === undefined ? [] : [{ atMs: night.atMs, sessionId: night.sessionId }];
    }),
  };
}

/** The lowest and the highest night of each stretch, so that no peak is lost. */
function thinned(nights: readonly TrendNight[]): readonly TrendNight[] {
  if (nights.length <= overviewNights) {
    return nights;
  }
  const perStretch = Math.ceil((2 * nights.length) / overviewNights);
  const kept: TrendNight[] = [];
  for (let from = 0; from < nights.length; from += perStretch) {
    const ordered = nights.slice(from, from + perStretch).toSorted((a, b) => a.median - b.median);
    const ends = [ordered[0], ordered.at(-1)].filter((night) => night !== undefined);
    kept.push(...[...new Set(ends)].toSorted((a, b) => a.atMs - b.atMs));
  }
  return kept;
}

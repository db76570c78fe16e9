import { median } from '../../base/statistics.ts';
import type { GateConstants } from '../../model/gate.ts';
import type {
  HistoryAcceptance,
  HistoryLine,
  HistoryMetric,
  HistoryReference,
  HistorySession,
} from '../../model/history.ts';
import { isSameMetric, type MetricName } from './metrics.ts';

/** What a session is held against; nights in the order of the file, whatever their clocks said. */
export interface Past {
  /** All nights of the series before the session. */
  nights: readonly HistorySession[];
  /** Of them, those since the last acceptance that make up what is usual. */
  accepted: readonly HistorySession[];
  /** Ids of nights that count only because a person accepted what they showed. */
  covered: ReadonlySet<string>;
  /** Pinned since that acceptance; null: none, then the first nights are the reference. */
  pinned: HistoryReference | null;
  acceptance: HistoryAcceptance | null;
}

export interface Reference {
  median: number;
  runs: number;
  /** Where it comes from, in words. */
  basis: string;
}

/** Sessions that say what is usual: a pull request is not what is deployed, a confirmation is looked at on suspicion. */
const usualPurposes: readonly string[] = ['manual', 'nightly', 'calibrate'];

/** The lines of one series as they were before a session; a session that was written twice counts as written last. */
export function pastOf(lines: readonly HistoryLine[], series: string, before: { sessionId: string; at: string }): Past {
  const own = lines.filter((line) => line.series === series);
  const ordered = latestOfEach(own);
  const end = ordered.findIndex((line) => line.kind === 'session' && line.sessionId === before.sessionId);
  const earlier = end < 0 ? ordered : [...ordered.slice(0, end), ...ordered.slice(end).filter(isNoSession)];
  const acceptance = earlier.findLast(
    (line): line is HistoryAcceptance =>
      line.kind === 'acceptance' && (line.expiresAt === null || Date.parse(line.expiresAt) > Date.parse(before.at)),
  );
  const nights = earlier.filter((line): line is HistorySession => line.kind === 'session' && line.state !== 'invalid');
  const acceptedAt = acceptance === undefined ? -1 : earlier.indexOf(acceptance);
  const from = nights.findIndex(({ sessionId }) => sessionId === acceptance?.fromSessionId);
  const since = nights.slice(Math.max(0, from)).filter(({ purpose }) => usualPurposes.includes(purpose));
  // Nights between the shift and its acceptance were refused as suspects, and are what was accepted.
  const taken = since.filter((night) => earlier.indexOf(night) < acceptedAt).map(({ sessionId }) => sessionId);
  const covered = new Set(from < 0 ? [] : taken);
  return {
    nights,
    accepted: since.filter(({ isAccepted, sessionId }) => isAccepted || covered.has(sessionId)),
    covered,
    pinned:
      earlier.slice(acceptedAt + 1).findLast((line): line is HistoryReference => line.kind === 'reference') ?? null,
    acceptance: acceptance ?? null,
  };
}

const isNoSession = (line: HistoryLine): boolean => line.kind !== 'session';

function latestOfEach(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  const latest = new Map<string, HistorySession>();
  for (const line of lines) {
    if (line.kind === 'session') {
      latest.set(line.sessionId, line);
    }
  }
  const seen = new Set<string>();
  return lines.flatMap((line): HistoryLine[] => {
    if (line.kind !== 'session') {
      return [line];
    }
    const isFirst = !seen.has(line.sessionId);
    seen.add(line.sessionId);
    return isFirst ? [latest.get(line.sessionId) ?? line] : [];
  });
}

/** A metric on all accepted nights, oldest first. Nights on which it was suspect say nothing of it. */
export function usualNights({ accepted, covered }: Past, name: MetricName): readonly HistoryMetric[] {
  return accepted.flatMap(({ metrics, sessionId }) => {
    const metric = metrics.find((one) => isSameMetric(one, name));
    return metric === undefined || (metric.isSuspect && !covered.has(sessionId)) ? [] : [metric];
  });
}

/** The pinned median, or else that of the first accepted nights; null while neither is of enough runs. */
export function referenceOf(
  { pinned }: Past,
  name: MetricName,
  usual: readonly HistoryMetric[],
  { minReference, minHistory }: GateConstants['relative'],
): Reference | null {
  const fixed = pinned?.metrics.find((metric) => isSameMetric(metric, name));
  if (fixed !== undefined && fixed.runs >= minReference) {
    return { median: fixed.median, runs: fixed.runs, basis: `pinned ${pinned?.at ?? ''}` };
  }
  const used = usual.slice(0, minHistory);
  const runs = used.reduce((sum, { values }) => sum + values.length, 0);
  const middle = median(used.map((metric) => metric.median));
  return used.length < minHistory || runs < minReference || middle === null
    ? null
    : { median: middle, runs, basis: `the first ${used.length} nights` };
}

import { formatBytes, formatDuration, formatShare } from '../../base/units.ts';
import { unboundedUpTo, whyAtLeast } from '../../computed/capacity.ts';
import { latencyFrom, latencyFromWords, watchedEngine } from '../../computed/watched.ts';
import type { RunResult } from '../../model/result.ts';
import { formatCount, outcomesInWords } from './counts.ts';

export interface Tile {
  label: string;
  value: string;
  /** Where the value comes from, or why it is not there. */
  note: string;
}

const missing = 'n/a';

function peak({ memory }: RunResult): Tile {
  const { peakBytes, limitBytes, peakSource } = memory;
  const share =
    peakBytes === null || limitBytes === null ? null : `${formatShare(peakBytes / limitBytes)} of the limit`;
  const note =
    peakBytes === null ? 'memory was not observed' : [share, peakSource].filter((part) => part !== null).join(', ');
  return { label: 'Peak footprint', value: formatBytes(peakBytes), note };
}

function headroom({ memory }: RunResult): Tile {
  const { peakBytes, limitBytes, limitSource } = memory;
  const label = 'Headroom';
  if (limitBytes === null) {
    return { label, value: missing, note: 'no limit was found' };
  }
  const where = `limit ${formatBytes(limitBytes)}${limitSource === null ? '' : `: ${limitSource}`}`;
  return peakBytes === null
    ? { label, value: missing, note: `memory was not observed; ${where}` }
    : { label, value: formatBytes(limitBytes - peakBytes), note: where };
}

function afterTheLull({ memory }: RunResult): Tile {
  const { floorBytes, baselineBytes } = memory;
  const before = baselineBytes === null ? 'no idle stage before to compare' : `${formatBytes(baselineBytes)} before it`;
  const note = floorBytes === null ? 'no whole quiet stage after load was observed' : before;
  return { label: 'After the load', value: formatBytes(floorBytes), note };
}

function safeConcurrency({ capacity, capacityUnknown }: RunResult): Tile {
  const label = 'Safe concurrency';
  if (capacity === null) {
    return {
      label,
      value: 'not known',
      // The finding has the rest; a tile is narrow.
      note: capacityUnknown?.split(/[:;] /, 1)[0] ?? 'needs a stage of a steady number of requests at once',
    };
  }
  const { safeConcurrency: safe } = capacity;
  if (safe === null) {
    const upTo = unboundedUpTo(capacity);
    const reach = upTo === null ? '' : `, and nothing above ${formatCount(upTo)} was measured`;
    return { label, value: 'no bound seen', note: `memory did not grow with what was in flight${reach}` };
  }
  const each = `${formatBytes(capacity.bytesPerInFlight)} per request in flight, confidence ${capacity.confidence}`;
  const why = whyAtLeast(capacity);
  // What was measured and how stands where memory is drawn against load; a tile is narrow.
  return why === null
    ? { label, value: formatCount(safe), note: each }
    : { label, value: `at least ${formatCount(safe)}`, note: `${each}; ${why.split('; ', 1)[0] ?? ''}` };
}

function tailLatency(result: RunResult): Tile {
  const { requests, stages } = result;
  const { p95 } = requests.latencyMs;
  const models = stages.flatMap((stage) => stage.loadModel ?? []);
  const isClosed = models.length > 0 && models.every((model) => model === 'closed');
  const none = requests.planned === 0 ? nothingSent(result) : 'no request was answered';
  const note =
    p95 === null ? none : `${latencyFromWords[latencyFrom(result)]}, answered only${isClosed ? ', closed model' : ''}`;
  return { label: 'p95 latency', value: formatDuration(p95), note };
}

/** A watched load was sent, whether or not somebody wrote down what. */
function nothingSent({ engine }: RunResult): string {
  return engine.id === watchedEngine ? 'no requests of the load are known' : 'no request was planned';
}

function answered(result: RunResult): Tile {
  const { requests } = result;
  const others = outcomesInWords(requests, true);
  const all = requests.planned === 0 ? nothingSent(result) : `all of ${formatCount(requests.planned)}`;
  return {
    label: 'Answered',
    value: requests.planned === 0 ? missing : formatCount(requests.outcomes.ok),
    note: others.length === 0 ? all : others.join(' · '),
  };
}

export function tiles(result: RunResult): readonly Tile[] {
  return [peak, headroom, afterTheLull, safeConcurrency, tailLatency, answered].map((tile) => tile(result));
}

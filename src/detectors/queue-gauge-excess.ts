import { formatClock } from '../base/units.ts';
import { ghostAudio } from '../computed/ghost-audio.ts';
import { largestSent, mostHeld, restingLevel } from '../computed/held-work.ts';
import { type Span, spansWhere } from '../computed/spans.ts';
import { stageAt } from '../computed/stages.ts';
import type { Artifacts } from '../model/artifacts.ts';
import { defineDetector, type Observation } from '../model/detector.ts';

/** A page is asked at one tick, read at the next, and waits at most this long for its answer. */
const answerMs = 2000;
const readingsBack = 3;
/** One reading may fall between two of the server's own steps. */
const fewestReadings = 3;

type Queue = Artifacts['gauges']['queues'][number];

interface Excess extends Span {
  queue: Queue;
  told: number;
  held: number;
  item: number;
}

export const queueGaugeExcess = defineDetector({
  id: 'queue-gauge-excess',
  title: "The server's queue is no longer than our own",
  failureTitle: 'The server counts work in its queue that nobody sent',
  description: "The server's own gauge of its queue against all that we have in flight or let go of.",
  unit: 'items',
  remedy:
    'The gauge counts work twice or never gives it up, and whatever scales by it scales for ghosts. Add to it and take from it in one place, and recount the queue when it is empty.',
  requires: ['gauges', 'items', 'records', 'stages', 'inFlight'],
  detect({ gauges, items, records, stages, inFlight }, { profile }) {
    const base = { value: null, threshold: 1 };
    const sent = records.filter(({ startMs }) => startMs !== null);
    if (gauges.queues.length === 0 || sent.length === 0) {
      const why =
        sent.length === 0 ? 'None of the requests were recorded.' : 'The server tells of no queue that is known.';
      return { ...base, verdict: 'not-applicable', summary: why };
    }
    const judged = gauges.queues.filter(({ counts }) => largestSent(sent, items, counts) !== null);
    const readings = Math.max(0, ...judged.map(({ series }) => series.values.filter((value) => value >= 0).length));
    if (readings < fewestReadings) {
      const why =
        judged.length === 0 ? 'The sizes of the items are not known.' : `The queue was read ${readings} times.`;
      return { ...base, verdict: 'inconclusive', summary: why };
    }
    const found = judged
      .flatMap((queue) => excessOf(queue, { sent, items, stages }, profile.sampleIntervalMs))
      .toSorted((a, b) => (b.told - b.held) / b.item - (a.told - a.held) / a.item);
    const [worst] = found;
    if (worst === undefined) {
      const ghost = ghostIn(gauges, inFlight);
      if (ghost !== null) {
        return { ...ghost, stage: stageAt(stages, ghost.startedMs)?.name ?? null };
      }
      return {
        ...base,
        verdict: 'ok',
        summary: 'The queue of the server was never longer than what it could have of ours.',
      };
    }
    const unit = worst.queue.counts === 'requests' ? 'requests' : 's of audio';
    return {
      verdict: 'fail',
      summary: `The server counted ${Math.round(worst.told)} ${unit} in its queue at ${formatClock(worst.startMs)}, when it could have at most ${Math.round(worst.held)} of ours.`,
      value: (worst.told - worst.held) / worst.item,
      threshold: 1,
      stage: stageAt(stages, worst.startMs)?.name ?? null,
      startedMs: worst.startMs,
      evidence: { holder: null, gauge: worst.queue.name, told: worst.told, held: worst.held, item: worst.item },
    };
  },
});

/** A page that contradicts itself: less than one item too many shows in no comparison with ours. */
function ghostIn(
  { queues }: Artifacts['gauges'],
  inFlight: Artifacts['inFlight'],
): (Observation & { startedMs: number }) | null {
  const depth = queues.find(({ counts }) => counts === 'requests');
  const audio = queues.find(({ counts }) => counts === 'audioSeconds');
  const ghost = depth === undefined || audio === undefined ? null : ghostAudio(depth.series, audio.series, inFlight);
  return ghost === null
    ? null
    : {
        verdict: 'fail',
        summary: `The server told of ${Math.round(ghost.audioSeconds)} s of waiting audio beside an empty queue from ${formatClock(ghost.startMs)} on, at ${ghost.readings} readings in a row.`,
        value: null,
        threshold: null,
        startedMs: ghost.startMs,
        evidence: { holder: null, gauge: audio?.name ?? null, told: ghost.audioSeconds, readings: ghost.readings },
      };
}

type Ours = Pick<Artifacts, 'items' | 'stages'> & { sent: Artifacts['records'] };

function excessOf(queue: Queue, { sent, items, stages }: Ours, intervalMs: number): readonly Excess[] {
  const item = largestSent(sent, items, queue.counts) ?? Number.POSITIVE_INFINITY;
  const resting = restingLevel(queue.series, stages);
  const backMs = readingsBack * intervalMs + answerMs;
  let emptyMs = 0;
  const beyond = new Map<number, { told: number; held: number }>();
  const spans = spansWhere(queue.series, (told, tMs) => {
    if (told <= resting) {
      // An empty queue has none of what we let go of before it was asked.
      emptyMs = tMs - backMs;
      return false;
    }
    const held =
      mostHeld(sent, items, queue.counts, { fromMs: tMs - backMs, toMs: tMs, emptyMs }) ?? Number.POSITIVE_INFINITY;
    beyond.set(tMs, { told, held: held + resting });
    return told - resting - held > item;
  });
  return spans
    .filter(({ readings }) => readings >= fewestReadings)
    .flatMap((span) => {
      const first = beyond.get(span.startMs);
      return first === undefined ? [] : [{ ...span, ...first, queue, item }];
    });
}

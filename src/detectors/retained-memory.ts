import { formatBytes, formatShare } from '../base/units.ts';
import { defineDetector, type Observation, type Verdict } from '../model/detector.ts';
import type { Retention } from '../model/rounds.ts';

const retainedRatio = 0.5;
/** Less than this is an allocator's floor on any server. */
const notableBytes = 64 * 1024 ** 2;
/** A second equal round that adds more than this does not find what the first one left. */
const addedBytes = 16 * 1024 ** 2;
const addedShare = 0.1;
/** Of what many rounds left behind each is a small share: then what all of them added tells. */
const addedByAllShare = 0.5;
/** A device has no swap, and what an idle holder keeps of it is missing to its neighbour. */
const deviceShare = 0.1;

interface Judged {
  verdict: Extract<Verdict, 'ok' | 'warn' | 'fail'>;
  ratio: number;
  keptBytes: number;
  roseBytes: number;
  held: Retention & { baseBytes: number; floorBytes: number };
}

export const retainedMemory = defineDetector({
  id: 'retained-memory',
  title: 'Memory goes back after load',
  failureTitle: 'Memory does not go back after load',
  description: 'Share of the rise under load that is still held when the load has long ended.',
  unit: 'ratio',
  remedy:
    'Repeat the load: if the floor rises again it is a leak, if not it is an allocator or a cache that keeps its highest level. Then bound the cache or give memory back when idle.',
  requires: ['retention', 'stages'],
  detect({ retention, stages }) {
    const known = retention.filter(
      (held): held is Judged['held'] => held.baseBytes !== null && held.floorBytes !== null,
    );
    const nothing = { verdict: 'not-applicable', value: null, threshold: retainedRatio } as const;
    if (known.length === 0) {
      const hasBase = retention.some(({ baseBytes }) => baseBytes !== null);
      const missing = hasBase ? 'a quiet stage after load' : 'an idle stage before load';
      return { ...nothing, summary: `The run has no sample of ${missing}.` };
    }
    const judged = known.flatMap((held) => judge(held) ?? []);
    const worst = judged.sort((a, b) => rank(b) - rank(a) || b.ratio - a.ratio)[0];
    if (worst === undefined) {
      const roseBytes = Math.max(...known.map((held) => held.peakBytes - held.baseBytes));
      return {
        ...nothing,
        summary: `The load raised memory by only ${formatBytes(roseBytes)}; under ${formatBytes(notableBytes)} nothing is judged.`,
      };
    }
    const { held, keptBytes, roseBytes, ratio, verdict } = worst;
    const finding: Omit<Observation, 'verdict' | 'summary'> = {
      value: ratio,
      threshold: retainedRatio,
      evidence: {
        holder: held.holder,
        place: held.place,
        baseBytes: held.baseBytes,
        peakBytes: held.peakBytes,
        floorBytes: held.floorBytes,
        retainedBytes: keptBytes,
        secondRoundBytes: held.secondRoundBytes,
      },
    };
    const where = held.place === 'host' ? '' : ` on the device ${held.place}`;
    if (verdict === 'ok') {
      return {
        ...finding,
        verdict,
        summary: `Memory${where} fell back to ${formatBytes(held.floorBytes)}; it was ${formatBytes(held.baseBytes)} before load and ${formatBytes(held.peakBytes)} at its peak.`,
      };
    }
    const quiet = stages.findLast(({ kind }) => kind === 'lull' || kind === 'silence' || kind === 'idle');
    const kind = kindOf(worst);
    return {
      ...finding,
      verdict,
      summary: `After load ${formatBytes(keptBytes)} of the ${formatBytes(roseBytes)} that the load added are still held${where} (${formatShare(ratio)}), most by ${held.holder ?? 'nobody seen'}. ${kind.text}`,
      stage: quiet?.name ?? null,
      startedMs: quiet?.startMs ?? null,
      ...(kind.remedy === null ? {} : { remedy: kind.remedy }),
    };
  },
});

const rank = ({ verdict }: Judged): number => ['ok', 'warn', 'fail'].indexOf(verdict);

/** null: the load added too little to judge. */
function judge(held: Judged['held']): Judged | null {
  const roseBytes = held.peakBytes - held.baseBytes;
  if (Number.isNaN(roseBytes) || roseBytes < notableBytes) {
    return null;
  }
  const keptBytes = held.floorBytes - held.baseBytes;
  const ratio = keptBytes / roseBytes;
  const isKept = ratio > retainedRatio && keptBytes > notableBytes;
  const isScarce = held.capacityBytes !== null && keptBytes >= deviceShare * held.capacityBytes;
  // On the host an allocator's floor is usual: leak-free servers were seen at 0.7 to 1.0.
  const isFailure = isKept && held.place !== 'host' && isScarce;
  return { verdict: isFailure ? 'fail' : isKept ? 'warn' : 'ok', ratio, keptBytes, roseBytes, held };
}

/** A leak adds with each equal load; an allocator's or a cache's highest level stays where it is. */
function kindOf({ held, keptBytes }: Judged): { text: string; remedy: string | null } {
  const { secondRoundBytes, addedByRoundsBytes, place } = held;
  if (secondRoundBytes === null) {
    return {
      text: 'One round cannot tell a leak from an allocator that keeps its highest level.',
      remedy:
        place === 'host'
          ? null
          : 'Unload what is idle after a time to live, or bound the arena or the cache: until then whoever shares the device misses what is held. Repeat the load: if the floor rises again it is a leak.',
    };
  }
  const isMuchAtOnce = secondRoundBytes > Math.max(addedBytes, addedShare * keptBytes);
  if (isMuchAtOnce || (addedByRoundsBytes ?? 0) > addedByAllShare * keptBytes) {
    return {
      text: `An equal load again added ${formatBytes(secondRoundBytes)}: it looks like a leak.`,
      remedy:
        'Run the profile leak-rounds, which tells how much each request keeps. Until then restart the target between loads.',
    };
  }
  const give = place === 'host' ? 'trim the allocator after load' : 'unload what is idle after a time to live';
  return {
    text: `An equal load again added ${formatBytes(Math.max(0, secondRoundBytes))}: an allocator or a cache keeps its highest level.`,
    remedy: `Bound the largest request or the cache, or ${give}. Until then plan with ${formatBytes(held.floorBytes)} as what it holds at rest.`,
  };
}

import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import { judgeKills } from '../computed/kill-proof.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector, type Observation } from '../model/detector.ts';

/** Pieces of evidence in a sentence. */
const mostSeen = 6;

export const oomKill = defineDetector({
  id: 'oom-kill',
  title: 'No process was killed for memory',
  failureTitle: 'A process was killed for memory',
  description: "A kill told by the kernel's counters or its log, or a death at the limit that looks like one.",
  unit: 'kills',
  remedy:
    'Bound what is worked on at once, or check free memory under the effective limit before a worker or a request is admitted.',
  requires: ['kills', 'processes', 'footprint', 'limit', 'stages', 'inFlight'],
  detect(artifacts) {
    const { kills, footprint, limit, stages } = artifacts;
    const { proof, victim, tMs, evidence: seen } = judgeKills(artifacts);
    const holder = footprint.peakHolder;
    const level = `the footprint had reached ${formatBytes(footprint.peakBytes)} of ${formatBytes(limit.bytes)} (${formatShare(footprint.peakBytes / limit.bytes)})`;
    const role = victim?.role ?? 'unknown';
    const seenText = seen.length === 0 ? '' : ` Seen: ${shortened(seen).join('; ')}.`;
    const observed = (answer: Pick<Observation, 'verdict' | 'summary' | 'value'>): Observation => ({
      ...answer,
      threshold: 0,
      stage: tMs === null ? null : (stageAt(stages, tMs)?.name ?? null),
      startedMs: tMs,
      evidence: {
        holder,
        proof,
        victim: victim?.role ?? null,
        victimPid: victim?.pid ?? null,
        cgroupKills: kills.cgroupKills,
        hostKills: kills.hostKills,
        peakBytes: footprint.peakBytes,
        limitBytes: limit.bytes,
        seen: seen.length === 0 ? null : seen.join('; '),
      },
    });
    const hostKills = kills.hostKills ?? 0;
    switch (proof) {
      case 'proven': {
        const who = victim === null ? '' : ` The ${role} process ended with it.`;
        return observed({
          verdict: 'fail',
          summary: `The kernel killed ${count(kills.cgroupKills ?? 1)}${at(tMs)}: ${level}, most of it held by ${holder}.${who} Limit: ${limit.source}.${seenText}`,
          value: kills.cgroupKills,
        });
      }
      case 'probable':
        return observed({
          verdict: 'fail',
          summary: `Probably killed for memory: the ${role} process ended${at(tMs)} as the host counted ${count(Math.max(1, hostKills))}; ${level}.${seenText}`,
          value: Math.max(1, hostKills),
        });
      case 'suspected':
        return observed({
          verdict: 'warn',
          summary: `Perhaps killed for memory: the ${role} process ended${at(tMs)} with work in flight.${seenText}`,
          value: null,
        });
      case 'not_oom':
      case 'none': {
        const elsewhere =
          hostKills > 0 ? ` The host counted ${count(hostKills)} killed meanwhile, none of them this target's.` : '';
        const other =
          proof === 'not_oom'
            ? ` The ${role} process ended${at(tMs)} with work in flight, but not for memory.${seenText}`
            : '';
        const answer = observed({
          verdict: 'ok',
          summary: `No kill was counted in the target's groups.${elsewhere}${other}`,
          value: 0,
        });
        // A healthy finding has no place on the time line.
        return { ...answer, stage: null, startedMs: null };
      }
    }
  },
});

const count = (kills: number): string => (kills === 1 ? 'one process' : `${kills} processes`);
const at = (tMs: number | null): string => (tMs === null ? '' : ` at ${formatClock(tMs)}`);

/** Of many kills the first pieces and the last one; all are in the evidence. */
function shortened(seen: readonly string[]): readonly string[] {
  return seen.length <= mostSeen
    ? seen
    : [...seen.slice(0, mostSeen - 2), `${seen.length - mostSeen + 1} more like these`, ...seen.slice(-1)];
}

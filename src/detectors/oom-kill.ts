import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';

/** Share of the limit from which a sudden death looks like the kernel's work; below it another killer is likelier. */
const nearLimitRatio = 0.9;
/** A rise of the counter is seen at the sample after the death. */
const togetherMs = 3000;

export const oomKill = defineDetector({
  id: 'oom-kill',
  title: 'No process was killed for memory',
  failureTitle: 'A process was killed for memory',
  description: "A kill told by the kernel's counters, or a death at the limit that looks like one.",
  unit: 'kills',
  remedy:
    'Bound what is worked on at once, or check free memory under the effective limit before a worker or a request is admitted.',
  requires: ['kills', 'processes', 'footprint', 'limit', 'stages', 'inFlight'],
  detect({ kills, processes, footprint, limit, stages, inFlight }) {
    const share = footprint.peakBytes / limit.bytes;
    const holder = footprint.peakHolder;
    const level = `the footprint had reached ${formatBytes(footprint.peakBytes)} of ${formatBytes(limit.bytes)} (${formatShare(share)})`;
    const evidence = {
      holder,
      cgroupKills: kills.cgroupKills,
      hostKills: kills.hostKills,
      peakBytes: footprint.peakBytes,
      limitBytes: limit.bytes,
    };
    const stageOf = (tMs: number | null): string | null => (tMs === null ? null : (stageAt(stages, tMs)?.name ?? null));
    const dead = processes.flatMap((life) => (life.goneMs === null ? [] : [{ ...life, goneMs: life.goneMs }]));
    if (kills.cgroupKills !== null && kills.cgroupKills > 0) {
      const victims = dead.filter((life) => Math.abs(life.goneMs - (kills.firstMs ?? life.goneMs)) <= togetherMs);
      const victim = victims[0]?.role ?? null;
      const who = victim === null ? '' : ` The ${victim} process ended with it.`;
      return {
        verdict: 'fail',
        summary: `The kernel killed ${count(kills.cgroupKills)} in ${limit.source}${at(kills.firstMs)}: ${level}, most of it held by ${holder}.${who}`,
        value: kills.cgroupKills,
        threshold: 0,
        stage: stageOf(kills.firstMs),
        startedMs: kills.firstMs,
        evidence: { ...evidence, proof: 'proven', victim },
      };
    }
    const loaded = dead.filter((life) => inFlightAt(inFlight, life.goneMs) > 0);
    const atKill = dead.find((life) => Math.abs(life.goneMs - (kills.firstMs ?? Number.NaN)) <= togetherMs);
    const hostKills = kills.hostKills ?? 0;
    if (hostKills > 0 && atKill !== undefined && share >= nearLimitRatio) {
      return {
        verdict: 'fail',
        summary: `Probably killed for memory: the ${atKill.role} process ended${at(atKill.goneMs)} as the host counted ${count(hostKills)}; ${level}.`,
        value: hostKills,
        threshold: 0,
        stage: stageOf(atKill.goneMs),
        startedMs: atKill.goneMs,
        evidence: { ...evidence, proof: 'probable', victim: atKill.role },
      };
    }
    const sudden = loaded[0];
    if (sudden !== undefined && share >= nearLimitRatio && kills.cgroupKills === null) {
      return {
        verdict: 'warn',
        summary: `Perhaps killed for memory: the ${sudden.role} process ended${at(sudden.goneMs)} with work in flight; ${level}. No counter of kills was readable.`,
        value: null,
        threshold: 0,
        stage: stageOf(sudden.goneMs),
        startedMs: sudden.goneMs,
        evidence: { ...evidence, proof: 'suspected', victim: sudden.role },
      };
    }
    const note = hostKills > 0 ? ` The host counted ${count(hostKills)} elsewhere.` : '';
    return {
      verdict: 'ok',
      summary: `No kill was counted in the target's groups.${note}`,
      value: 0,
      threshold: 0,
      evidence,
    };
  },
});

const count = (kills: number): string => (kills === 1 ? 'one process' : `${kills} processes`);
const at = (tMs: number | null): string => (tMs === null ? '' : ` at ${formatClock(tMs)}`);

/** Just before a time: the answers of a dying process end in the same moment. */
function inFlightAt(series: { tMs: Float64Array; values: Float64Array }, tMs: number): number {
  return series.values[series.tMs.findLastIndex((at) => at <= tMs - togetherMs / 2)] ?? 0;
}

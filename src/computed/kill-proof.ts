import { formatBytes, formatClock, formatShare } from '../base/units.ts';
import type { Artifacts, ProcessLife, Series } from '../model/artifacts.ts';
import { killedIn } from '../model/killed.ts';
import { between, maximum, valueAt } from './series.ts';

/**
 * proven: the kernel's own counter of the target's groups, or its log, says so. probable: a process vanished
 * while the host counted a kill, with memory at the limit. suspected: it vanished under load at the limit, and no
 * counter was read after it. not_oom: it vanished under load, but counters or the level say that memory was not why.
 * none: nothing vanished under load.
 */
export type KillProof = 'proven' | 'probable' | 'suspected' | 'not_oom' | 'none';

export interface KillJudgement {
  proof: KillProof;
  /** Who was killed, or vanished; null if nobody of the target was seen to. */
  victim: ProcessLife | null;
  tMs: number | null;
  /** What speaks for it, in words; the strongest comes first. */
  evidence: readonly string[];
}

/** Kills in trials came at 97 % of the limit and above, harmless runs stayed at 72 %. */
const nearLimitRatio = 0.9;
/** Below this a death has another cause, if no counter says otherwise. */
const farFromLimitRatio = 0.8;
/** A host that has less than this left kills whoever is largest. */
const exhaustedRatio = 0.05;
/** A rise of the counter is seen at the sample after the death. */
const togetherMs = 3000;

type Death = ProcessLife & { goneMs: number };
type Basis = Pick<Artifacts, 'kills' | 'processes' | 'footprint' | 'limit' | 'inFlight'>;

/** Whether a process was killed for memory, by the strongest proof that the artifacts allow. */
export function judgeKills(basis: Basis): KillJudgement {
  const { kills, limit } = basis;
  const deaths = basis.processes.flatMap((life): Death[] =>
    life.goneMs === null ? [] : [{ ...life, goneMs: life.goneMs }],
  );
  if (kills.cgroupKills !== null && kills.cgroupKills > 0) {
    return proven(kills, deaths);
  }
  const hostKill = deaths.find((life) => hostKilledAt(kills, life.goneMs) && isExhausted(basis, life.goneMs));
  if (hostKill !== undefined) {
    const left =
      kills.availableRatio === null ? [] : [`${formatShare(kills.availableRatio)} of the host was available`];
    return found('probable', hostKill, [
      "the host's counter of kills rose with it",
      level(basis, hostKill.goneMs),
      ...left,
    ]);
  }
  const sudden = highest(
    basis,
    deaths.filter((life) => inFlightBefore(basis.inFlight, life.goneMs) > 0),
  );
  if (sudden === null) {
    return { proof: 'none', victim: null, tMs: null, evidence: [] };
  }
  // Of that moment: a worker that ends long after the run's peak did not end by it.
  const share = lastLevel(basis, sudden.goneMs) / limit.bytes;
  // A counter that was read after a death would have risen with it.
  const stoodStill = kills.countedUntilMs !== null && kills.countedUntilMs >= sudden.goneMs;
  if (share >= nearLimitRatio && !stoodStill) {
    return found('suspected', sudden, [level(basis, sudden.goneMs), 'no counter of kills was read after it']);
  }
  const isOther = stoodStill || share < farFromLimitRatio;
  const standing = stoodStill ? ["the group's counter of kills stood still"] : [];
  return found(isOther ? 'not_oom' : 'none', sudden, [...standing, level(basis, sudden.goneMs)]);
}

/** The death with the most memory just before it, the first of several; null of none. */
function highest(basis: Basis, deaths: readonly Death[]): Death | null {
  let most: { life: Death; bytes: number } | null = null;
  for (const life of deaths) {
    const bytes = lastLevel(basis, life.goneMs);
    most = most === null || bytes > most.bytes ? { life, bytes } : most;
  }
  return most?.life ?? null;
}

function found(proof: KillProof, victim: Death, evidence: readonly string[]): KillJudgement {
  const ended = `${victim.instance} ended at ${formatClock(victim.goneMs)}`;
  return { proof, victim, tMs: victim.goneMs, evidence: [ended, ...evidence] };
}

function proven(kills: Artifacts['kills'], deaths: readonly Death[]): KillJudgement {
  const killedPids = new Set(kills.evidence.flatMap(killedIn).map(({ pid }) => pid));
  const { firstMs } = kills;
  const together = deaths.filter((life) => firstMs === null || Math.abs(life.goneMs - firstMs) <= togetherMs);
  const victim = together.find((life) => killedPids.has(life.pid)) ?? together[0] ?? null;
  const ended = victim === null ? [] : [`${victim.instance} ended at ${formatClock(victim.goneMs)}`];
  return { proof: 'proven', victim, tMs: firstMs, evidence: [...kills.evidence, ...ended] };
}

function hostKilledAt(kills: Artifacts['kills'], atMs: number): boolean {
  return kills.hostKillTimesMs.some((killMs) => Math.abs(killMs - atMs) <= togetherMs);
}

/** Last N at 90 % of the limit, or a host that had nothing left. */
function isExhausted(basis: Basis, atMs: number): boolean {
  const { availableRatio } = basis.kills;
  return (
    lastLevel(basis, atMs) / basis.limit.bytes >= nearLimitRatio ||
    (availableRatio !== null && availableRatio < exhaustedRatio)
  );
}

/** N just before a death: of samples, and of the high-water mark where it was reached then. */
function lastLevel({ footprint }: Basis, atMs: number): number {
  const sampled = maximum(between(footprint.total, atMs - togetherMs, atMs + 1))?.value ?? 0;
  return Math.max(sampled, Math.abs(footprint.peakMs - atMs) <= togetherMs ? footprint.peakBytes : 0);
}

function level(basis: Basis, atMs: number): string {
  const bytes = lastLevel(basis, atMs);
  return `memory stood at ${formatBytes(bytes)} of ${formatBytes(basis.limit.bytes)} just before`;
}

/** Just before a time: the answers of a dying process end in the same moment. */
function inFlightBefore(series: Series, tMs: number): number {
  return valueAt(series, tMs - togetherMs / 2, Number.POSITIVE_INFINITY) ?? 0;
}

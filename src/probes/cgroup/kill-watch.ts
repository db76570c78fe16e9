import type { HostView, ObservedTarget, ProcessIdentity } from '../../model/target.ts';
import type { Group } from './find-group.ts';
import { describeKill, followKills, isInGroup, isOfTarget, type KernelKill, logEveryMs } from './kernel-kills.ts';
import type { CgroupReading } from './readings.ts';

export interface KillEvent {
  kind: 'oom_kill';
  subject: string;
  /** Parts of evidence with `; ` between them. */
  detail: string;
}

/** What of the group is known at one tick. */
export interface GroupState {
  reading: CgroupReading;
  peakBytes: number | null;
}

/** Puts the evidence of a kill together: counters, mark, kernel log and who has gone, of one interval. */
export interface KillWatch {
  /** The group that is read from now on, with what its counters stand at: kills of the past are no news. */
  startOn(group: Group, state: GroupState): void;
  /** null: the group has gone; the kernel's log may still tell a kill. */
  read(tMs: number, state: GroupState | null): readonly KillEvent[];
  close(): void;
}

const listed = 5;

function vanished(before: readonly ProcessIdentity[], now: readonly ProcessIdentity[]): readonly ProcessIdentity[] {
  const alive = new Map(now.map(({ pid, startTicks }) => [pid, startTicks]));
  return before.filter(({ pid, startTicks }) => alive.get(pid) !== startTicks);
}

function vanishedPart(gone: readonly ProcessIdentity[]): readonly string[] {
  if (gone.length === 0) {
    return [];
  }
  const names = gone.slice(0, listed).map((process) => `${process.role}#${process.pid}`);
  const rest = gone.length > listed ? `, and ${gone.length - listed} more` : '';
  return [`vanished in the same interval: ${names.join(', ')}${rest}`];
}

const riseOf = (now: number | null | undefined, before: number | null | undefined): number =>
  typeof now === 'number' && typeof before === 'number' ? Math.max(0, now - before) : 0;

/** The groups whose own limit was hit since the last tick; the innermost stands first. */
function limitPart({ instances }: Group, now: GroupState, before: GroupState): string[] {
  return instances.flatMap((instance, level) => {
    const rise = riseOf(now.reading.limitHits[level], before.reading.limitHits[level]);
    const place = level === 0 ? '' : ` (${level} ${level === 1 ? 'level' : 'levels'} up)`;
    return rise > 0 ? [`limit of ${instance}${place} reached +${rise}`] : [];
  });
}

function failuresPart(now: CgroupReading, before: CgroupReading): string[] {
  // The count is that of the tightest limit, so it says nothing where another one has become it.
  const rise = now.limit.level === before.limit.level ? riseOf(now.limitFailures, before.limitFailures) : 0;
  return rise > 0 ? [`limit_failures +${rise}`] : [];
}

function peakPart({ reading, peakBytes }: GroupState): string[] {
  const { bytes } = reading.limit;
  return peakBytes === null || bytes === null
    ? []
    : [`peak ${peakBytes} of ${bytes} bytes (${Math.round((100 * peakBytes) / bytes)} %)`];
}

export function createKillWatch(target: ObservedTarget, host: HostView): KillWatch {
  const log = followKills(host);
  let group: Group | null = null;
  let before: GroupState | null = null;
  let known = target.processes();
  /** Kills of which the log has told and the counter has not yet: it is read a moment before the log. */
  let uncounted: readonly KernelKill[] = [];
  /** Kills of which the counter has told and the log has not: its lines may come a moment later. */
  let unlogged = 0;
  let logMs = Number.NEGATIVE_INFINITY;
  /** At once where something else tells of a kill, so that its row has the line of the log. */
  const readLog = (tMs: number, isToldOtherwise: boolean): readonly KernelKill[] => {
    if (!isToldOtherwise && tMs - logMs < logEveryMs) {
      return [];
    }
    logMs = tMs;
    return log.readNew();
  };

  const countOf = (rise: number, oomKills: number | null, kills: readonly KernelKill[]): string =>
    rise > 0 ? `${rise} more, ${String(oomKills)} in all` : `${kills.length} more by the kernel's log alone`;

  return {
    startOn(next, state) {
      group = next;
      before = state;
    },
    read(tMs, state) {
      const now = target.processes();
      const path = group?.path ?? null;
      const gone = now === known ? [] : vanished(known, now);
      const rise = riseOf(state?.reading.oomKills, before?.reading.oomKills);
      const isToldOtherwise = rise > 0 || unlogged > 0 || gone.length > 0;
      const fresh = readLog(tMs, isToldOtherwise).filter((kill) => isOfTarget(kill, path, [...known, ...now]));
      const late = Math.min(unlogged, fresh.length);
      const told = [...uncounted, ...fresh.slice(late)];
      const isCounted = (kill: KernelKill): boolean =>
        typeof state?.reading.oomKills === 'number' && isInGroup(kill, path);
      const kills = rise > 0 ? told : told.filter((kill) => !isCounted(kill));
      uncounted = rise > 0 ? [] : told.filter(isCounted);
      unlogged = log.isReadable ? Math.max(0, unlogged - late + rise - kills.length) : 0;
      const events: KillEvent[] = [];
      if (rise > 0 || kills.length > 0) {
        const counters =
          state === null || group === null || before === null
            ? ['the group has gone']
            : [...limitPart(group, state, before), ...failuresPart(state.reading, before.reading), ...peakPart(state)];
        const parts = [
          countOf(rise, state?.reading.oomKills ?? null, kills),
          ...counters,
          ...kills.map(describeKill),
          ...vanishedPart(gone),
        ];
        events.push({ kind: 'oom_kill', subject: group?.instance ?? 'target', detail: parts.join('; ') });
      }
      known = now;
      before = state ?? before;
      return events;
    },
    close() {
      log.close();
    },
  };
}

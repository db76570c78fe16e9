import { BenchError, messageOf } from '../../base/errors.ts';
import { parseCgroupPaths, parseProcessStat } from '../../base/procfs.ts';
import type { OpenProbe, Probe, Sample, Tick } from '../../model/probe.ts';
import type { HostView, ObservedTarget, TargetAddress } from '../../model/target.ts';
import { badHealth } from './health.ts';
import type { DoctorRow } from './row.ts';

/** Pages are asked at one reading and answered at the next. */
export const readTwiceAfterMs = 1000;
const namedMetrics = 6;

/**
 * The same reads, but nothing is written: a look must not reset the high-water marks that others rely on.
 * What may be opened for writing counts as one that can be reset.
 */
export function untouched(host: HostView): HostView {
  return {
    ...host,
    hold(path) {
      const held = host.hold(path);
      return held === null ? null : { ...held, write: () => true };
    },
  };
}

/** This very process in the place of a target, to try the probes where no server is named. */
export function ourselves(host: HostView, address: TargetAddress): ObservedTarget {
  const stat = parseProcessStat(host.read('/proc/self/stat') ?? '');
  const self =
    stat === null
      ? []
      : [
          {
            pid: stat.pid,
            startTicks: stat.startTicks,
            parentPid: stat.parentPid,
            role: stat.comm,
            isRoot: true,
          },
        ];
  return {
    ...address,
    id: 'pid',
    description: 'bench itself',
    host: stat === null ? null : host,
    processes: () => self,
    cgroup: parseCgroupPaths(host.read('/proc/self/cgroup') ?? ''),
  };
}

/** Finds the target; an error that a user can mend becomes a row. */
export async function targetRow(
  find: () => Promise<ObservedTarget>,
): Promise<{ row: DoctorRow; target: ObservedTarget | null; isFound: boolean }> {
  try {
    const target = await find();
    // Who is observed by Prometheus is found when the run has ended.
    const isFound = target.host !== null || target.id === 'prometheus';
    const [found, remedy] = isFound ? [target.description, null] : splitRemedy(bare(target.description));
    const row: DoctorRow = { group: 'target', what: 'target', state: isFound ? 'yes' : 'no', found, remedy };
    return { row, target, isFound };
  } catch (error: unknown) {
    if (!(error instanceof BenchError) || error.code !== 'TARGET_UNREACHABLE') {
      throw error;
    }
    const row: DoctorRow = { group: 'target', what: 'target', state: 'no', found: error.message, remedy: error.hint };
    return { row, target: null, isFound: false };
  }
}

/** A description such as `memory not observed (why; what to do)` without its wrapping. */
function bare(description: string): string {
  return description.replace(/^(?:remote: )?memory not observed \((.*)\)$/, '$1');
}

/** Reasons are written as `what is not there; what to do`. */
function splitRemedy(reason: string): readonly [string, string | null] {
  const at = reason.indexOf('; ');
  return at < 0 ? [reason, null] : [reason.slice(0, at), reason.slice(at + 2)];
}

const remedies: Readonly<Record<string, string>> = {
  'target-metrics': 'name its page with --metrics, or leave it out with --no-probe target-metrics',
};

/** What one probe has read, and what it could not. */
function rowOf(probe: Probe, samples: readonly Sample[], gone: readonly string[], target: ObservedTarget): DoctorRow {
  const row = { group: 'probes', what: probe.id } as const;
  const remedy = remedies[probe.id] ?? null;
  if (gone.length > 0) {
    return { ...row, state: 'partly', found: gone.join('; '), remedy };
  }
  const bad = badHealth(samples, target);
  if (bad !== null) {
    return { ...row, state: 'partly', ...bad };
  }
  const metrics = [...new Set(samples.map((sample) => sample.metric))];
  if (metrics.length === 0) {
    return { ...row, state: 'yes', found: 'open; it has nothing to tell yet', remedy: null };
  }
  const missing = metrics.filter((metric) =>
    samples.every((sample) => sample.metric !== metric || sample.value === null),
  );
  const names = missing.slice(0, namedMetrics).join(', ');
  const more = missing.length > namedMetrics ? ` and ${missing.length - namedMetrics} more` : '';
  const without = missing.length === 0 ? '' : `; without ${names}${more}`;
  const count = metrics.length - missing.length;
  return count === 0
    ? { ...row, state: 'no', found: `nothing could be read${without}`, remedy }
    : { ...row, state: 'yes', found: `${count === 1 ? '1 metric' : `${count} metrics`}${without}`, remedy: null };
}

async function tryProbe(
  probe: Probe,
  open: OpenProbe,
  target: ObservedTarget,
  pause: Promise<void>,
): Promise<DoctorRow> {
  const tick = (tMs: number): Tick => ({ tMs, stage: '', stageKind: 'idle', quiesced: true });
  try {
    const first = await open.read(tick(0));
    await pause;
    const second = await open.read(tick(readTwiceAfterMs));
    const gone = [...first.events, ...second.events].filter((event) => event.kind === 'probe_unavailable');
    return rowOf(probe, [...first.samples, ...second.samples], [...new Set(gone.map((event) => event.detail))], target);
  } finally {
    await open.close();
  }
}

/** Opens every probe on the target and reads it twice. */
export function probeRows(
  probes: readonly Probe[],
  target: ObservedTarget,
  pause: Promise<void>,
): Promise<readonly DoctorRow[]> {
  return Promise.all(
    probes.map(async (probe): Promise<DoctorRow> => {
      try {
        const open = await probe.open(target);
        if (!('unavailable' in open)) {
          return await tryProbe(probe, open, target, pause);
        }
        // Why no memory is seen at all is said once, of the target.
        const isSaid = open.unavailable === target.description;
        const [found, remedy] = isSaid ? ["needs the target's host", null] : splitRemedy(open.unavailable);
        return { group: 'probes', what: probe.id, state: 'no', found, remedy };
      } catch (error: unknown) {
        return { group: 'probes', what: probe.id, state: 'no', found: messageOf(error), remedy: null };
      }
    }),
  );
}

import { clockTicksPerSecond, type ProcessStat } from '../../base/procfs.ts';
import type { Sample } from '../../model/probe.ts';
import type { HostView, ProcessIdentity } from '../../model/target.ts';
import { parseFdSoftLimit, readSlowly, type SlowReading } from './slow-reading.ts';
import { parseStatus, type StatusReading } from './status.ts';

/** A status is read at once where its process has changed; the rest may wait. */
const slowEveryMs = 10_000;
/**
 * A large one is read though its stat stood still: it may have risen and fallen since. Its mark outlasts the wait,
 * so that faster ticks need not ask more often; a tick a little early must not skip its turn.
 */
const largeEveryMs = 950;

/** At every tick for every living process, read or known to be unchanged. */
const always = ['rss_anon_bytes', 'rss_shmem_bytes', 'swap_bytes', 'rss_bytes'] as const;
const withStatus = ['rss_file_bytes', 'hwm_lifetime_bytes', 'locked_bytes', 'pinned_bytes', 'threads'] as const;
const withStat = ['cpu_seconds', 'major_faults'] as const;
const slow = ['fds', 'fd_soft_limit', 'main_thread_cpu_seconds', 'uninterruptible', 'io_read_bytes'] as const;

export type ProcessValues = StatusReading &
  SlowReading &
  Record<(typeof withStat)[number] | 'hwm_bytes' | 'fd_soft_limit', number | null>;

export interface SeenProcess {
  identity: ProcessIdentity;
  /** `role#pid`, the role as its stat tells it now. */
  instance: string;
  role: string;
  firstMs: number;
  /** The last reading of each. `hwm_bytes` null: its mark cannot be reset, or has not been yet. */
  values: ProcessValues;
  /** As `values` at the last reading that found memory: a process that is exiting shows none. */
  atLastSight: StatusReading;
  /** What may not be read or written of it, such as `io`; filled with the first readings. */
  refused: ReadonlySet<string>;
  /** `stat` is of this tick. Adds the samples of this tick. */
  read(stat: ProcessStat, tMs: number, isLarge: boolean, samples: Sample[]): void;
}

const nothingRead: ProcessValues = {
  ...parseStatus(''),
  hwm_bytes: null,
  cpu_seconds: null,
  major_faults: null,
  fds: null,
  fd_soft_limit: null,
  main_thread_cpu_seconds: null,
  uninterruptible: null,
  io_read_bytes: null,
};

export function instanceOf(role: string, pid: number): string {
  return `${role}#${pid}`;
}

export function seeProcess(host: HostView, identity: ProcessIdentity, firstMs: number): SeenProcess {
  const { pid } = identity;
  const refused = new Set<string>();
  const values: ProcessValues = { ...nothingRead };
  let rssPages = Number.NaN;
  let slowAtMs = Number.NEGATIVE_INFINITY;
  let statusAtMs = Number.NEGATIVE_INFINITY;
  let canReset: boolean | null = null;
  let slowCpuTicks = Number.NaN;
  let alwaysSamples: readonly Sample[] = [];
  const statusPath = `/proc/${pid}/status`;

  /** The highest resident memory since the last reset. The kernel forgets the mark of its life then, so that is kept. */
  const readStatus = (): void => {
    const lifetimeBytes = values.hwm_lifetime_bytes;
    Object.assign(values, parseStatus(host.read(statusPath) ?? ''));
    const { hwm_lifetime_bytes: markBytes, rss_bytes: rssBytes } = values;
    values.hwm_bytes = canReset === true ? markBytes : null;
    values.hwm_lifetime_bytes = Math.max(markBytes ?? 0, lifetimeBytes ?? 0) || null;
    if (markBytes === null || rssBytes === null) {
      return;
    }
    // A mark that is no higher than what is resident has nothing to forget. 5 resets it: proc(5), clear_refs.
    if (canReset === null || (canReset && markBytes > rssBytes)) {
      canReset = host.write(`/proc/${pid}/clear_refs`, '5');
      if (!canReset) {
        refused.add('clear_refs');
      }
    }
  };

  const readTheRest = (stat: ProcessStat, isLarge: boolean): void => {
    values.fd_soft_limit ??= parseFdSoftLimit(host.read(`/proc/${pid}/limits`) ?? '');
    // Of a process that took no processor time its main thread took none.
    const knownSeconds = stat.cpuTicks === slowCpuTicks ? values.main_thread_cpu_seconds : null;
    slowCpuTicks = stat.cpuTicks;
    Object.assign(values, readSlowly(host, stat, isLarge ? 'each thread' : 'main thread', knownSeconds));
    if (values.io_read_bytes === null) {
      refused.add('io');
    }
  };

  return {
    identity,
    instance: instanceOf(identity.role, pid),
    role: identity.role,
    firstMs,
    values,
    atLastSight: values,
    refused,
    read(stat, tMs, isLarge, samples) {
      const { instance } = this;
      const sampleOf = (metric: keyof ProcessValues): Sample => ({
        scope: 'process',
        instance,
        metric,
        value: values[metric],
      });
      const emit = (metrics: readonly (keyof ProcessValues)[]): void => {
        for (const metric of metrics) {
          samples.push(sampleOf(metric));
        }
      };
      values.cpu_seconds = stat.cpuTicks / clockTicksPerSecond;
      values.major_faults = stat.majorFaults;
      const isSlowDue = tMs >= slowAtMs;
      const hasChanged = stat.rssPages !== rssPages;
      if (isSlowDue || hasChanged || (isLarge && tMs - statusAtMs >= largeEveryMs)) {
        rssPages = stat.rssPages;
        statusAtMs = tMs;
        readStatus();
        if (values.rss_bytes !== null) {
          this.atLastSight = { ...values };
        }
        emit(withStatus);
        emit(withStat);
        emit(values.hwm_bytes === null ? [] : ['hwm_bytes']);
        alwaysSamples = always.map(sampleOf);
      } else if (canReset === true) {
        values.hwm_bytes = values.rss_bytes;
      }
      if (alwaysSamples[0]?.instance !== instance) {
        alwaysSamples = always.map(sampleOf);
      }
      samples.push(...alwaysSamples);
      if (isSlowDue) {
        // The first turns differ by pid, so that a large tree is not read whole within one tick.
        const firstTurns = slowAtMs === Number.NEGATIVE_INFINITY ? (1 + (pid % 5)) / 5 : 1;
        slowAtMs = tMs + slowEveryMs * firstTurns;
        readTheRest(stat, isLarge);
        emit(slow);
      }
    },
  };
}

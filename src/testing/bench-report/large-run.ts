import type { RunEvent } from '../../model/artifacts.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { CsvValue } from '../../store/csv-line.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { event, mib, profile, record, stage } from '../build.ts';
import { manifest } from '../build-manifest.ts';
import { writeRun } from '../run-folder.ts';

export interface LargeRun {
  requests: number;
  hours: number;
  processes: number;
}

/** What the probe of processes writes of each at every tick, of the largest beside it, and of all in turn. */
const always = ['rss_anon_bytes', 'rss_shmem_bytes', 'swap_bytes', 'rss_bytes'];
const ofLarge = [
  'rss_file_bytes',
  'hwm_lifetime_bytes',
  'locked_bytes',
  'pinned_bytes',
  'threads',
  'cpu_seconds',
  'major_faults',
  'hwm_bytes',
];
const inTurn = ['fds', 'fd_soft_limit', 'main_thread_cpu_seconds', 'uninterruptible', 'io_read_bytes'];
const largest = 8;
const turns = 10;
const idleMs = 60_000;
const corpusItems = 400;

/** A number in [0, 1) that is the same for the same pair: a run of the same size has the same bytes. */
function noise(a: number, b: number): number {
  const mixed = Math.imul(a * 2654435761 + b * 40503, 2246822519) >>> 0;
  return (Math.imul(mixed ^ (mixed >>> 15), 3266489917) >>> 0) / 2 ** 32;
}

/** An item is answered in one way, but for some replies. */
function digestOf(item: number, other: number): string {
  return (item * 2_654_435 + other).toString(16).padStart(16, '0');
}

function requestOf(seq: number, count: number, loadMs: number): RequestRecord {
  const plannedMs = idleMs + (seq * loadMs) / count;
  const startMs = plannedMs + noise(seq, 1);
  const tookMs = 120 + 400 * noise(seq, 2) ** 4;
  const isLost = noise(seq, 3) < 0.002;
  const item = Math.floor(noise(seq, 4) * corpusItems);
  return record(seq, {
    itemId: `speech/${String(item).padStart(5, '0')}`,
    plannedMs,
    startMs,
    connectedMs: null,
    bodySentMs: startMs + 10,
    firstByteMs: isLost ? null : startMs + tookMs - 1,
    firstContentMs: isLost ? null : startMs + tookMs - 1,
    endMs: startMs + (isLost ? 30_000 : tookMs),
    bytesOut: 40_000 + Math.floor(noise(seq, 5) * 400_000),
    bytesIn: isLost ? 0 : 400 + Math.floor(noise(seq, 6) * 100),
    status: isLost ? null : 200,
    outcome: isLost ? 'timeout' : 'ok',
    errorCode: isLost ? 'timeout' : null,
    route: 'HOT',
    reusedSocket: true,
    check: isLost ? 'none' : 'tokens',
    answerDigest: isLost ? null : digestOf(item, noise(seq, 7) < 0.02 ? seq : 0),
  });
}

function readingOf(metric: string, process: number, second: number): number {
  const rss =
    Math.floor(
      (process < largest ? 900 : 40) + 20 * noise(process, Math.floor(second / (process < largest ? 1 : 30))),
    ) * mib;
  switch (metric) {
    case 'rss_anon_bytes':
      return rss;
    case 'rss_bytes':
    case 'hwm_bytes':
    case 'hwm_lifetime_bytes':
      return rss + 30 * mib;
    case 'rss_file_bytes':
    case 'rss_shmem_bytes':
      return 15 * mib;
    case 'cpu_seconds':
    case 'main_thread_cpu_seconds':
      return Math.round(second * (process + 1)) / 100;
    case 'io_read_bytes':
      return second * 4096 * (process + 1);
    case 'fd_soft_limit':
      return 1024;
    case 'fds':
    case 'threads':
      return 20 + process;
    default:
      return 0;
  }
}

function metricsOf(process: number, second: number): readonly string[] {
  const isTurn = (second + process) % turns === 0;
  return [...always, ...(process < largest || isTurn ? ofLarge : []), ...(isTurn ? inTurn : [])];
}

/** Of one second, with the sums over the tree that the probe makes. */
function* samplesOf(second: number, processes: number): Iterable<CsvValue[]> {
  const tMs = second * 1000 + Math.round(1000 * noise(second, 9)) / 1000;
  const row = (probe: string, scope: string, instance: string, metric: string, value: number): CsvValue[] => [
    tMs,
    tMs < idleMs ? 'base' : 'load',
    probe,
    scope,
    instance,
    metric,
    value,
    'ok',
  ];
  const sums = new Map<string, number>();
  for (let process = 0; process < processes; process += 1) {
    for (const metric of metricsOf(process, second)) {
      const value = readingOf(metric, process, second);
      sums.set(metric, (sums.get(metric) ?? 0) + value);
      yield row('process-memory', 'process', `worker#${1000 + process}`, metric, value);
    }
  }
  for (const [metric, value] of sums) {
    yield row('process-memory', 'tree', 'tree', metric, value);
  }
  yield row('host-memory', 'host', 'host', 'mem_total_bytes', 64 * 1024 * mib);
  yield row('host-memory', 'host', 'host', 'mem_available_bytes', (40_000 + Math.floor(100 * noise(second, 7))) * mib);
  yield row('health-rtt', 'target', 'health', 'health_rtt_ms', 1 + noise(second, 8));
  yield row('health-rtt', 'target', 'health', 'health_ok', 1);
  yield row('client-self', 'client', 'harness', 'rss_bytes', 120 * mib);
  yield row('client-self', 'client', 'harness', 'event_loop_lag_ms', 2);
  yield row('target-metrics', 'target', 'metrics', 'requests_total{route="/infer",code="200"}', second * 35);
}

function* samples({ hours, processes }: LargeRun): Iterable<CsvValue[]> {
  for (let second = 0; second < hours * 3600; second += 1) {
    yield* samplesOf(second, processes);
  }
}

function* records({ requests, hours }: LargeRun): Iterable<RequestRecord> {
  for (let seq = 0; seq < requests; seq += 1) {
    yield requestOf(seq, requests, hours * 3_600_000 - idleMs);
  }
}

/** A run of one long constant load, written by the writers of real runs; not analyzed yet. */
export function writeLargeRun(outFolder: string, size: LargeRun): RunFolder {
  const endMs = size.hours * 3_600_000;
  const at = (tMs: number, kind: RunEvent['kind'], name: string): RunEvent => event(tMs, kind, { stage: name });
  const { measured, ...whole } = manifest();
  return writeRun(outFolder, {
    runId: 'large',
    manifest: {
      measured: measured === null ? null : { ...measured, endMs, planned: size.requests },
      endedAt: new Date(Date.parse(whole.startedAt) + endMs).toISOString(),
      profile: profile({
        name: 'soak',
        stages: [stage('base', 'idle', idleMs), stage('load', 'load', endMs - idleMs)],
      }),
    },
    records: records(size),
    samples: samples(size),
    events: [
      event(0, 'run_start'),
      at(0, 'stage_start', 'base'),
      at(idleMs, 'stage_end', 'base'),
      at(idleMs, 'stage_start', 'load'),
      at(endMs, 'stage_end', 'load'),
      event(endMs, 'run_end'),
    ],
  });
}

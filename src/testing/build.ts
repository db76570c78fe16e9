import { deviceLevels } from '../computed/device-levels.ts';
import { retention } from '../computed/retention.ts';
import type { Artifacts, DeviceMemory, RunEvent, Series, StageWindow } from '../model/artifacts.ts';
import type { DetectorContext } from '../model/detector.ts';
import type { SampleScope } from '../model/probe.ts';
import type { CapacitySearch, ResolvedProfile, Stage, StageKind } from '../model/profile.ts';
import type { RequestRecord } from '../model/record.ts';
import type { SampleTable } from '../model/samples.ts';

export const mib = 1024 ** 2;

/** One value a second from `startMs` on; null is a gap. */
export function series(values: readonly (number | null)[], stepMs = 1000, startMs = 0): Series {
  return {
    tMs: Float64Array.from(values, (_, index) => startMs + index * stepMs),
    values: Float64Array.from(values, (value) => value ?? Number.NaN),
  };
}

/** A value for each step of a span, from its place in seconds. */
export function line(seconds: number, value: (second: number) => number | null, stepMs = 1000): Series {
  const count = Math.round((seconds * 1000) / stepMs);
  return series(
    Array.from({ length: count }, (_, index) => value((index * stepMs) / 1000)),
    stepMs,
  );
}

export function record(seq: number, over: Partial<RequestRecord> = {}): RequestRecord {
  const plannedMs = over.plannedMs ?? seq * 1000;
  return {
    seq,
    stage: 'load',
    itemId: `item-${seq}`,
    slot: null,
    attempt: 1,
    retryOf: null,
    plannedMs,
    startMs: plannedMs + 1,
    connectedMs: plannedMs + 2,
    bodySentMs: plannedMs + 10,
    firstByteMs: plannedMs + 400,
    firstContentMs: plannedMs + 400,
    endMs: plannedMs + 500,
    bytesOut: 1000,
    bytesIn: 100,
    status: 200,
    outcome: 'ok',
    errorCode: null,
    route: null,
    reusedSocket: false,
    check: 'tokens',
    answerDigest: null,
    spokenWords: null,
    wordErrors: null,
    events: null,
    outputTokens: null,
    ...over,
  };
}

export function stage(name: string, kind: StageKind, durationMs: number): Stage {
  const load = kind === 'load' ? ({ executor: 'constant-vus', vus: 1, thinkMs: 0 } as const) : null;
  return { name, kind, load, durationMs, timeoutMs: 30_000, pick: 'shuffled', client: null };
}

/** Stages one after another from 0 on: `[name, kind, seconds]`. */
export function stageWindowsOf(stages: readonly (readonly [string, StageKind, number])[]): StageWindow[] {
  let startMs = 0;
  return stages.map(([name, kind, seconds]) => {
    const window = {
      name,
      kind,
      startMs,
      endMs: startMs + seconds * 1000,
      stage: stage(name, kind, seconds * 1000),
      rates: [],
    };
    startMs = window.endMs;
    return window;
  });
}

export function event(tMs: number, kind: RunEvent['kind'], over: Partial<RunEvent> = {}): RunEvent {
  return { tMs, kind, stage: '', subject: '', detail: '', ...over };
}

export function profile(over: Partial<ResolvedProfile> = {}): ResolvedProfile {
  return {
    name: 'trial',
    question: 'Does it hold?',
    corpus: 'clips',
    adapter: 'openai-transcription',
    seed: 7,
    scale: 1,
    sampleIntervalMs: 1000,
    referenceTimeScale: 1,
    stages: [stage('base', 'idle', 30_000), stage('load', 'load', 60_000), stage('after', 'silence', 60_000)],
    abortWhen: [],
    neighbour: null,
    search: null,
    thresholds: {},
    requires: [],
    ...over,
  };
}

/** Doubles from 1 to 64 in steps of 10 s. */
export const doublingSearch: CapacitySearch = {
  fromVus: 1,
  toVus: 64,
  factor: 2,
  stepMs: 10_000,
  lullMs: 1000,
  p95Ms: 2500,
  errorRatio: 0.01,
};

export function context(over: Partial<DetectorContext> = {}): DetectorContext {
  return { profile: profile(), guard: null, guardRatio: 0.9, confirming: 'bench run leak-rounds', ...over };
}

/** A healthy run of 150 s: base 30 s, load 60 s, after 60 s; 1 GiB limit, 100 MiB at rest, 400 MiB under load. */
export function healthyArtifacts(over: Partial<Artifacts> = {}): Artifacts {
  const stages = stageWindowsOf([
    ['base', 'idle', 30],
    ['load', 'load', 60],
    ['after', 'lull', 60],
  ]);
  const total = line(150, (second) => (second >= 32 && second < 92 ? 400 : 100) * mib);
  const none = series([]);
  const card: DeviceMemory = {
    instance: 'virtual:0',
    kind: 'virtual',
    totalBytes: 16_384 * mib,
    usedBytes: none,
    freeBytes: none,
    treeBytes: none,
    othersBytes: none,
    unattributedBytes: none,
    utilizationPercent: none,
  };
  const artifacts: Artifacts = {
    records: Array.from({ length: 50 }, (_, seq) => record(seq, { plannedMs: 30_000 + seq * 1000 })),
    stages,
    events: [],
    processes: [],
    inFlight: { tMs: Float64Array.of(0, 30_000, 90_000), values: Float64Array.of(0, 1, 0) },
    footprint: footprint(total),
    driver: { answers: null },
    limit: { bytes: 1024 * mib, source: 'cgroup v1 /trial', isCgroup: true },
    kills: killsOf({ cgroupKills: 0, hostKills: 0 }),
    health: { status: series([]), rttMs: line(150, () => 4), ok: line(150, () => 1) },
    pressure: {
      memoryFull: line(150, () => 0),
      memorySome: line(150, () => 0),
      cpuSome: line(150, () => 0.2),
      ioSome: line(150, () => 0),
      scope: 'host',
    },
    host: {
      memAvailableBytes: none,
      memTotalBytes: 8192 * mib,
      swapUsedBytes: none,
      swapTotalBytes: 0,
      tmpfs: null,
      sharedMemoryBytes: none,
    },
    device: { ...card, devices: [card] },
    neighbour: [],
    jobBoard: {
      reserved: none,
      waiting: none,
      duplicates: none,
      late: none,
      expired: none,
      leaseMs: null,
      wholeLeaseMs: null,
    },
    unreadBytes: none,
    lightRoutes: [],
    cpu: { cores: none, processes: [] },
    deviceUse: { state: 'none', percent: none },
    deviceLevels: [],
    descriptors: [],
    lockedMemory: { total: none, holders: [] },
    hiddenMemory: { unseen: none, isOwn: true, mounts: [] },
    gauges: { queues: [], work: [], abandoned: [], descriptorRefusals: [] },
    targetMetrics: new Map(),
    items: new Map(),
    ladder: {
      rungs: [],
      leftOut: [],
      baseBytes: 100 * mib,
      reusedBytes: null,
      isBaseSteady: true,
      slopes: [],
      unknownWhy: 'the run has no level of load that could be measured',
      cumulativeWhy: null,
      reuseUnseenWhy: null,
      asked: { concurrency: 1, stage: 'load' },
      search: null,
    },
    client: {
      rssBytes: none,
      eventLoopLagMs: none,
      cpuSeconds: 1,
      latenessMs: [1, 1, 2],
      samplerCostMs: [1],
      samplerCpuSeconds: 1,
      missedSamples: 0,
      expectedSamples: 150,
    },
    rounds: { families: [], restartsMs: [] },
    retention: [],
    ...over,
  };
  // It follows from the others, whatever of them was replaced.
  const held = over.retention ?? retention(artifacts.footprint, artifacts.device, artifacts);
  return {
    ...artifacts,
    retention: 'unavailable' in held ? [] : held,
    deviceLevels: over.deviceLevels ?? deviceLevels(artifacts.device, artifacts),
  };
}

/** Nothing was readable, but for what is given. */
export function killsOf(over: Partial<Artifacts['kills']> = {}): Artifacts['kills'] {
  return {
    cgroupKills: null,
    countedUntilMs: typeof over.cgroupKills === 'number' ? 150_000 : null,
    hostKills: null,
    firstMs: null,
    hostKillTimesMs: [],
    availableRatio: null,
    evidence: [],
    ...over,
  };
}

/** All of it held by `front`; peak, base and floor as the stages of `healthyArtifacts` give them. */
export function footprint(total: Series, over: Partial<Artifacts['footprint']> = {}): Artifacts['footprint'] {
  const peakBytes = Math.max(...total.values.filter((value) => !Number.isNaN(value)));
  return {
    total,
    holders: [{ holder: 'front', series: total }],
    parts: [{ part: 'parent-anon', series: total }],
    peaks: total,
    rss: total,
    pss: series([]),
    peakBytes,
    peakSource: 'samples',
    peakMs: total.tMs[total.values.indexOf(peakBytes)] ?? 0,
    peakHolder: 'front',
    baselineBytes: 100 * mib,
    floorBytes: 100 * mib,
    ...over,
  };
}

/** A sample table from `scope/instance/metric` (an instance may itself hold slashes) to its series. */
export function sampleTable(columns: Readonly<Record<string, Series>>): SampleTable {
  const entries = Object.entries(columns).map(([key, held]) => {
    const parts = key.split('/');
    return { scope: parts[0] as SampleScope, instance: parts.slice(1, -1).join('/'), metric: parts.at(-1) ?? '', held };
  });
  return {
    instances: (scope, metric) =>
      entries.filter((entry) => entry.scope === scope && entry.metric === metric).map((entry) => entry.instance),
    series: (scope, instance, metric) =>
      entries.find((entry) => entry.scope === scope && entry.instance === instance && entry.metric === metric)?.held ??
      null,
    metrics: (scope) => [...new Set(entries.filter((entry) => entry.scope === scope).map((entry) => entry.metric))],
  };
}

import type { MinuteRow, RequestSummary, ResultSeries, RunResult, StageResult } from '../model/result.ts';
import { emptyResult, summaryOf } from './empty-result.ts';
import { sampleCapacity, sampleCurves } from './sample-curves.ts';
import { sampleFindings } from './sample-findings.ts';

const mebibyte = 1024 ** 2;
const hash = (letter: string): string => letter.repeat(64);

const stageTable = [
  { name: 'base', kind: 'idle', fromS: 0, toS: 12, offered: null },
  { name: 'warm-up', kind: 'warmup', fromS: 12, toS: 18, offered: 1 },
  { name: 'ramp', kind: 'load', fromS: 18, toS: 30, offered: 4 },
  { name: 'hold', kind: 'load', fromS: 30, toS: 84, offered: 6 },
  { name: 'lull', kind: 'lull', fromS: 84, toS: 93, offered: null },
  { name: 'burst', kind: 'load', fromS: 93, toS: 99, offered: 8 },
  { name: 'silence', kind: 'silence', fromS: 99, toS: 112, offered: null },
] as const;
const endS = 112;
const stepS = 0.2;
const timesS = Array.from({ length: Math.round(endS / stepS) + 1 }, (_, index) => index * stepS);

const stageOf = (tS: number): (typeof stageTable)[number] =>
  stageTable.find((stage) => tS < stage.toS) ?? stageTable[stageTable.length - 1] ?? stageTable[0];
/** A ripple without randomness. */
const ripple = (tS: number, size: number): number => size * Math.sin(tS * 7.3) * Math.cos(tS * 2.9);
const ramp = (tS: number, fromS: number, toS: number): number => Math.min(1, Math.max(0, (tS - fromS) / (toS - fromS)));

function series(value: (tS: number) => number | null): ResultSeries {
  return { tMs: timesS.map((tS) => Math.round(tS * 1000)), values: timesS.map(value) };
}

const front = (tS: number): number =>
  (72 + 30 * ramp(tS, 18, 40) + 20.4 * Math.max(0, tS - 94) + ripple(tS, 2)) * mebibyte;
const hotWorker = (tS: number): number | null =>
  tS < 4 ? null : (118 + 14 * ramp(tS, 18, 34) + ripple(tS, 3)) * mebibyte;
const coldWorkers = (tS: number): number | null => {
  const load = ramp(tS, 19, 31) * (1 - ramp(tS, 84, 92));
  return load === 0 ? null : (Math.ceil(load * 5) * 31 + ripple(tS, 4)) * mebibyte;
};
const shared = (tS: number): number => (12 + 22 * ramp(tS, 18, 22)) * mebibyte;
const footprint = (tS: number): number => front(tS) + (hotWorker(tS) ?? 0) + (coldWorkers(tS) ?? 0) + shared(tS);

function stageResults(): readonly StageResult[] {
  const answered: Readonly<Record<string, RequestSummary>> = {
    'warm-up': summaryOf({ ok: 6 }, 640),
    ramp: summaryOf({ ok: 46, timeout: 2 }, 2400),
    hold: summaryOf({ ok: 238, timeout: 71, http_error: 15 }, 14_100),
    burst: summaryOf({ ok: 17, timeout: 13, in_flight_at_end: 18 }, 5200),
  };
  return stageTable.map((stage) => {
    const requests = answered[stage.name] ?? summaryOf({});
    return {
      name: stage.name,
      kind: stage.kind,
      startMs: stage.fromS * 1000,
      endMs: stage.toS * 1000,
      offeredPerSecond: stage.offered,
      achievedPerSecond: stage.offered === null ? null : requests.outcomes.ok / (stage.toS - stage.fromS),
      loadModel: stage.offered === null ? null : 'open',
      rates: stage.name === 'hold' ? [{ name: 'rate', perSecond: 6 }] : [],
      requests,
      memory: {
        peakBytes: footprint(stage.toS - stepS),
        endBytes: footprint(stage.toS - stepS),
        peakHolder: stage.fromS >= 93 ? 'front' : 'hot-worker',
      },
    };
  });
}

function minuteRows(): readonly MinuteRow[] {
  return Array.from({ length: Math.floor(endS / 6) + 1 }, (_, minute) => {
    const tS = minute * 6;
    const isLoaded = stageOf(tS).offered !== null;
    return {
      minute,
      atMs: tS * 1000,
      stage: stageOf(tS).name,
      rssBytes: footprint(tS) + 41 * mebibyte,
      pssBytes: isLoaded ? null : footprint(tS) + 24 * mebibyte,
      footprintBytes: footprint(tS),
      memAvailableBytes: 12_900 * mebibyte - footprint(tS),
      vramUsedBytes: isLoaded ? 2100 * mebibyte : 1400 * mebibyte,
      vramFreeBytes: isLoaded ? 6092 * mebibyte : 6792 * mebibyte,
      psiMemorySomeAvg10: Math.max(0, tS - 93) * 0.004,
      psiMemoryFullAvg10: Math.max(0, tS - 93) * 0.001,
      inFlight: isLoaded ? 10 : 0,
      p95Ms: isLoaded && tS < 93 ? 900 + 150 * tS : null,
    };
  });
}

function sampleSeries(): Readonly<Record<string, ResultSeries>> {
  const share = (tS: number, scale: number): number => Math.max(0, tS - 90) * scale + Math.abs(ripple(tS, 0.003));
  return {
    footprint: series(footprint),
    rss: series((tS) => footprint(tS) + 41 * mebibyte),
    'holder:front': series(front),
    'holder:hot-worker': series(hotWorker),
    'holder:cold-worker': series(coldWorkers),
    'holder:shared memory': series(shared),
    offered: series((tS) => stageOf(tS).offered ?? 0),
    achieved: series((tS) => (stageOf(tS).offered ?? 0) * (tS > 93 ? 0.35 : 0.74) + Math.abs(ripple(tS, 0.2))),
    inFlight: series((tS) => (stageOf(tS).offered === null ? 0 : Math.round(10 + ripple(tS, 3)))),
    'outcome:ok': series((tS) => (stageOf(tS).offered ?? 0) * (tS > 93 ? 0.3 : 0.74)),
    'outcome:http_error': series((tS) => (tS > 50 && tS < 60 ? 0.5 : 0)),
    'outcome:timeout': series((tS) => (tS > 40 ? (stageOf(tS).offered ?? 0) * 0.2 : 0)),
    'part:parent-anon': series(front),
    'part:child-anon': series((tS) => (hotWorker(tS) ?? 0) + (coldWorkers(tS) ?? 0)),
    'part:shared-mapping': series(shared),
    'part:swap': series((tS) => (tS > 100 ? 14 * mebibyte : 0)),
    socketsEstablished: series((tS) => (stageOf(tS).offered === null ? 2 : 12)),
    acceptQueue: series((tS) => (tS > 96 ? 9 : 0)),
    unreadBytes: series((tS) => (tS > 94 ? 128 * 1024 : 0)),
    latencyP50: series((tS) => (tS < 12 || tS > 97 ? null : 300 + 85 * Math.max(0, tS - 18))),
    latencyP95: series((tS) => (tS < 12 || tS > 97 ? null : 640 + 170 * Math.max(0, tS - 18))),
    latencyP99: series((tS) => (tS < 12 || tS > 97 ? null : 800 + 185 * Math.max(0, tS - 18))),
    psiMemorySome: series((tS) => share(tS, 0.006)),
    psiMemoryFull: series((tS) => share(tS, 0.002)),
    psiCpuSome: series((tS) => 0.1 + Math.abs(ripple(tS, 0.05))),
    psiIoSome: series((tS) => Math.abs(ripple(tS, 0.01))),
    healthRtt: series((tS) => (tS > 94 ? null : 3 + Math.abs(ripple(tS, 4)))),
    deviceUsed: series((tS) => (stageOf(tS).offered === null ? 1400 : 2100) * mebibyte),
    memAvailable: series((tS) => 12_900 * mebibyte - footprint(tS)),
  };
}

/** A believable run of the reference server that grows with nothing in flight until the guard ends it. */
export function sampleResult(): RunResult {
  const empty = emptyResult();
  return {
    ...empty,
    runId: '20260102T030405Z_longform-sustained_3f2a91c_k4zd',
    status: 'stopped',
    tool: { name: 'headroom', version: '0.1.0', commit: 'afac725bf2d9' },
    profile: {
      name: 'longform-sustained',
      hash: hash('a'),
      question: 'Does memory settle when more audio arrives than the server can process?',
      scale: 0.1,
    },
    corpus: { name: 'stt-longform', digest: hash('b'), content: 'code', items: 256 },
    hostClass: 'linux-x64-2c-16g',
    target: {
      kind: 'reference',
      url: 'http://127.0.0.1:41873/',
      exec: null,
      fault: 'requeue-spin',
      fixes: [],
      device: { kind: 'virtual', why: 'libcuda.so.1 cannot be opened' },
      observed: 'process tree of pid 4711, cgroup v1 /bench-3f2a',
      memoryLimit: { bytes: 704 * mebibyte, how: 'cgroup v1 made for this run' },
    },
    sources: { 'requests.csv': hash('c'), 'samples.csv': hash('d'), 'events.csv': hash('e') },
    validity: { state: 'valid', reasons: [] },
    verdict: 'fail',
    findings: sampleFindings,
    stages: stageResults(),
    events: [
      { tMs: 0, kind: 'run_start', subject: '', detail: '' },
      { tMs: 92_200, kind: 'process_gone', subject: 'cold-worker#4720', detail: 'idle for 3 s' },
      { tMs: 92_300, kind: 'process_gone', subject: 'cold-worker#4721', detail: 'idle for 3 s' },
      { tMs: 111_800, kind: 'guard_stop', subject: 'guard', detail: '90 % of the limit' },
      { tMs: 112_000, kind: 'stage_skipped', subject: 'canary', detail: 'the guard stopped the load' },
      { tMs: 112_000, kind: 'run_end', subject: '', detail: '' },
    ],
    requests: {
      ...summaryOf({ ok: 307, timeout: 86, http_error: 15, in_flight_at_end: 18 }, 14_100),
      errors: { http_503: 15, body_timeout: 86 },
    },
    memory: {
      limitBytes: 704 * mebibyte,
      limitSource: 'cgroup v1 /bench-3f2a (1 level up)',
      baselineBytes: footprint(10),
      peakBytes: footprint(endS) + 1.5 * mebibyte,
      peakSource: 'cgroup high-water mark',
      peakHolder: 'front',
      floorBytes: footprint(110),
      parts: [
        {
          part: 'parent-anon',
          baselineBytes: footprint(10),
          peakBytes: footprint(endS),
          floorBytes: footprint(110),
          limitBytes: 704 * mebibyte,
          limitSource: 'cgroup v1 /bench-3f2a (1 level up)',
        },
        {
          part: 'tmpfs',
          baselineBytes: 0,
          peakBytes: 12 * mebibyte,
          floorBytes: null,
          limitBytes: 64 * mebibyte,
          limitSource: '/dev/shm',
        },
      ],
      devices: [
        {
          instance: 'virtual:0',
          kind: 'virtual',
          limitBytes: 16_384 * mebibyte,
          baselineBytes: 512 * mebibyte,
          peakBytes: 4096 * mebibyte,
          floorBytes: null,
          targetPeakBytes: 3072 * mebibyte,
          othersPeakBytes: null,
        },
      ],
      perMinute: minuteRows(),
    },
    prediction: {
      timeToLimitS: 3.6,
      timeToLimitCi95S: [3.5, 3.7],
      slopeBytesPerS: 20.4 * mebibyte,
      slopeCi95: [19.8 * mebibyte, 21 * mebibyte],
      predictedAtMs: 115_400,
      why: null,
    },
    guard: { stoppedAtMs: 111_800, reason: 'memory reached 90 % of its limit' },
    guardRatio: 0.9,
    harness: {
      rssPeakBytes: 94 * mebibyte,
      cpuSeconds: 9.4,
      eventLoopLagP99Ms: 3.1,
      dispatchLatenessP99Ms: 1.8,
      samplerCostMsPerSample: 2.9,
      samplerCpuShare: 0.0145,
      missedSamples: 0,
      expectedSamples: 560,
    },
    series: sampleSeries(),
    ...sampleCurves,
    capacity: sampleCapacity,
    capacityUnknown: null,
    environment: { processor: '2 × 2.5 GHz', memory: '16 GiB', kernel: 'Linux 6.1', node: 'v20.20.0' },
    command: 'bench run longform-sustained --target reference:requeue-spin --scale 0.1 --seed 7',
    notObserved: [
      { what: 'OOM kills of the host', why: '/proc/vmstat has no oom_kill on this kernel' },
      { what: 'PSS under load', why: 'reading it would stall the target' },
    ],
  };
}

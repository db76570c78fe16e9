import type { Random } from '../../base/random.ts';
import { ladder } from '../../computed/ladder.ts';
import { type Artifacts, type Footprint, type ItemTraits, isUnavailable, type Series } from '../../model/artifacts.ts';
import { healthyArtifacts, mib, series } from '../build.ts';
import { normal } from './noise.ts';

type Run = Pick<Artifacts, 'stages' | 'records' | 'inFlight' | 'events'> & {
  tMs: Float64Array;
  /** For each sample, whether load is going on. */
  isLoad: readonly boolean[];
};

/**
 * Everything beside memory that a healthy server shows while it is sampled, each with noise of its own, so that every
 * detector has something to judge. No device and no neighbour: those have nothing to do with the shape.
 */
export function surroundings(run: Run, footprint: Footprint, random: Random): Partial<Artifacts> {
  const healthy = healthyArtifacts();
  const seen = (atLoad: number, atRest: number, spread: number, least = 0): Series => ({
    tMs: run.tMs,
    values: Float64Array.from(run.isLoad, (isLoad) =>
      Math.max(least, (isLoad ? atLoad : atRest) + spread * normal(random)),
    ),
  });
  const counted = (atLoad: number, spread: number): Series => {
    const { tMs, values } = seen(atLoad, 0, spread);
    return { tMs, values: values.map((value, index) => (run.isLoad[index] === true ? Math.round(value) : 0)) };
  };
  const flat = (value: number): Series => ({ tMs: run.tMs, values: new Float64Array(run.tMs.length).fill(value) });
  // No more than the records have in flight at any time.
  const waiting: Series = {
    tMs: run.tMs,
    values: Float64Array.from(run.isLoad, (isLoad) => Number(isLoad && random.real() < 0.4)),
  };
  const cores = seen(1.5, 0.03, 0.01);
  const locked = seen(8 * mib, 8 * mib, 0.1 * mib);
  const items = new Map(run.records.map(({ itemId }) => [itemId, traits(random)] as const));
  const levels = ladder(footprint, run.stages, run.events, {
    records: run.records,
    items,
    planned: run.stages.map(({ stage }) => stage),
  });
  return {
    health: { status: series([]), rttMs: seen(6, 4, 1, 0.5), ok: flat(1) },
    lightRoutes: [{ name: 'the readiness page', answered: flat(1), isOnlyClearAtRest: false }],
    pressure: {
      ...healthy.pressure,
      memoryFull: seen(0.004, 0.001, 0.003),
      memorySome: seen(0.01, 0.002, 0.005),
    },
    unreadBytes: counted(20_000, 20_000),
    cpu: {
      cores,
      processes: [
        {
          instance: 'server#1',
          role: 'server',
          isRoot: true,
          cores,
          mainThreadCores: series([]),
          threads: seen(24, 20, 1),
        },
      ],
    },
    deviceUse: { state: 'read', percent: seen(60, 0, 15) },
    descriptors: [{ instance: 'server#1', role: 'server', open: seen(60, 40, 2), softLimit: 1024 }],
    lockedMemory: { total: locked, holders: [{ role: 'server', series: locked }] },
    hiddenMemory: { unseen: seen(4 * mib, 2 * mib, mib), isOwn: true, mounts: [] },
    gauges: {
      queues: [
        { name: 'uttera_queue_depth', series: waiting, counts: 'requests' },
        {
          name: 'uttera_stt_work_queue_audio_seconds',
          series: { tMs: run.tMs, values: waiting.values.map((clips) => 20 * clips) },
          counts: 'audioSeconds',
        },
      ],
      work: [{ name: 'uttera_stt_inflight_requests', series: counted(1, 0.5) }],
      abandoned: [],
      descriptorRefusals: [],
    },
    processes: [
      {
        instance: 'server#1',
        role: 'server',
        pid: 1,
        isRoot: true,
        firstMs: 0,
        lastMs: run.tMs.at(-1) ?? 0,
        goneMs: null,
      },
    ],
    items,
    ...(isUnavailable(levels) ? {} : { ladder: levels }),
  };
}

/** Clips of about half a minute, some of them ten times as long. */
function traits(random: Random): ItemTraits {
  const audioSeconds = 30 * Math.exp(0.8 * normal(random));
  return { bytes: Math.round(32_000 * audioSeconds), audioSeconds, pixels: null };
}

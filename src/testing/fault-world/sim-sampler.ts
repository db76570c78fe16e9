import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { RunEvent } from '../../model/artifacts.ts';
import type { BoardState } from '../../model/engine.ts';
import type { SampleScope } from '../../model/probe.ts';
import type { SampleTable } from '../../model/samples.ts';
import { SampleTableBuilder } from '../../store/sample-table.ts';
import type { SimHost, SimProcess } from './sim-host.ts';
import { SimNoise } from './sim-noise.ts';
import type { SimTarget } from './sim-sender.ts';

/** Of 100 readings so many are late, and so many missed: what a busy host did to real runs. */
const lateShare = 0.05;
const missedShare = 0.005;
const latestMs = 400;
const groupName = 'v2:/target';
/** Slow readings: what the probes read every few ticks only. */
const slowTicks = 3;

export interface SimSamplerOptions {
  clock: Clock;
  random: Random;
  host: SimHost;
  target: SimTarget;
  intervalMs: number;
  stage(): { name: string; isSilent: boolean; isLoaded: boolean };
  /** null: the target is called. */
  board(): Pick<BoardState, 'waiting' | 'reserved'> | null;
}

/** Reads the modelled target as the probes would, late now and then, and writes down what they would have seen. */
export class SimSampler {
  readonly #options: SimSamplerOptions;
  readonly #table = new SampleTableBuilder();
  readonly #noise: SimNoise;
  readonly #random: Random;
  readonly #seen = new Set<SimProcess>();
  readonly #events: RunEvent[] = [];
  #toldKills = 0;
  #stalledUs = 0;
  #tick = 0;
  #isStopped = false;

  constructor(options: SimSamplerOptions) {
    this.#options = options;
    this.#random = options.random.fork('sampler');
    this.#noise = new SimNoise(options.random.fork('noise'));
  }

  table(): SampleTable {
    return this.#table.build();
  }

  events(): readonly RunEvent[] {
    return this.#events;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async run(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    let dueMs = clock.nowMs();
    for (;;) {
      const lateMs = this.#random.real() < lateShare ? this.#random.real() * Math.min(latestMs, intervalMs) : 0;
      await clock.sleepUntil(dueMs + lateMs);
      if (this.#isStopped) {
        return;
      }
      this.#read(clock.nowMs(), this.#random.real() < missedShare);
      dueMs += intervalMs;
    }
  }

  #read(tMs: number, isMissed: boolean): void {
    const add = (scope: SampleScope, instance: string, metric: string, value: number | null): void =>
      this.#table.add({ tMs, scope, instance, metric, value: isMissed ? null : value });
    this.#tick += 1;
    const { host } = this.#options;
    if (!isMissed) {
      this.#tellProcesses(tMs);
      this.#tellKills(tMs);
    }
    const gcBytes = this.#noise.garbageBytes(tMs, this.#options.stage().isLoaded);
    this.#readProcesses(add, gcBytes);
    this.#readGroup(add, gcBytes);
    this.#readHost(add);
    if (host.size.deviceBytes > 0) {
      this.#readDevice(add);
    }
    this.#readTarget(add);
    this.#readHarness(add);
  }

  #readProcesses(add: Add, gcBytes: number): void {
    const { host } = this.#options;
    const living = host.living();
    let anon = 0;
    let cpu = 0;
    for (const one of living) {
      const bytes = this.#noise.jittered(one.anonBytes) + (one.isRoot ? gcBytes : 0);
      anon += bytes;
      cpu += one.cpuSeconds();
      const put = (metric: string, value: number): void => add('process', one.instance, metric, value);
      put('rss_anon_bytes', bytes);
      put('rss_bytes', bytes + 40 * 1024 ** 2);
      put('rss_shmem_bytes', 0);
      put('swap_bytes', one.swapBytes);
      put('locked_bytes', one.lockedBytes);
      put('pinned_bytes', 0);
      put('threads', one.threads);
      put('fds', one.fds);
      put('fd_soft_limit', one.fdLimit);
      put('cpu_seconds', one.cpuSeconds());
      if (this.#tick % slowTicks === 0) {
        put('main_thread_cpu_seconds', one.cpuSeconds());
      }
    }
    const sum = (of: (one: SimProcess) => number): number => living.reduce((total, one) => total + of(one), 0);
    const isThere = living.length > 0;
    const put = (metric: string, value: number): void => add('tree', 'tree', metric, isThere ? value : null);
    put('rss_anon_bytes', anon);
    put('rss_bytes', anon + 40 * 1024 ** 2 * living.length);
    put('rss_shmem_bytes', 0);
    put(
      'swap_bytes',
      sum((one) => one.swapBytes),
    );
    put(
      'locked_bytes',
      sum((one) => one.lockedBytes),
    );
    put('pinned_bytes', 0);
    put('cpu_seconds', cpu);
    put('processes', living.length);
  }

  #readGroup(add: Add, gcBytes: number): void {
    const { host } = this.#options;
    const { limitBytes } = host.size;
    if (limitBytes === null) {
      return;
    }
    const anon = Math.min(limitBytes, host.anonBytes() + gcBytes);
    const held = Math.min(limitBytes, anon + host.shmBytes + host.kernelBytes());
    const cacheBytes = Math.min(this.#noise.cacheBytes(), limitBytes - held);
    const put = (metric: string, value: number): void => add('cgroup', groupName, metric, value);
    put('usage_bytes', held + cacheBytes);
    put('peak_bytes', Math.min(limitBytes, Math.max(held, host.takeHighest() + gcBytes) + cacheBytes));
    put('anon_bytes', anon);
    put('shmem_bytes', host.shmBytes);
    put(
      'swap_bytes',
      host.living().reduce((sum, { swapBytes }) => sum + swapBytes, 0),
    );
    put('non_reclaimable_bytes', held);
    put('limit_bytes', limitBytes);
    put('limit_level', 0);
    put('oom_kills', host.kills);
  }

  #readHost(add: Add): void {
    const { host } = this.#options;
    const { memoryBytes, swapBytes } = host.size;
    const swapped = host.living().reduce((sum, one) => sum + one.swapBytes, 0);
    this.#stalledUs += this.#noise.stallUs(host.heldBytes() / host.boundBytes(), this.#options.intervalMs);
    add('host', 'host', 'mem_total_bytes', memoryBytes);
    add('host', 'host', 'mem_available_bytes', Math.max(0, memoryBytes * 0.9 - host.heldBytes()));
    add('host', 'host', 'swap_total_bytes', swapBytes);
    add('host', 'host', 'swap_free_bytes', swapBytes - swapped);
    add('host', 'host', 'shmem_bytes', host.shmBytes);
    add('host', 'host', 'oom_kills', host.kills);
    add('host', 'host', 'psi_memory_full_total_us', this.#stalledUs);
    add('host', 'host', 'psi_memory_some_total_us', this.#stalledUs * 1.5);
    add('host', '/dev/shm', 'tmpfs_used_bytes', host.shmBytes);
    add('host', '/dev/shm', 'tmpfs_size_bytes', memoryBytes);
  }

  #readDevice(add: Add): void {
    const { size, deviceTreeBytes, deviceOthersBytes } = this.#options.host;
    const usedBytes = deviceTreeBytes + deviceOthersBytes;
    add('gpu', 'virtual:0', 'total_bytes', size.deviceBytes);
    add('gpu', 'virtual:0', 'used_bytes', usedBytes);
    add('gpu', 'virtual:0', 'free_bytes', size.deviceBytes - usedBytes);
    add('gpu', 'virtual:0', 'tree_bytes', deviceTreeBytes);
    add('gpu', 'virtual:0', 'others_bytes', deviceOthersBytes);
  }

  #readTarget(add: Add): void {
    const { target, stage } = this.#options;
    if (stage().isSilent) {
      return;
    }
    const { service } = target;
    const health = target.isDead() ? 'silent' : service.health();
    const rttMs = target.isDead() ? 1 : this.#noise.roundTripMs();
    add('target', 'health', 'health_ok', Number(health === 'ok'));
    add('target', 'health', 'health_rtt_ms', health === 'silent' && !target.isDead() ? null : rttMs);
    add('target', 'health', 'health_status', health === 'silent' ? null : health === 'ok' ? 200 : 503);
    const isReady = target.isDead() ? false : service.isReady();
    if (isReady !== null) {
      add('target', 'ready', 'health_ok', Number(isReady));
      add('target', 'ready', 'health_status', isReady ? 200 : null);
    }
    const isTold = health === 'ok';
    for (const [name, value] of Object.entries(service.gauges())) {
      add('target', 'metrics', name, isTold ? value : null);
    }
    add('target', ':8080', 'recv_queue_bytes', target.isDead() ? null : service.unreadBytes(target.open.size));
  }

  #readHarness(add: Add): void {
    add('client', 'harness', 'rss_bytes', 120 * 1024 ** 2 + this.#noise.jittered(1024 ** 2));
    add('client', 'harness', 'event_loop_lag_ms', 1);
    add('client', 'sampler', 'read_cost_ms', 4);
    const board = this.#options.board();
    if (board !== null) {
      add('client', 'harness', 'tasks_reserved', board.reserved);
      add('client', 'harness', 'tasks_waiting', board.waiting);
      for (const metric of ['answers_duplicate', 'answers_late', 'leases_expired']) {
        add('client', 'harness', metric, 0);
      }
    }
  }

  #tellProcesses(tMs: number): void {
    for (const one of this.#seen) {
      if (one.isGone) {
        this.#seen.delete(one);
        this.#tell(tMs, 'process_gone', one.instance, '');
      }
    }
    for (const one of this.#options.host.living()) {
      if (!this.#seen.has(one)) {
        this.#seen.add(one);
        this.#tell(tMs, 'process_start', one.instance, one.isRoot ? 'root' : 'parent 100');
      }
    }
  }

  #tellKills(tMs: number): void {
    const { kills } = this.#options.host;
    for (; this.#toldKills < kills; this.#toldKills += 1) {
      const isOfGroup = this.#options.host.size.limitBytes !== null;
      this.#tell(tMs, 'oom_kill', isOfGroup ? groupName : 'host', 'counter of kills +1');
    }
  }

  #tell(tMs: number, kind: RunEvent['kind'], subject: string, detail: string): void {
    this.#events.push({ tMs, kind, stage: this.#options.stage().name, subject, detail });
  }
}

type Add = (scope: SampleScope, instance: string, metric: string, value: number | null) => void;

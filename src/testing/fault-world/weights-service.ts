import { checkMemory, tightMemory } from '../../reference-server/services/weights/memcheck.ts';
import { type WeightsSettings, weightsSettings } from '../../reference-server/services/weights/settings.ts';
import type { SimProcess } from './sim-host.ts';
import {
  after,
  errorReply,
  every,
  okReply,
  plainService,
  type SimCall,
  type SimContext,
  type SimReply,
  type SimService,
} from './sim-service.ts';

const mib = 1024 ** 2;
const frontBytes = 60 * mib;
const replicaBytes = 48 * mib;
const loadStepMs = 100;
/** How long a light route may take before it counts as silent. */
const patienceMs = 2000;
/** Blocking threads of the incident's runtime. */
const mostWorks = 512;
const cacheStepMs = 20;

interface Work {
  isAnswered: boolean;
  isStopped: boolean;
}

/** The weights in the front, the lock around them, and what each call leaves behind. */
class SimWeights {
  readonly settings: WeightsSettings;
  readonly #context: SimContext;
  readonly #front: SimProcess;
  readonly #replicas: SimProcess[];
  readonly #cached: string[] = [];
  readonly works = new Set<Work>();
  #flight: Promise<void> | null = null;
  #lock: Promise<void> = Promise.resolve();
  isLoaded = false;
  loading = 0;
  permitsTaken = 0;
  lockWaiting = 0;
  /** When the one who came last gets the lock, as far as is known. */
  #lockFreeMs = 0;

  constructor(context: SimContext) {
    this.#context = context;
    this.settings = weightsSettings(context.knobs);
    const { weightsBytes, shape, memcheck, isLazy, replicas } = this.settings;
    const { host } = context;
    this.#front = host.spawn('ref-front', frontBytes, true);
    this.#front.work(0.02);
    const bounds = [{ limitBytes: host.boundBytes(), freeBytes: host.freeBytes() }];
    const checked =
      isLazy || memcheck === null ? null : checkMemory({ weightsBytes, bits: shape.bits }, memcheck, bounds);
    if (checked?.outcome === 'tight') {
      throw tightMemory(checked);
    }
    if (!isLazy) {
      host.hold(this.#front, weightsBytes);
      this.isLoaded = true;
    }
    this.#replicas = Array.from({ length: replicas }, () => host.spawn('ref-replica', replicaBytes));
  }

  async infer(call: SimCall): Promise<void> {
    if (this.permitsTaken >= this.settings.permits || this.works.size >= mostWorks) {
      call.answer(errorReply(503, 'too_many_calls'));
      return;
    }
    this.permitsTaken += 1;
    const work: Work = { isAnswered: false, isStopped: false };
    this.works.add(work);
    let holdsPermit = true;
    const giveBack = (): void => {
      this.permitsTaken -= holdsPermit ? 1 : 0;
      holdsPermit = false;
    };
    const leave = (reply: SimReply | null): void => {
      if (work.isAnswered) {
        return;
      }
      work.isAnswered = true;
      work.isStopped = this.settings.cancels;
      if (!this.settings.cancels) {
        giveBack();
      }
      if (reply !== null) {
        call.answer(reply);
      }
    };
    call.onGone(() => leave(null));
    const { timeoutMs } = this.settings;
    if (timeoutMs !== null) {
      void after(this.#context.clock, timeoutMs).then(() => leave(errorReply(504, 'timeout_error')));
    }
    await this.#pass(call, work);
    this.works.delete(work);
    leave(okReply);
    giveBack();
  }

  /** Whether someone who asks now gets the lock in time. */
  isLockNear(): boolean {
    return !this.settings.hasExclusiveLock || this.#lockFreeMs - this.#context.clock.nowMs() <= patienceMs;
  }

  cacheBytes(): number {
    return this.#cached.length * this.settings.entryBytes * this.#replicas.length;
  }

  async #pass(call: SimCall, work: Work): Promise<void> {
    await this.#ensure();
    if (!this.settings.hasExclusiveLock) {
      await this.#forward(call, work);
      return;
    }
    const durationMs = this.#durationMs(call);
    this.lockWaiting += 1;
    this.#lockFreeMs = Math.max(this.#context.clock.nowMs(), this.#lockFreeMs) + durationMs;
    const before = this.#lock;
    const mine = before.then(async () => {
      this.lockWaiting -= 1;
      if (work.isStopped) {
        this.#lockFreeMs -= durationMs;
      } else {
        await this.#forward(call, work);
      }
    });
    this.#lock = mine;
    await mine;
  }

  #durationMs({ item }: SimCall): number {
    return this.settings.forwardMs + this.settings.forwardMsPerToken * (item.traits['estimatedTokens'] ?? 0);
  }

  async #forward(call: SimCall, work: Work): Promise<void> {
    const { host, clock, random } = this.#context;
    const { requestBytes } = this.settings;
    host.hold(this.#front, requestBytes);
    this.#front.work(0.7);
    const endMs = clock.nowMs() + this.#durationMs(call) * (0.97 + 0.06 * random.real());
    while (clock.nowMs() < endMs && !work.isStopped) {
      await after(clock, Math.min(endMs - clock.nowMs(), 250));
    }
    host.hold(this.#front, -requestBytes);
    if (!work.isStopped) {
      await this.#remember(call.item.id);
      this.#leak();
    }
    this.#front.work(this.works.size > 1 ? 0.7 : 0.02);
  }

  async #ensure(): Promise<void> {
    if (this.isLoaded) {
      return;
    }
    if (!this.settings.isSingleFlight) {
      await this.#load();
      return;
    }
    this.#flight ??= this.#load();
    await this.#flight;
  }

  async #load(): Promise<void> {
    const { host, clock } = this.#context;
    const { weightsBytes, loadBytesPerMs } = this.settings;
    this.loading += 1;
    this.#front.work(0.8);
    let filled = 0;
    await every(clock, loadStepMs, () => {
      const bytes = Math.min(weightsBytes - filled, loadBytesPerMs * loadStepMs);
      filled += bytes;
      host.hold(this.#front, bytes);
      return filled < weightsBytes && !this.#front.isGone;
    });
    this.loading -= 1;
    if (this.isLoaded) {
      // The loser's copy goes with the next collection.
      void after(clock, 1000).then(() => host.hold(this.#front, -weightsBytes));
    }
    this.isLoaded = true;
  }

  async #remember(itemId: string): Promise<void> {
    const { entryBytes, cacheBytes } = this.settings;
    if (this.#replicas.length === 0 || this.#cached.includes(itemId)) {
      return;
    }
    await after(this.#context.clock, cacheStepMs);
    this.#cached.push(itemId);
    const isFull = cacheBytes !== null && this.#cached.length * entryBytes > cacheBytes;
    if (isFull) {
      this.#cached.shift();
      return;
    }
    for (const replica of this.#replicas) {
      this.#context.host.hold(replica, entryBytes);
    }
  }

  /** Written once and paged out, where there is swap; else it stays resident. */
  #leak(): void {
    const { leakBytes, freesAfterUse } = this.settings;
    const { host } = this.#context;
    if (leakBytes === 0 || freesAfterUse) {
      return;
    }
    if (host.size.swapBytes === 0) {
      host.hold(this.#front, leakBytes);
    } else {
      this.#front.swapBytes += leakBytes;
    }
  }
}

/** Next tokens from weights that live in the front itself. */
export function startWeights(context: SimContext): SimService {
  const weights = new SimWeights(context);
  return {
    ...plainService,
    handle: (call) => void weights.infer(call),
    isReady: () => weights.isLockNear(),
    gauges: () => ({
      headroom_infer_works: weights.works.size,
      headroom_infer_zombies: [...weights.works].filter(({ isAnswered }) => isAnswered).length,
      headroom_infer_permits_taken: weights.permitsTaken,
      headroom_infer_loads_running: weights.loading,
      headroom_infer_lock_waiting: weights.lockWaiting,
      headroom_infer_cache_bytes: weights.cacheBytes(),
    }),
  };
}

import { DeviceError, type DeviceMemory, outOfMemoryCode } from '../../reference-server/device/device.ts';
import { modelKinds } from '../../reference-server/services/model-cache/models.ts';
import { openSession, type Session } from '../../reference-server/services/model-cache/session.ts';
import { type ModelCacheSettings, modelCacheSettings } from '../../reference-server/services/model-cache/settings.ts';
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
const frontBytes = 66 * mib;
const holderBytes = 74 * mib;
const neighbourBytes = 48 * mib;
const task = 'ocr';
/** An arena that backs off is refused hundreds of times in a row: one error, one stack. */
const cardIsFull = new DeviceError(outOfMemoryCode, 'out of memory');

/** The holder of models beside another tenant; arenas and sessions are the real ones over a counted card. */
class SimHolder {
  readonly settings: ModelCacheSettings;
  readonly #context: SimContext;
  readonly #front: SimProcess;
  readonly #contextBytes: number;
  #holder: SimProcess;
  #hasContext = false;
  readonly #sessions = new Map<string, { session: Session; lastUsedMs: number }>();
  #turn: Promise<unknown> = Promise.resolve();
  #lastRequestMs = 0;
  #neighbour: { process: SimProcess; isReady: boolean; lastUsedMs: number } | null = null;
  #nextId = 1;
  inFlight = 0;
  failedLoads = 0;

  constructor(context: SimContext) {
    this.#context = context;
    this.settings = modelCacheSettings(context.knobs);
    this.#contextBytes = context.knobs.mib('context-mib');
    this.#front = context.host.spawn('ref-front', frontBytes, true);
    this.#front.work(0.02);
    this.#holder = context.host.spawn('ref-cache', holderBytes);
    void every(context.clock, this.settings.cache.pollMs, () => this.#poll());
    void every(context.clock, context.knobs.scaledMs('manager-s'), () => this.#endNeighbour());
  }

  get isNeighbourLoaded(): boolean {
    return this.#neighbour?.isReady === true;
  }

  predict(call: SimCall): void {
    if (this.inFlight >= this.settings.mostInFlight) {
      call.answer(errorReply(503, 'queue_full'));
      return;
    }
    this.inFlight += 1;
    this.#turn = this.#turn.then(async () => {
      const reply = await this.#run(call).catch((): SimReply => errorReply(500, 'device_out_of_memory'));
      this.inFlight -= 1;
      this.#lastRequestMs = this.#context.clock.nowMs();
      call.answer(reply);
    });
  }

  /** The card's memory, as the holder's context takes it. */
  #memory(): DeviceMemory {
    const { host } = this.#context;
    const held = new Map<number, number>();
    return {
      alloc: (bytes) => {
        if (host.deviceTreeBytes + host.deviceOthersBytes + bytes > host.size.deviceBytes) {
          return Promise.reject(cardIsFull);
        }
        const id = this.#nextId;
        this.#nextId += 1;
        held.set(id, bytes);
        host.deviceTreeBytes += bytes;
        return Promise.resolve(id);
      },
      free: (id) => {
        host.deviceTreeBytes -= held.get(id) ?? 0;
        held.delete(id);
        return Promise.resolve();
      },
    };
  }

  async #run({ item }: SimCall): Promise<SimReply> {
    const { clock, host } = this.#context;
    const { cache } = this.settings;
    const { width = 1, height = 1 } = item.traits;
    const pixelsBytes = 3 * width * height;
    host.hold(this.#holder, pixelsBytes);
    this.#holder.work(0.5);
    try {
      for (const kind of modelKinds.filter((one) => one.task === task)) {
        const session = await this.#session(kind.type, kind.weightsBytes);
        const input = kind.inputOf({ width, height });
        const area = input.width * input.height;
        await session.run(Math.floor(area * cache.bytesPerPixel * kind.share), area, () =>
          after(clock, (area / 1e6) * cache.msPerMegapixel),
        );
      }
    } finally {
      host.hold(this.#holder, -pixelsBytes);
      this.#holder.work(0);
    }
    return okReply;
  }

  async #session(type: string, weightsBytes: number): Promise<Session> {
    const { clock, host } = this.#context;
    const known = this.#sessions.get(type);
    if (known !== undefined) {
      known.lastUsedMs = clock.nowMs();
      return known.session;
    }
    if (!this.#hasContext) {
      host.deviceTreeBytes += this.#contextBytes;
      this.#hasContext = true;
    }
    const session = await openSession(this.#memory(), weightsBytes, this.settings.cache);
    await after(clock, this.settings.cache.loadMs);
    this.#sessions.set(type, { session, lastUsedMs: clock.nowMs() });
    return session;
  }

  /** Unused models go, and the process when nobody asked it for as long. */
  #poll(): boolean {
    const { clock, host } = this.#context;
    const { ttlMs } = this.settings.cache;
    if (ttlMs === 0 || this.#front.isGone || this.inFlight > 0) {
      return !this.#front.isGone;
    }
    for (const [type, { session, lastUsedMs }] of this.#sessions) {
      if (clock.nowMs() - lastUsedMs > ttlMs) {
        this.#sessions.delete(type);
        void session.close();
      }
    }
    if (this.#hasContext && this.#sessions.size === 0 && clock.nowMs() - this.#lastRequestMs > ttlMs) {
      host.end(this.#holder);
      host.deviceTreeBytes -= this.#contextBytes;
      this.#hasContext = false;
      this.#holder = host.spawn('ref-cache', holderBytes);
    }
    return true;
  }

  async askNeighbour(): Promise<SimReply> {
    const { clock, host } = this.#context;
    const { needBytes, loadMs } = this.settings.neighbour;
    if (this.#neighbour === null) {
      const wanted = this.#contextBytes + needBytes;
      if (host.deviceTreeBytes + host.deviceOthersBytes + wanted > host.size.deviceBytes) {
        this.failedLoads += 1;
        await after(clock, loadMs / 4);
        return errorReply(502, 'upstream_failed');
      }
      // A child of the same front, as the reference server runs it: its part of the card is the tree's too.
      const process = host.spawn('ref-neighbour', neighbourBytes);
      host.deviceTreeBytes += wanted;
      this.#neighbour = { process, isReady: false, lastUsedMs: clock.nowMs() };
      await after(clock, loadMs);
      this.#neighbour.isReady = true;
    }
    this.#neighbour.lastUsedMs = clock.nowMs();
    return okReply;
  }

  #endNeighbour(): boolean {
    const { clock, host } = this.#context;
    const { needBytes, idleMs } = this.settings.neighbour;
    const tenant = this.#neighbour;
    if (tenant?.isReady === true && clock.nowMs() - tenant.lastUsedMs >= idleMs) {
      host.end(tenant.process);
      host.deviceTreeBytes -= this.#contextBytes + needBytes;
      this.#neighbour = null;
    }
    return !this.#front.isGone;
  }
}

/** Predictions on images by a holder of models, and the other tenant of its card. */
export function startModelCache(context: SimContext): SimService {
  const holder = new SimHolder(context);
  return {
    ...plainService,
    handle: (call) => holder.predict(call),
    askNeighbour: () => holder.askNeighbour(),
    gauges: () => ({
      headroom_cache_in_flight: holder.inFlight,
      headroom_neighbour_loaded: Number(holder.isNeighbourLoaded),
      headroom_neighbour_failed_loads_total: holder.failedLoads,
    }),
  };
}

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../base/errors.ts';
import { touchPages } from '../../pages.ts';
import { RequestError } from '../../upload.ts';
import { collectLater } from './collect-later.ts';

/** Above 32 MiB, so that the allocator gives each back to the system when it is let go. */
const shardBytes = 64 * 1024 ** 2;

/** Written in one turn of the event loop: some 1 ms, so that health is answered in between. */
const sliceBytes = 1024 ** 2;

type Shards = readonly Uint8Array[];

export interface LoadSettings {
  weightsBytes: number;
  loadBytesPerMs: number;
  isSingleFlight: boolean;
}

/** The weights of the server process: there or not, and loads on their way. */
export class WeightStore {
  readonly #settings: LoadSettings;
  readonly #allocate: (bytes: number) => Uint8Array;
  #held: Shards | null = null;
  #flight: Promise<void> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  /** Loads that run now. */
  loading = 0;
  /** Loads that came to their end, losers included. */
  loads = 0;

  constructor(settings: LoadSettings, allocate: (bytes: number) => Uint8Array = Buffer.allocUnsafeSlow) {
    this.#settings = settings;
    this.#allocate = allocate;
  }

  get isLoaded(): boolean {
    return this.#held !== null;
  }

  /** A part of the weights to compute with; null before they are loaded. */
  get firstShard(): Uint8Array | null {
    return this.#held?.[0] ?? null;
  }

  /** Resolves once they are loaded. Rejects with 503 where there is no memory for them; the next caller tries again. */
  async ensure(): Promise<void> {
    if (this.#held !== null) {
      return;
    }
    if (!this.#settings.isSingleFlight) {
      // Between the check above and the end of this load, every other caller begins one of its own.
      await this.#load();
      return;
    }
    this.#flight ??= this.#load().finally(() => {
      this.#flight = null;
    });
    await this.#flight;
  }

  async #load(): Promise<void> {
    this.loading += 1;
    try {
      const shards = await this.#fill();
      this.loads += 1;
      if (this.#held === null) {
        this.#held = shards;
        return;
      }
    } catch (error: unknown) {
      throw new RequestError(503, 'weights_missing', `The weights cannot be loaded: ${messageOf(error)}.`);
    } finally {
      this.loading -= 1;
    }
    collectLater(this.#settings.weightsBytes);
  }

  async #fill(): Promise<Shards> {
    const { weightsBytes, loadBytesPerMs } = this.#settings;
    const shards: Uint8Array[] = [];
    const startedMs = performance.now();
    let filled = 0;
    while (filled < weightsBytes) {
      const shard = this.#allocate(Math.min(shardBytes, weightsBytes - filled));
      shards.push(shard);
      for (let offset = 0; offset < shard.length; offset += sliceBytes) {
        const end = Math.min(shard.length, offset + sliceBytes);
        await this.#write(shard, offset, end);
        const waitMs = startedMs + (filled + end) / loadBytesPerMs - performance.now();
        if (waitMs >= 1) {
          await sleep(waitMs);
        }
      }
      filled += shard.length;
    }
    return shards;
  }

  /** However many loads there are, a turn of the event loop writes one slice. */
  async #write(shard: Uint8Array, from: number, to: number): Promise<void> {
    const mine = this.#turn.then(() => {
      touchPages(shard, from, to);
      return nextTurn();
    });
    this.#turn = mine;
    await mine;
  }
}

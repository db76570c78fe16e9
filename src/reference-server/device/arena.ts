import { DeviceError, type DeviceMemory, outOfMemoryCode } from './device.ts';

/**
 * The arena of ONNX Runtime (`core/framework/bfc_arena.cc`): blocks are cut out of regions, and a
 * region never goes back by itself. Every rule below is one of that allocator.
 */
const mebibyte = 1024 ** 2;
const roundingBytes = 256;
const firstRegionBytes = mebibyte;
/** What the next region starts from after a shrink. */
const regionAfterShrinkBytes = 2 * mebibyte;
/** A rest this large is cut off even if less than half of the chunk. */
const largestDeadRestBytes = 128 * mebibyte;
const backOffRatio = 0.9;
const leastRegionBytes = 8192;

/** `power-of-two`: the next region is twice the last, or more until the block fits. `exact`: the block's own size. */
export type ArenaGrowth = 'power-of-two' | 'exact';

export interface ArenaOptions {
  growth: ArenaGrowth;
  /** Most bytes of all regions; null = whatever the device gives. */
  limitBytes: number | null;
}

export interface ArenaStats {
  /** Held on the device, used or not. */
  reservedBytes: number;
  inUseBytes: number;
  peakReservedBytes: number;
  peakInUseBytes: number;
  regions: number;
}

export interface Arena extends DeviceMemory {
  stats(): ArenaStats;
  /** Gives back each region without a used block; resolves to the bytes given back. */
  shrink(): Promise<number>;
  /** Gives back everything. */
  close(): Promise<void>;
}

interface Chunk {
  region: Region;
  bytes: number;
  /** Null while it is free. */
  usedBy: number | null;
}

/** `chunks` stand in the order of their addresses. */
interface Region {
  deviceId: number;
  bytes: number;
  isFirst: boolean;
  chunks: Chunk[];
}

function rounded(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / roundingBytes)) * roundingBytes;
}

function isUnused(region: Region): boolean {
  return region.chunks.every((chunk) => chunk.usedBy === null);
}

/** The smallest free chunk that holds the bytes, the oldest region first. */
function bestFit(regions: readonly Region[], bytes: number): Chunk | null {
  let best: Chunk | null = null;
  for (const chunk of regions.flatMap(({ chunks }) => chunks)) {
    if (chunk.usedBy === null && chunk.bytes >= bytes && (best === null || chunk.bytes < best.bytes)) {
      best = chunk;
    }
  }
  return best;
}

/** Cuts the rest off a chunk that is much larger than what is asked of it. */
function split(chunk: Chunk, bytes: number): void {
  const restBytes = chunk.bytes - bytes;
  if (chunk.bytes < 2 * bytes && restBytes < largestDeadRestBytes) {
    return;
  }
  const { chunks } = chunk.region;
  chunk.bytes = bytes;
  chunks.splice(chunks.indexOf(chunk) + 1, 0, { region: chunk.region, bytes: restBytes, usedBy: null });
}

/** Joins a freed chunk with free neighbours. */
function merge(chunk: Chunk): void {
  const { chunks } = chunk.region;
  const index = chunks.indexOf(chunk);
  const next = chunks[index + 1];
  if (next?.usedBy === null) {
    chunk.bytes += next.bytes;
    chunks.splice(index + 1, 1);
  }
  const before = chunks[index - 1];
  if (before?.usedBy === null) {
    before.bytes += chunk.bytes;
    chunks.splice(index, 1);
  }
}

class BestFitArena implements Arena {
  readonly #memory: DeviceMemory;
  readonly #options: ArenaOptions;
  #regions: Region[] = [];
  readonly #used = new Map<number, Chunk>();
  #nextId = 1;
  #nextRegionBytes = firstRegionBytes;
  #inUseBytes = 0;
  #peakReservedBytes = 0;
  #peakInUseBytes = 0;
  /** Growing and shrinking wait for one another, as under the lock of the original. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(memory: DeviceMemory, options: ArenaOptions) {
    this.#memory = memory;
    this.#options = options;
  }

  stats(): ArenaStats {
    return {
      reservedBytes: this.#reservedBytes(),
      inUseBytes: this.#inUseBytes,
      peakReservedBytes: this.#peakReservedBytes,
      peakInUseBytes: this.#peakInUseBytes,
      regions: this.#regions.length,
    };
  }

  alloc(bytes: number): Promise<number> {
    return this.#inTurn(async () => {
      const neededBytes = rounded(bytes);
      const chunk = bestFit(this.#regions, neededBytes) ?? (await this.#grow(neededBytes));
      split(chunk, neededBytes);
      const id = this.#nextId++;
      chunk.usedBy = id;
      this.#used.set(id, chunk);
      this.#inUseBytes += chunk.bytes;
      this.#peakInUseBytes = Math.max(this.#peakInUseBytes, this.#inUseBytes);
      return id;
    });
  }

  async free(id: number): Promise<void> {
    const chunk = this.#used.get(id);
    if (chunk === undefined) {
      throw new DeviceError(1, `the arena has no block ${id}`);
    }
    this.#used.delete(id);
    this.#inUseBytes -= chunk.bytes;
    chunk.usedBy = null;
    merge(chunk);
  }

  shrink(): Promise<number> {
    // Under this growth the first region is taken for the weights and stays.
    const keepsFirst = this.#options.growth === 'power-of-two';
    return this.#inTurn(async () => {
      this.#nextRegionBytes = regionAfterShrinkBytes;
      return this.#giveBack((region) => isUnused(region) && !(keepsFirst && region.isFirst));
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => {
      this.#used.clear();
      this.#inUseBytes = 0;
      return this.#giveBack(() => true);
    });
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #reservedBytes(): number {
    return this.#regions.reduce((sum, region) => sum + region.bytes, 0);
  }

  async #giveBack(isWanted: (region: Region) => boolean): Promise<number> {
    const gone = this.#regions.filter(isWanted);
    this.#regions = this.#regions.filter((region) => !gone.includes(region));
    for (const region of gone) {
      await this.#memory.free(region.deviceId);
    }
    return gone.reduce((sum, region) => sum + region.bytes, 0);
  }

  #wantedBytes(neededBytes: number, availableBytes: number): number {
    if (this.#options.growth === 'exact') {
      return neededBytes;
    }
    const isEnough = neededBytes <= this.#nextRegionBytes;
    while (neededBytes > this.#nextRegionBytes) {
      this.#nextRegionBytes *= 2;
    }
    const wantedBytes = Math.min(this.#nextRegionBytes, availableBytes);
    if (isEnough) {
      this.#nextRegionBytes *= 2;
    }
    return wantedBytes;
  }

  async #grow(neededBytes: number): Promise<Chunk> {
    const { limitBytes } = this.#options;
    const leftBytes = limitBytes === null ? Number.MAX_SAFE_INTEGER : limitBytes - this.#reservedBytes();
    const availableBytes = Math.floor(leftBytes / roundingBytes) * roundingBytes;
    if (neededBytes > availableBytes) {
      throw new DeviceError(
        outOfMemoryCode,
        `arena of ${limitBytes} bytes: ${availableBytes} left, ${neededBytes} asked`,
      );
    }
    const { deviceId, bytes } = await this.#takeRegion(neededBytes, this.#wantedBytes(neededBytes, availableBytes));
    const region: Region = { deviceId, bytes, isFirst: this.#regions.length === 0, chunks: [] };
    const chunk: Chunk = { region, bytes, usedBy: null };
    region.chunks.push(chunk);
    this.#regions.push(region);
    this.#peakReservedBytes = Math.max(this.#peakReservedBytes, this.#reservedBytes());
    return chunk;
  }

  /** A device that refuses is asked for a tenth less each time, never for less than the block. */
  async #takeRegion(neededBytes: number, wantedBytes: number): Promise<{ deviceId: number; bytes: number }> {
    for (let bytes = wantedBytes; ; ) {
      try {
        return { deviceId: await this.#memory.alloc(bytes), bytes };
      } catch (error) {
        bytes = rounded(Math.floor(bytes * backOffRatio));
        const isHopeless = bytes < neededBytes || bytes < leastRegionBytes;
        if (!(error instanceof DeviceError && error.deviceCode === outOfMemoryCode) || isHopeless) {
          throw error;
        }
      }
    }
  }
}

/** An arena without a region yet over a context's memory. */
export function createArena(memory: DeviceMemory, options: ArenaOptions): Arena {
  return new BestFitArena(memory, options);
}

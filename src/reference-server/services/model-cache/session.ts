import { type Arena, type ArenaGrowth, createArena } from '../../device/arena.ts';
import type { DeviceMemory } from '../../device/device.ts';

/** A map of one float32 per pixel of the input. */
const outputBytesPerPixel = 4;

export interface SessionOptions {
  growth: ArenaGrowth;
  /** Of the arena; null = no limit. */
  limitBytes: number | null;
  /** Whether a run gives back, at its end, what then is unused. */
  shrinks: boolean;
}

/** A loaded model: its weights, and an arena that lives as long as it does. */
export interface Session {
  stats(): { reservedBytes: number; inUseBytes: number };
  /** `compute` runs while the activations are held. Rejects with a `DeviceError` if they do not fit. */
  run(activationBytes: number, pixels: number, compute: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

async function runIn(
  arena: Arena,
  activationBytes: number,
  pixels: number,
  compute: () => Promise<void>,
): Promise<number> {
  // One block: the runtime plans all of a shape's activations as one piece.
  const block = await arena.alloc(activationBytes);
  try {
    await compute();
    return await arena.alloc(pixels * outputBytesPerPixel);
  } finally {
    await arena.free(block);
  }
}

/** Loads a model of this size. Rejects with a `DeviceError` if it does not fit. */
export async function openSession(
  memory: DeviceMemory,
  weightsBytes: number,
  { growth, limitBytes, shrinks }: SessionOptions,
): Promise<Session> {
  const weights = await memory.alloc(weightsBytes);
  const arena = createArena(memory, { growth, limitBytes });
  const shrink = async (): Promise<void> => {
    if (shrinks) {
      await arena.shrink();
    }
  };
  return {
    stats: () => arena.stats(),
    async run(activationBytes, pixels, compute) {
      let output: number | null = null;
      try {
        output = await runIn(arena, activationBytes, pixels, compute);
      } finally {
        // The caller still holds the output when a run ends, and with it the region that it lies in.
        await shrink();
        if (output !== null) {
          await arena.free(output);
        }
      }
    },
    async close() {
      await arena.close();
      await memory.free(weights);
    },
  };
}

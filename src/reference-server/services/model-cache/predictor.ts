import { setTimeout as sleep } from 'node:timers/promises';
import { type Pixels, readImageCode } from '../../../base/image-code.ts';
import type { ImageSize } from '../../../base/image-size.ts';
import type { DeviceContext, DeviceMemory } from '../../device/device.ts';
import type { DecodeImage } from '../images/decode-image.ts';
import type { WantedModel } from './entries.ts';
import { createHostMemory } from './host-memory.ts';
import { type ModelKind, modelKindOf, modelKinds } from './models.ts';
import { scaleImage } from './scale-image.ts';
import { openSession, type Session } from './session.ts';
import { createSessionCache, type SessionCache } from './session-cache.ts';
import type { CacheSetup, Sighting } from './workers/messages.ts';

/** What a prediction needs of its process. */
export interface Surroundings {
  /** Called for the first model only: until then the process costs no device memory. */
  openContext(): Promise<DeviceContext>;
  decode: DecodeImage | null;
  /** The models or their memory are others now. */
  changed(): void;
}

function kindOf({ task, type }: WantedModel): ModelKind {
  const kind = modelKindOf(task, type);
  if (kind === null) {
    throw new Error(`there is no model ${task}/${type}`);
  }
  return kind;
}

function areaOf({ width, height }: ImageSize): number {
  return width * height;
}

/** The models of the process and the runs on them. Calls must not overlap. */
export class Predictor {
  readonly #setup: CacheSetup;
  readonly #around: Surroundings;
  readonly #sessions: SessionCache;
  #context: DeviceContext | null = null;
  readonly #hostMemory: DeviceMemory = createHostMemory();

  constructor(setup: CacheSetup, around: Surroundings) {
    this.#setup = setup;
    this.#around = around;
    this.#sessions = createSessionCache(setup.ttlMs, (model) => this.#load(model));
  }

  models(): ReturnType<SessionCache['models']> {
    return this.#sessions.models();
  }

  async preload(nowMs: number): Promise<void> {
    for (const { task, type, defaultName } of modelKinds.filter((kind) => kind.task === this.#setup.preload)) {
      await this.#sessions.open({ task, type, modelName: defaultName }, nowMs, 'stays');
      this.#around.changed();
    }
  }

  async expire(nowMs: number): Promise<void> {
    const before = this.models().length;
    await this.#sessions.expire(nowMs);
    if (this.models().length !== before) {
      this.#around.changed();
    }
  }

  /** Rejects with a `DeviceError` where the device has no room, with another error where the image is broken. */
  async predict(
    models: readonly WantedModel[],
    imagePath: string | null,
    signal: AbortSignal,
  ): Promise<Sighting | null> {
    signal.throwIfAborted();
    const { decode } = this.#around;
    const pixels = imagePath === null || decode === null ? null : await decode(imagePath, this.#setup.mostPixels);
    for (const model of models) {
      signal.throwIfAborted();
      await this.#run(model, pixels, signal);
    }
    return pixels === null ? null : { imageId: readImageCode(pixels), width: pixels.width, height: pixels.height };
  }

  async #openContext(): Promise<DeviceContext> {
    this.#context ??= await this.#around.openContext();
    return this.#context;
  }

  async #load(model: WantedModel): Promise<Session> {
    const memory = this.#setup.arenaOn === 'host' ? this.#hostMemory : await this.#openContext();
    const session = await openSession(memory, kindOf(model).weightsBytes, this.#setup);
    await sleep(this.#setup.loadMs);
    return session;
  }

  async #run(model: WantedModel, pixels: Pixels | null, signal: AbortSignal): Promise<void> {
    const kind = kindOf(model);
    const session = await this.#sessions.open(model, performance.now());
    this.#around.changed();
    const input = kind.inputOf(pixels ?? { width: 1, height: 1 });
    const area = areaOf(input);
    const activationBytes = Math.floor(area * this.#setup.bytesPerPixel * kind.share);
    const compute = async (): Promise<void> => {
      this.#around.changed();
      const scaled = pixels === null ? null : scaleImage(pixels, input);
      const runMs = (area / 1e6) * this.#setup.msPerMegapixel;
      await (this.#context?.run(runMs, signal) ?? sleep(runMs, undefined, { signal }));
      // Read after the wait, or the optimizer may let the buffer go before it.
      if (scaled !== null && scaled.samples.length < area) {
        throw new Error(`the scaled image has ${scaled.samples.length} samples for ${area} pixels`);
      }
    };
    try {
      await session.run(activationBytes, area, compute);
    } finally {
      this.#around.changed();
    }
  }
}

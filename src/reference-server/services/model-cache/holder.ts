import { type Child, endChildren, startChild } from '../../children.ts';
import { RequestError } from '../../upload.ts';
import { imageChildEnv } from '../images/image-worker.ts';
import type { WantedModel } from './entries.ts';
import type { CacheSetup, FromCache, ModelState, Outcome, Sighting, ToCache } from './workers/messages.ts';

/** Pause before a dead holder is replaced, so that one that cannot load does not spin. */
const respawnMs = 250;

interface Pending {
  message: Extract<ToCache, { type: 'predict' }>;
  settle(outcome: Outcome): void;
}

function statusOf(code: string): number {
  switch (code) {
    case 'invalid_image':
      return 400;
    case 'cancelled':
      return 499;
    default:
      return 500;
  }
}

/** The process that holds the models, as the front sees it: a new one after an idle exit or a death. */
export class Holder {
  readonly #setup: CacheSetup;
  readonly #log: (line: string) => void;
  readonly #pending = new Map<number, Pending>();
  #child: Child;
  #state: 'loading' | 'ready' | 'leaving' | 'stopping' = 'loading';
  #nextId = 1;
  /** True from the first load on: a request during an idle exit waits, it is not refused. */
  wasReady = false;
  /** Why no image can be decoded here; null if there is no such reason. */
  cannotDecode: string | null = null;
  models: readonly ModelState[] = [];
  idleExits = 0;

  constructor(setup: CacheSetup, log: (line: string) => void) {
    this.#setup = setup;
    this.#log = log;
    this.#child = this.#start();
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** Resolves or rejects once the holder is done with the request. */
  async predict(
    models: readonly WantedModel[],
    imagePath: string | null,
    signal: AbortSignal,
  ): Promise<Sighting | null> {
    if (imagePath !== null && this.cannotDecode !== null) {
      throw new RequestError(501, 'no_decoder', 'Images cannot be decoded here. Run npm install sharp.');
    }
    const id = this.#nextId++;
    const cancel = (): void => this.#cancel(id);
    const outcome = await new Promise<Outcome>((settle) => {
      const message = { type: 'predict' as const, id, models, imagePath };
      this.#pending.set(id, { message, settle });
      signal.addEventListener('abort', cancel);
      if (this.#state === 'ready') {
        this.#send(message);
      }
      if (signal.aborted) {
        cancel();
      }
    });
    signal.removeEventListener('abort', cancel);
    if (outcome.type === 'failed') {
      throw new RequestError(statusOf(outcome.code), outcome.code, outcome.message);
    }
    return outcome.sighting;
  }

  async stop(graceMs: number): Promise<void> {
    this.#state = 'stopping';
    await endChildren([this.#child], graceMs);
  }

  #send(message: ToCache): void {
    this.#child.send(message);
  }

  #cancel(id: number): void {
    if (this.#state === 'ready') {
      // The file must stay until the holder has let go of it, so its answer is awaited.
      this.#send({ type: 'cancel', id });
      return;
    }
    this.#settle(id, { type: 'failed', code: 'cancelled', message: 'The client closed the connection.' });
  }

  #settle(id: number, outcome: Outcome): void {
    this.#pending.get(id)?.settle(outcome);
    this.#pending.delete(id);
  }

  #start(): Child {
    const child = startChild('services/model-cache/workers/cache', [JSON.stringify(this.#setup)], imageChildEnv);
    child.onMessage((message) => this.#onMessage(message as FromCache));
    void child.exited.then((how) => this.#onExit(how));
    return child;
  }

  #onMessage(message: FromCache): void {
    switch (message.type) {
      case 'ready':
        this.#becomeReady(message.cannotDecode);
        return;
      case 'outcome':
        this.#settle(message.id, message.outcome);
        return;
      case 'models':
        this.models = message.models;
        return;
      case 'idle':
        if (this.#state === 'ready' && this.#pending.size === 0) {
          this.#state = 'leaving';
          this.#send({ type: 'leave' });
        }
        return;
    }
  }

  #becomeReady(cannotDecode: string | null): void {
    if (cannotDecode !== null && !this.wasReady) {
      this.#log(`images cannot be decoded (npm install sharp): ${cannotDecode}`);
    }
    this.cannotDecode = cannotDecode;
    this.#state = 'ready';
    this.wasReady = true;
    for (const { message } of this.#pending.values()) {
      this.#send(message);
    }
  }

  #onExit(how: string): void {
    this.models = [];
    if (this.#state === 'leaving') {
      this.idleExits += 1;
      this.#state = 'loading';
      this.#child = this.#start();
      return;
    }
    for (const id of [...this.#pending.keys()]) {
      const message = `The process that holds the models died during the request: ${how}.`;
      this.#settle(id, { type: 'failed', code: 'holder_died', message });
    }
    if (this.#state === 'stopping') {
      return;
    }
    this.#log(`model holder ${this.#child.pid ?? 'unknown'} is gone: ${how}`);
    this.#state = 'loading';
    setTimeout(() => {
      if (this.#state !== 'stopping') {
        this.#child = this.#start();
      }
    }, respawnMs);
  }
}

import { type Child, endChildren, startChild } from '../../children.ts';
import { RequestError } from '../../upload.ts';
import type { FromImageWorker, ImageWorkerSetup, Outcome, Sighting, ToImageWorker } from './workers/messages.ts';

/** Pause before a dead worker is replaced, so that one that cannot load does not spin. */
const respawnMs = 250;

/** Freed buffers go back to the system one by one; glibc else keeps them for the next image. */
export const imageChildEnv = { MALLOC_MMAP_THRESHOLD_: '32768' };

/** The child that decodes, as the front sees it: replaced when it dies, asked by path. */
export class ImageWorker {
  readonly #setup: ImageWorkerSetup;
  readonly #log: (line: string) => void;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
  #child: Child;
  #state: 'loading' | 'ready' | 'stopping' = 'loading';
  #nextId = 1;
  /** Why no image can be decoded here at all; null if there is no such reason. */
  cannotDecode: string | null = null;
  /** What the worker says that it has noted of requests. */
  notedBytes = 0;

  constructor(setup: ImageWorkerSetup, log: (line: string) => void) {
    this.#setup = setup;
    this.#log = log;
    this.#child = this.#start();
  }

  /** Also true where nothing can be decoded: the reply says so, and the other services need not wait. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Resolves or rejects once the worker holds nothing of the image any more. */
  async look(path: string, heldBytes: number, signal: AbortSignal): Promise<Sighting> {
    if (this.cannotDecode !== null) {
      throw new RequestError(501, 'no_decoder', `Images cannot be decoded here: ${this.cannotDecode}`);
    }
    if (this.#state !== 'ready') {
      throw new RequestError(503, 'not_ready', 'The image worker is being loaded.');
    }
    const id = this.#nextId++;
    const cancel = (): void => this.#send({ type: 'cancel', id });
    signal.addEventListener('abort', cancel);
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ type: 'image', id, path, heldBytes });
    });
    signal.removeEventListener('abort', cancel);
    if (outcome.type === 'failed') {
      throw new RequestError(outcome.code === 'invalid_image' ? 400 : 500, outcome.code, outcome.message);
    }
    return outcome.sighting;
  }

  async stop(graceMs: number): Promise<void> {
    this.#state = 'stopping';
    await endChildren([this.#child], graceMs);
  }

  #send(message: ToImageWorker): void {
    this.#child.send(message);
  }

  #start(): Child {
    const child = startChild('services/images/workers/image', [JSON.stringify(this.#setup)], imageChildEnv);
    child.onMessage((message) => this.#onMessage(message as FromImageWorker));
    void child.exited.then((how) => this.#onExit(how));
    return child;
  }

  #onMessage(message: FromImageWorker): void {
    switch (message.type) {
      case 'ready':
        this.#state = 'ready';
        return;
      case 'no-decoder':
        this.#state = 'ready';
        this.cannotDecode = message.why;
        this.#log(`images cannot be decoded (npm install sharp): ${message.why}`);
        return;
      case 'done':
        this.notedBytes = message.notedBytes;
        this.#waiting.get(message.id)?.(message.outcome);
        this.#waiting.delete(message.id);
        return;
    }
  }

  #onExit(how: string): void {
    for (const settle of this.#waiting.values()) {
      settle({ type: 'failed', code: 'worker_died', message: `The image worker died during the request: ${how}.` });
    }
    this.#waiting.clear();
    if (this.#state === 'stopping') {
      return;
    }
    this.#log(`image worker ${this.#child.pid ?? 'unknown'} is gone: ${how}`);
    this.#state = 'loading';
    this.notedBytes = 0;
    setTimeout(() => {
      if (this.#state !== 'stopping') {
        this.#child = this.#start();
      }
    }, respawnMs);
  }
}

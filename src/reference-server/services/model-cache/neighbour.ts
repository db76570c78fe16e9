import { type Child, endChildren, startChild } from '../../children.ts';
import type { DeviceAccess } from '../../device/device.ts';
import { RequestError } from '../../upload.ts';
import type { ModelCacheSettings } from './settings.ts';
import type { FromNeighbour, NeighbourSetup, ToNeighbour } from './workers/messages.ts';

/** A loaded, or loading, model of the other tenant. */
interface Upstream {
  child: Child;
  isReady: boolean;
  asked: Map<number, (text: string | RequestError) => void>;
  waiting: ToNeighbour[];
}

/** The other tenant of the card: a proxy that loads its model on demand and unloads it when it is idle. */
export class Neighbour {
  readonly #settings: ModelCacheSettings['neighbour'];
  readonly #device: DeviceAccess;
  readonly #log: (line: string) => void;
  #upstream: Upstream | null = null;
  #lastUsedMs = 0;
  #nextId = 1;
  #isStopping = false;
  failedLoads = 0;

  constructor(settings: ModelCacheSettings['neighbour'], device: DeviceAccess, log: (line: string) => void) {
    this.#settings = settings;
    this.#device = device;
    this.#log = log;
  }

  get isLoaded(): boolean {
    return this.#upstream?.isReady === true;
  }

  get inFlight(): number {
    return this.#upstream?.asked.size ?? 0;
  }

  /** Throws `RequestError` 502 if the model cannot be loaded, or dies. */
  async ask(prompt: string): Promise<string> {
    const upstream = this.#upstream ?? this.#start();
    const id = this.#nextId++;
    const answer = await new Promise<string | RequestError>((resolve) => {
      upstream.asked.set(id, resolve);
      if (upstream.isReady) {
        upstream.child.send({ id, prompt });
      } else {
        upstream.waiting.push({ id, prompt });
      }
    });
    if (answer instanceof RequestError) {
      throw answer;
    }
    return answer;
  }

  /** Unloads a model that nobody asked for its idle time. */
  endIdle(): void {
    const isIdle = this.isLoaded && this.inFlight === 0;
    if (isIdle && performance.now() - this.#lastUsedMs >= this.#settings.idleMs) {
      this.#upstream?.child.end();
      // A request that comes now loads a model of its own.
      this.#upstream = null;
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const child = this.#upstream?.child;
    if (child === undefined) {
      return;
    }
    await endChildren([child], graceMs);
  }

  #start(): Upstream {
    const { needBytes, loadMs } = this.#settings;
    const setup: NeighbourSetup = { device: this.#device, needBytes, loadMs };
    const child = startChild('services/model-cache/workers/neighbour', [JSON.stringify(setup)]);
    const upstream: Upstream = { child, isReady: false, asked: new Map(), waiting: [] };
    this.#upstream = upstream;
    child.onMessage((message) => this.#onMessage(upstream, message as FromNeighbour));
    void child.exited.then((how) => this.#onExit(upstream, how));
    return upstream;
  }

  #onMessage(upstream: Upstream, message: FromNeighbour): void {
    this.#lastUsedMs = performance.now();
    switch (message.type) {
      case 'ready':
        upstream.isReady = true;
        for (const question of upstream.waiting.splice(0)) {
          upstream.child.send(question);
        }
        return;
      case 'answer':
        upstream.asked.get(message.id)?.(message.text);
        upstream.asked.delete(message.id);
        return;
    }
  }

  #onExit(upstream: Upstream, how: string): void {
    if (this.#upstream === upstream) {
      this.#upstream = null;
    }
    if (!upstream.isReady && !this.#isStopping) {
      this.failedLoads += 1;
      this.#log(`neighbour ${upstream.child.pid ?? 'unknown'} could not be loaded: ${how}`);
    }
    for (const settle of upstream.asked.values()) {
      settle(new RequestError(502, 'upstream_failed', `upstream command exited prematurely: ${how}`));
    }
  }
}

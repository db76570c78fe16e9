import { type Child, endChildren, startChild } from '../../children.ts';
import { imageChildEnv } from '../images/image-worker.ts';
import type { IngestSetup } from './settings.ts';
import type { FromLoader, LoaderSetup, ToLoader } from './workers/messages.ts';

const graceMs = 1000;

export interface LoaderEvents {
  message(loader: number, message: FromLoader): void;
  /** One ended unasked. */
  died(loader: number, how: string): void;
}

/** The loaders of one job, by their numbers; each is started when it is first told something. */
export class LoaderPool {
  readonly #setup: IngestSetup & { jobId: number };
  readonly #events: LoaderEvents;
  readonly #loaders: Child[] = [];
  #isEnding = false;

  constructor(setup: IngestSetup & { jobId: number }, events: LoaderEvents) {
    this.#setup = setup;
    this.#events = events;
  }

  get pids(): number[] {
    return this.#loaders.flatMap(({ pid }) => pid ?? []);
  }

  tell(loader: number, message: ToLoader): void {
    while (this.#loaders.length <= loader) {
      this.#loaders.push(this.#start(this.#loaders.length));
    }
    this.#loaders[loader]?.send(message);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await endChildren(this.#loaders, graceMs);
  }

  #start(loader: number): Child {
    const setup: LoaderSetup = { ...this.#setup, loader };
    const child = startChild('services/ingest/workers/loader', [JSON.stringify(setup)], imageChildEnv);
    child.onMessage((message) => {
      if (!this.#isEnding) {
        this.#events.message(loader, message as FromLoader);
      }
    });
    void child.exited.then((how) => {
      if (!this.#isEnding) {
        this.#events.died(loader, how);
      }
    });
    return child;
  }
}

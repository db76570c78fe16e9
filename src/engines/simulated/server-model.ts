import type { Clock } from '../../base/clock.ts';
import type { CorpusItem } from '../../model/corpus.ts';

/** The declared server: service time = `baseMs` + what the item costs, `slots` at a time, the rest waits in order. */
export interface ServerModel {
  slots: number;
  baseMs: number;
  msPerAudioSecond: number;
  /** For items without a length in seconds. */
  msPerMebibyte: number;
}

const mebibyte = 1024 ** 2;

export function serviceMs(item: Pick<CorpusItem, 'bytes' | 'traits'>, model: ServerModel): number {
  const audioSeconds = item.traits['audioSeconds'];
  const costMs =
    audioSeconds === undefined ? (item.bytes / mebibyte) * model.msPerMebibyte : audioSeconds * model.msPerAudioSecond;
  return model.baseMs + costMs;
}

/** A request as the server sees it. */
export interface Job {
  item: CorpusItem;
  onDone(): void;
}

/** First come, first served. A client that leaves takes its request out of the queue, never out of a slot. */
export class ServerQueue {
  readonly #model: ServerModel;
  readonly #clock: Clock;
  readonly #waiting = new Set<Job>();
  #busy = 0;

  constructor(model: ServerModel, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
  }

  enter(job: Job): void {
    this.#waiting.add(job);
    this.#startNext();
  }

  leave(job: Job): void {
    this.#waiting.delete(job);
  }

  #startNext(): void {
    const [job] = this.#waiting;
    if (job === undefined || this.#busy >= this.#model.slots) {
      return;
    }
    this.#waiting.delete(job);
    this.#busy += 1;
    void this.#clock.sleepUntil(this.#clock.nowMs() + serviceMs(job.item, this.#model)).then(() => {
      this.#busy -= 1;
      job.onDone();
      this.#startNext();
    });
  }
}

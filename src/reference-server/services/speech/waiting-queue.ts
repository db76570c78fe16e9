import type { Job } from './job.ts';

/** The clips that wait, and the gauge of their audio that the pool follows. */
export class WaitingQueue {
  readonly #jobs: Job[] = [];
  readonly #isBalanced: boolean;
  #ghostSeconds = 0;

  constructor(isBalanced: boolean) {
    this.#isBalanced = isBalanced;
  }

  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Audio seconds of the clips that wait, and of their ghosts. */
  get audioSeconds(): number {
    return this.#jobs.reduce((sum, job) => sum + job.audioSeconds, this.#ghostSeconds);
  }

  put(job: Job): void {
    this.#jobs.push(job);
  }

  /** A clip that was taken and not handed over. Unbalanced, it enters a gauge that it never left, and stays there once too often. */
  putBack(job: Job): void {
    this.#jobs.push(job);
    this.#ghostSeconds += this.#isBalanced ? 0 : job.audioSeconds;
  }

  remove(job: Job): void {
    const place = this.#jobs.indexOf(job);
    if (place >= 0) {
      this.#jobs.splice(place, 1);
    }
  }
}

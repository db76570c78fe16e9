/** Some 256 KiB of numbers. */
const mostKept = 32_768;

/**
 * How late each request was, in memory that does not grow: all of them up to 32,768, from there on every second,
 * fourth, eighth, evenly over the run.
 */
export class Lateness {
  #keptMs: number[] = [];
  #every = 1;
  #count = 0;

  add(latenessMs: number): void {
    if (this.#count % this.#every === 0) {
      this.#keptMs.push(latenessMs);
      if (this.#keptMs.length === mostKept) {
        this.#keptMs = this.#keptMs.filter((_, index) => index % 2 === 0);
        this.#every *= 2;
      }
    }
    this.#count += 1;
  }

  ms(): readonly number[] {
    return this.#keptMs;
  }
}

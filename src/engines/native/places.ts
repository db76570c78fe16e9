/**
 * What is open, each in a place that is used again. Not a Set: one that is added to and taken from without end leaves
 * behind old tables, which hold dead requests until the next full collection.
 */
export class Places<Held extends object> {
  readonly #places: (Held | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** The place of it. */
  add(held: Held): number {
    const place = this.#free.pop();
    if (place === undefined) {
      return this.#places.push(held) - 1;
    }
    this.#places[place] = held;
    return place;
  }

  leave(place: number): void {
    this.#places[place] = null;
    this.#free.push(place);
  }

  /** Those of this moment. */
  held(): Held[] {
    return this.#places.filter((held) => held !== null);
  }

  /** Those of this moment that have not left by the time they come up. */
  *stillHeld(): Generator<Held> {
    for (const [place, held] of [...this.#places.entries()]) {
      if (held !== null && this.#places[place] === held) {
        yield held;
      }
    }
  }
}

/** How many requests of a stage may be open at once. */
export class Room {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  enter(): boolean {
    const hasRoom = this.#open < this.#most;
    this.#open += hasRoom ? 1 : 0;
    return hasRoom;
  }

  leave(): void {
    this.#open -= 1;
  }
}

import { collectBytes } from '../images/decode-image.ts';

/** For whoever holds the bytes until it returns. A function of its own: a closure there would keep them alive. */
export function collectLater(bytes: number): void {
  setImmediate(() => collectBytes(bytes));
}

import { collectBytes } from '../images/decode-image.ts';

let owedBytes = 0;

function collectOwed(): void {
  const bytes = owedBytes;
  owedBytes = 0;
  collectBytes(bytes);
}

/**
 * For whoever holds the bytes until it returns; a closure there would keep them alive. All that are let
 * go in one turn of the event loop are collected at once, or health would wait for each.
 */
export function collectLater(bytes: number): void {
  if (owedBytes === 0) {
    setImmediate(collectOwed);
  }
  owedBytes += bytes;
}

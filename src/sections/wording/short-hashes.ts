const shownDigits = 12;

/** Hashes of 40 digits and more are cut: whoever compares two by eye looks at their beginning. */
export function shortHashes(text: string): string {
  return text.replace(/\b[0-9a-f]{40,}\b/g, (hash) => `${hash.slice(0, shownDigits)}…`);
}

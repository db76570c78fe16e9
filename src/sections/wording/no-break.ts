const noBreakSpace = '\u00a0';

/** A number stays on one line with its unit, and so do the parts of one duration: `1 min 30 s`, `(90 %)`. */
export function noBreak(text: string): string {
  return text.replace(/(?<=\d) (?=(?:%|[KMG]?i?B|ms|s|min|h)(?![\p{L}\d]))|(?<=\d (?:min|h)) (?=\d)/gu, noBreakSpace);
}

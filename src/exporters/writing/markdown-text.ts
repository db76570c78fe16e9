import { plainText } from '../../base/escape-html.ts';

/** Splits a mention or an address, and is not seen: a reference alone is resolved before mentions are looked for. */
const zeroWidthSpace = '\u200b';

/** What a backslash keeps from opening markup in GitHub's dialect. An underscore inside a word opens none. */
const markup = /[\\`*~[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|^(?:[#>]|[+-](?=\s)|\d+(?=[.)]\s))/gu;
/** What no backslash keeps from it: elements, references, the end of a table's cell, formulas. */
const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '|': '&#124;',
  $: '&#36;',
};

function withoutMarkup(text: string): string {
  return plainText(text)
    .replace(markup, (mark) => (/\d/.test(mark) ? `${mark}${zeroWidthSpace}` : `\\${mark}`))
    .replace(/&(?=[#\p{L}])|[<|$]/gu, (character) => references[character] ?? character)
    .replace(/:(?=\/\/)|\bwww(?=\.)/gi, (start) => `${start}${zeroWidthSpace}`);
}

/**
 * A text from outside for a line or a table cell of GitHub's markdown: it is shown as it is, and can neither open
 * markup, nor become a link, nor call a person (`@name`) or another thread (`#12`) by being shown.
 */
export function markdownText(text: string): string {
  return withoutMarkup(text).replace(/@(?=\w)|#(?=\d)|\bGH-(?=\d)/gi, (call) => `${call}${zeroWidthSpace}`);
}

/** A name in the type of code, where GitHub looks for no mentions; an element, since backticks know no escape. */
export function markdownCode(text: string): string {
  return `<code>${withoutMarkup(text)}</code>`;
}

export function sizeBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A list or a table of a page; its lines give way when the page is full. */
export interface MarkdownBlock {
  before: readonly string[];
  lines: readonly string[];
  after: readonly string[];
}

/** `…and 999,999 more are in the report.` and the line feeds around it. */
const noteBytes = 80;

const costOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + sizeBytes(line) + 1, 0);

/** The blocks in order until the page is full; what is left out is counted, never dropped in silence. */
export function fittedPage(blocks: readonly MarkdownBlock[], maxBytes: number): string {
  const page: string[] = [];
  let leftBytes = maxBytes;
  for (const block of blocks) {
    const kept = fittedBlock(block, leftBytes);
    page.push(...kept);
    leftBytes -= costOf(kept);
  }
  return `${page.join('\n')}\n`;
}

function fittedBlock({ before, lines, after }: MarkdownBlock, maxBytes: number): readonly string[] {
  let leftBytes = maxBytes - costOf(before) - costOf(after) - noteBytes;
  if (leftBytes < 0) {
    return [];
  }
  const kept: string[] = [];
  for (const line of lines) {
    leftBytes -= costOf([line]);
    if (leftBytes < 0) {
      break;
    }
    kept.push(line);
  }
  const leftOut = lines.length - kept.length;
  return [...before, ...kept, ...(leftOut === 0 ? [] : ['', `…and ${leftOut} more are in the report.`]), ...after];
}

import pc from 'picocolors';
import { printable } from '../base/printable.ts';

/** Where a command writes (PROTOCOL 9.1). stdout carries data, stderr progress and warnings. No text moves the terminal. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Progress may redraw a block: stderr is a terminal that understands it. */
  isLive: boolean;
  /** As it is, to stderr: what redraws. */
  draw(text: string): void;
  /** Of now: a window may be made wider or narrower while a run lasts. */
  readonly columns: number;
  color: ReturnType<typeof pc.createColors>;
}

/** `NO_COLOR` (non-empty), a dumb terminal or a pipe switch colour off; `FORCE_COLOR` switches it on. */
export function openTerminal(options: { quiet: boolean } = { quiet: false }): Terminal {
  const environment = process.env;
  const isDumb = environment['TERM'] === 'dumb';
  const forced = (environment['FORCE_COLOR'] ?? '') !== '' && environment['FORCE_COLOR'] !== '0';
  const forbidden = (environment['NO_COLOR'] ?? '') !== '';
  // A pipe has no isTTY at all, and picocolors takes undefined for its own guess, which is colour in any CI.
  const isTerminal = Boolean(process.stderr.isTTY) && !isDumb;
  const isColored = !forbidden && (forced || (isTerminal && Boolean(process.stdout.isTTY)));
  return {
    out: (text) => process.stdout.write(`${printable(text, isColored)}\n`),
    err: (text) => {
      if (!options.quiet) {
        process.stderr.write(`${printable(text, isColored)}\n`);
      }
    },
    isLive: isTerminal && !options.quiet,
    draw: (text) => process.stderr.write(text),
    get columns() {
      return process.stderr.columns || 80;
    },
    color: pc.createColors(isColored),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal takes for colour begins with one.
const colourOrCharacter = /\u001b\[[\d;]*m|./gsu;

/** As much of a line as so many columns hold: what is longer would wrap, and a redraw would miss its first row. */
export function cutToWidth(line: string, columns: number): string {
  let left = columns;
  return (line.match(colourOrCharacter) ?? [])
    .filter((part) => {
      if (part.startsWith('\u001b')) {
        return true;
      }
      left -= 1;
      return left >= 0;
    })
    .join('');
}

import pc from 'picocolors';
import { printable } from '../base/printable.ts';

/** Where a command writes. stdout carries data, stderr progress and warnings. No text moves the terminal. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Progress may redraw a block: stderr is a terminal that understands it. */
  isLive: boolean;
  columns: number;
  color: ReturnType<typeof pc.createColors>;
}

/** `NO_COLOR` (non-empty), a dumb terminal or a pipe switch colour off; `FORCE_COLOR` switches it on. */
export function openTerminal(options: { quiet: boolean } = { quiet: false }): Terminal {
  const environment = process.env;
  const isDumb = environment['TERM'] === 'dumb';
  const forced = (environment['FORCE_COLOR'] ?? '') !== '' && environment['FORCE_COLOR'] !== '0';
  const forbidden = (environment['NO_COLOR'] ?? '') !== '';
  const isTerminal = process.stderr.isTTY && !isDumb;
  const isColored = !forbidden && (forced || (isTerminal && process.stdout.isTTY));
  return {
    out: (text) => process.stdout.write(`${printable(text, isColored)}\n`),
    err: (text) => {
      if (!options.quiet) {
        process.stderr.write(`${printable(text, isColored)}\n`);
      }
    },
    isLive: isTerminal && !options.quiet,
    columns: process.stderr.columns || 80,
    color: pc.createColors(isColored),
  };
}

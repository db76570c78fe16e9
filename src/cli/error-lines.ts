import type { BenchError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { maskAddresses } from '../base/secret-text.ts';

/** An error quotes addresses of the user and words of a server. */
function harmless(text: string): string {
  return `${printable(maskAddresses(text))}\n`;
}

/** What a user can mend, on one line. */
export function messageLine({ message, hint }: BenchError): string {
  return harmless(`bench: ${message}${hint === null ? '' : ` ${hint}`}`);
}

/** Our fault, with its stack. */
export function bugLines(error: unknown): string {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return harmless(`bench: this is a bug in headroom, please report it.\n${told}`);
}

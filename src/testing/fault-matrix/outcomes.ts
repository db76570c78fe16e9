import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Miss, Variant } from '../fault-world/variants.ts';

/** What a variant showed with one seed; it counts for the code that judged it, and for no other. */
export interface Outcome {
  code: string;
  fault: string;
  variant: string;
  seed: number;
  misses: readonly Miss[];
}

/** One name for each variant of all faults. */
export function variantName({ fault, name, expectation }: Variant): string {
  return `${fault.id.padEnd(22)} ${name.padEnd(24)} ${expectation.profile.padEnd(20)} ${String(expectation.memoryLimitMib ?? '-').padStart(7)} MiB`;
}

function parsed(line: string): Outcome | null {
  try {
    return JSON.parse(line) as Outcome;
  } catch {
    // The line at which a campaign was cut, or two that a cut has joined: its seed is judged again.
    return null;
  }
}

/** A line for each outcome, so that a campaign that is cut loses at most the last of them. */
export class OutcomeFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What this code has judged so far; it has a version for each fault. */
  of(codes: ReadonlyMap<string, string>): readonly Outcome[] {
    if (!existsSync(this.#path)) {
      return [];
    }
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    return lines.flatMap((line) => parsed(line) ?? []).filter(({ fault, code }) => codes.get(fault) === code);
  }

  /** The break comes first as well: behind a line that was cut it begins a new one. */
  append(outcome: Outcome): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    appendFileSync(this.#path, `\n${JSON.stringify(outcome)}\n`);
  }
}

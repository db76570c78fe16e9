import { Faults, type RuleAnswer } from './verify-faults.ts';
import type { Row } from './verify-table.ts';

/** PROTOCOL 1.6 and 4.1 over the rows of `samples.csv`, in one pass. */
export class SampleRules {
  readonly #missing = new Faults('1.6', 'a value that was not read is empty, and says so');
  readonly #order = new Faults('4.1', 'the samples of a value follow one another in time');
  readonly #lastMs = new Map<string, number>();
  readonly #isJoined: boolean;

  /** `isJoined`: another clock's samples come late, and under their own time (PROTOCOL 4.6). */
  constructor(isJoined: boolean) {
    this.#isJoined = isJoined;
  }

  row(row: Row): void {
    if ((row.text('value') === '') !== (row.text('quality') === 'missed')) {
      this.#missing.add(`${row.place}: value "${row.text('value')}" has the quality ${row.text('quality')}.`);
    }
    const tMs = row.number('t_ms') ?? 0;
    const key = ['probe', 'scope', 'instance', 'metric'].map((column) => row.text(column)).join('\u0000');
    const lastMs = this.#lastMs.get(key);
    if (!this.#isJoined && lastMs !== undefined && tMs < lastMs) {
      this.#order.add(`${row.place}: ${row.text('metric')} at ${tMs} comes after ${lastMs}.`);
    }
    this.#lastMs.set(key, tMs);
  }

  answers(): RuleAnswer[] {
    return [this.#missing.answer(), this.#order.answer()];
  }
}

/** PROTOCOL 4.8 and 8.5 over the rows of `events.csv`. */
export class EventRules {
  readonly #span = new Faults('8.5', 'the events begin with run_start and a closed run ends with run_end');
  readonly #kills = new Faults('4.8', 'a kill carries its evidence');
  readonly #hasEnded: boolean;
  #first: string | null = null;
  #ends = 0;

  /** `hasEnded`: the manifest says that gathering ended by itself. */
  constructor(hasEnded: boolean) {
    this.#hasEnded = hasEnded;
  }

  row(row: Row): void {
    const kind = row.text('kind');
    this.#first ??= kind;
    this.#ends += kind === 'run_end' ? 1 : 0;
    if (kind === 'oom_kill' && row.text('detail') === '') {
      this.#kills.add(`${row.place}: oom_kill without its evidence.`);
    }
  }

  answers(): RuleAnswer[] {
    if (this.#first !== 'run_start') {
      this.#span.add(`events.csv begins with ${this.#first ?? 'nothing'}.`);
    }
    if (this.#hasEnded && this.#ends !== 1) {
      this.#span.add(`events.csv has ${this.#ends} run_end.`);
    }
    return [this.#span.answer(), this.#kills.answer()];
  }
}

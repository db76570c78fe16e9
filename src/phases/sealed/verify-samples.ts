import { Faults, type RuleAnswer } from './verify-faults.ts';
import type { Row } from './verify-table.ts';

/** What asks the target itself, over HTTP. */
const asking: readonly string[] = ['health-rtt', 'target-metrics'];
/** A question of before the silence is answered, or given up, within 2 s (PROTOCOL 4.5), and told two ticks later at most. */
const answerMs = 2000;
const ticksLater = 2;

interface SampleContext {
  /** Another clock's samples come late, and under their own time (PROTOCOL 4.6). */
  isJoined: boolean;
  /** Names of the stages of silence. */
  silent: ReadonlySet<string>;
  intervalMs: number;
}

/** PROTOCOL 1.6, 3.1 and 4.1 over the rows of `samples.csv`, in one pass. */
export class SampleRules {
  readonly #missing = new Faults('1.6', 'a value that was not read is empty, and says so');
  readonly #order = new Faults('4.1', 'the samples of a value follow one another in time');
  readonly #silence = new Faults('3.1', 'a silence is not asked for health or metrics');
  readonly #lastMs = new Map<string, number>();
  /** First sample of each silence. */
  readonly #silentSinceMs = new Map<string, number>();
  readonly #context: SampleContext;

  constructor(context: SampleContext) {
    this.#context = context;
  }

  row(row: Row): void {
    if ((row.text('value') === '') !== (row.text('quality') === 'missed')) {
      this.#missing.add(`${row.place}: value "${row.text('value')}" has the quality ${row.text('quality')}.`);
    }
    const tMs = row.number('t_ms') ?? 0;
    const key = ['probe', 'scope', 'instance', 'metric'].map((column) => row.text(column)).join('\u0000');
    const lastMs = this.#lastMs.get(key);
    if (!this.#context.isJoined && lastMs !== undefined && tMs < lastMs) {
      this.#order.add(`${row.place}: ${row.text('metric')} at ${tMs} comes after ${lastMs}.`);
    }
    this.#lastMs.set(key, tMs);
    this.#checkSilence(row, tMs);
  }

  #checkSilence(row: Row, tMs: number): void {
    const { silent, intervalMs } = this.#context;
    const stage = row.text('stage');
    if (!silent.has(stage)) {
      return;
    }
    const sinceMs = this.#silentSinceMs.get(stage) ?? tMs;
    this.#silentSinceMs.set(stage, sinceMs);
    const wasAsked = asking.includes(row.text('probe')) && tMs > sinceMs + answerMs + ticksLater * intervalMs;
    if (wasAsked) {
      this.#silence.add(`${row.place}: ${row.text('metric')} in "${stage}", ${tMs - sinceMs} ms after it began.`);
    }
  }

  answers(): RuleAnswer[] {
    const { isJoined, silent } = this.#context;
    const silence = isJoined
      ? this.#silence.unheld('An agent sampled: it hears of a stage when the connection lets it.')
      : silent.size === 0
        ? this.#silence.unheld('The profile has no silence.')
        : this.#silence.answer();
    return [this.#missing.answer(), this.#order.answer(), silence];
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

import { outcomes } from '../../model/record.ts';
import { Faults, type RuleAnswer } from './verify-faults.ts';
import type { Row } from './verify-table.ts';

/** Timers round to the millisecond and may fire that much early. */
const toleranceMs = 2;
/** Moments of one request in the order in which they can only happen; a body may still be sent while the answer comes. */
const stamps = ['planned_ms', 'start_ms', 'first_byte_ms', 'first_content_ms', 'end_ms'] as const;
const within = ['connected_ms', 'body_sent_ms'] as const;

/** What a row of an outcome must hold and must not. */
const fieldsOfOutcome: Readonly<Record<string, { has: readonly string[]; hasNot: readonly string[] }>> = {
  ok: { has: ['end_ms'], hasNot: [] },
  http_error: { has: ['status', 'end_ms'], hasNot: [] },
  dropped: { has: [], hasNot: ['start_ms', 'status', 'first_byte_ms'] },
};

interface RequestContext {
  /** Stages that may send; null: steps of a search come on top, or another tool sent. */
  stages: ReadonlySet<string> | null;
  /** null: gathering did not end by itself. */
  planned: number | null;
}

/** PROTOCOL 5 over the rows of `requests.csv`, in one pass. */
export class RequestRules {
  readonly #context: RequestContext;
  readonly #conservation = new Faults('5.1', 'every planned request has one outcome, and none has two');
  readonly #mandatory = new Faults('5.1', 'an outcome has the fields that belong to it');
  readonly #order = new Faults('5.2', 'the stamps of a request stand in order');
  readonly #retries = new Faults('3.5', 'a retry names a first attempt that was let go');
  readonly #stages = new Faults('3.1', 'requests are sent in stages that send');
  readonly #seqs = new Set<number>();
  /** Requests that their client let go, and would ask again. */
  readonly #letGo = new Set<number>();
  readonly #retried = new Map<number, string>();
  readonly counts = new Map<string, number>(outcomes.map((outcome) => [outcome, 0]));
  rows = 0;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  row(row: Row): void {
    this.rows += 1;
    const seq = row.number('seq') ?? -1;
    if (this.#seqs.has(seq)) {
      this.#conservation.add(`${row.place}: request ${seq} is there twice.`);
    }
    this.#seqs.add(seq);
    const outcome = row.text('outcome');
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
    if (outcome === 'cancelled') {
      this.#letGo.add(seq);
    }
    this.#checkFields(row, outcome);
    this.#checkStamps(row);
    const { stages } = this.#context;
    if (stages !== null && !stages.has(row.text('stage'))) {
      this.#stages.add(`${row.place}: stage "${row.text('stage')}" of the profile sends nothing.`);
    }
    const retryOf = row.number('retry_of');
    const attempt = row.number('attempt') ?? 1;
    if (retryOf !== null) {
      this.#retried.set(retryOf, row.place);
    }
    if (attempt < 1 || attempt > 1 !== (retryOf !== null)) {
      this.#retries.add(`${row.place}: attempt ${attempt} ${retryOf === null ? 'names no' : 'names a'} first one.`);
    }
  }

  #checkFields(row: Row, outcome: string): void {
    const { has, hasNot } = fieldsOfOutcome[outcome] ?? { has: [], hasNot: [] };
    for (const column of has.filter((name) => row.text(name) === '')) {
      this.#mandatory.add(`${row.place}: ${outcome} without ${column}.`);
    }
    for (const column of hasNot.filter((name) => row.text(name) !== '')) {
      this.#mandatory.add(`${row.place}: ${outcome} with ${column}.`);
    }
    const status = row.number('status');
    if (outcome === 'ok' && status !== null && (status < 200 || status > 299)) {
      this.#mandatory.add(`${row.place}: ok with status ${status}.`);
    }
  }

  #checkStamps(row: Row): void {
    let last: { name: string; ms: number } | null = null;
    for (const name of stamps) {
      const ms = row.number(name);
      if (ms !== null && last !== null && ms < last.ms - toleranceMs) {
        this.#order.add(`${row.place}: ${name} ${ms} is before ${last.name} ${last.ms}.`);
      }
      last = ms === null ? last : { name, ms };
    }
    const startMs = row.number('start_ms');
    const endMs = row.number('end_ms');
    for (const name of within) {
      const ms = row.number(name);
      const isOutside =
        ms !== null &&
        ((startMs !== null && ms < startMs - toleranceMs) || (endMs !== null && ms > endMs + toleranceMs));
      if (isOutside) {
        this.#order.add(`${row.place}: ${name} ${ms} is not between start and end.`);
      }
    }
  }

  answers(): RuleAnswer[] {
    const { planned } = this.#context;
    if (planned !== null && planned !== this.rows) {
      this.#conservation.add(`requests.csv has ${this.rows} rows for ${planned} planned requests.`);
    }
    for (const [first, place] of this.#retried) {
      if (!this.#seqs.has(first)) {
        this.#retries.add(`${place}: its first attempt ${first} is not there.`);
      } else if (!this.#letGo.has(first)) {
        this.#retries.add(`${place}: its first attempt ${first} was not let go.`);
      }
    }
    return [this.#conservation, this.#mandatory, this.#order, this.#retries, this.#stages].map((rule) => rule.answer());
  }
}

/** PROTOCOL 3.7 over the rows of `neighbour.csv`. */
export class NeighbourRules {
  readonly #silence = new Faults('3.7', 'the neighbour is not called in silence');
  readonly #silent: ReadonlySet<string>;

  constructor(silent: ReadonlySet<string>) {
    this.#silent = silent;
  }

  row(row: Row): void {
    if (this.#silent.has(row.text('stage'))) {
      this.#silence.add(`${row.place}: it was called in "${row.text('stage')}".`);
    }
  }

  answer(): RuleAnswer {
    return this.#silence.answer();
  }
}

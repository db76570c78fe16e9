import { isWatched } from '../../computed/watched.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Rate } from '../../model/profile.ts';
import { ratesOf } from '../plan/rates.ts';
import { Faults, type RuleAnswer } from './verify-faults.ts';
import type { Row } from './verify-table.ts';

/** The end of one stage and the start of the next are two readings of one clock, each rounded. */
const toleranceMs = 1;

interface Begun {
  startMs: number;
  endMs: number | null;
  /** As resolved, by the name that the executor has for them. */
  rates: Map<string, number>;
}

/** PROTOCOL 3.2, 5.5 and 18.1 over the events of stages. Steps of a search are in no profile, and are left out. */
export class StageRules {
  readonly #order = new Faults('18.1', 'stages ran one after the other, in the order of the profile');
  readonly #skipped = new Faults('5.5', 'a stage that did not begin is listed as skipped');
  readonly #rates = new Faults('3.2', 'a rate that was taken from a stage is recorded, with two significant digits');
  readonly #manifest: Manifest;
  readonly #begun = new Map<string, Begun>();
  readonly #left = new Set<string>();

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
  }

  row(row: Row): void {
    const name = row.text('stage');
    const tMs = row.number('t_ms') ?? 0;
    const begun = this.#begun.get(name);
    switch (row.text('kind')) {
      case 'stage_start':
        if (begun === undefined) {
          this.#begun.set(name, { startMs: tMs, endMs: null, rates: new Map() });
        } else if (this.#manifest.profile.stages.some((stage) => stage.name === name)) {
          this.#order.add(`${row.place}: stage "${name}" began a second time.`);
        }
        break;
      case 'stage_end':
        if (begun !== undefined) {
          begun.endMs = tMs;
        }
        break;
      case 'stage_skipped':
        this.#left.add(name);
        break;
      case 'rate_resolved':
        begun?.rates.set(row.text('subject'), Number(row.text('detail')));
        break;
      default:
    }
  }

  answers(): RuleAnswer[] {
    if (this.#begun.size === 0) {
      return [this.#order, this.#skipped, this.#rates].map((rule) => rule.unheld('No stage began.'));
    }
    this.#judgeOrder();
    this.#judgeRates();
    return [this.#order.answer(), this.#judgeSkipped(), this.#rates.answer()];
  }

  #judgeOrder(): void {
    let last: { name: string; endMs: number } | null = null;
    for (const { name } of this.#manifest.profile.stages) {
      const begun = this.#begun.get(name);
      if (begun !== undefined) {
        if (last !== null && begun.startMs < last.endMs - toleranceMs) {
          this.#order.add(`Stage "${name}" began at ${begun.startMs}, before "${last.name}" ended at ${last.endMs}.`);
        }
        last = { name, endMs: begun.endMs ?? begun.startMs };
      }
    }
  }

  #judgeSkipped(): RuleAnswer {
    if (this.#manifest.measured === null) {
      return this.#skipped.unheld('Gathering did not end by itself.');
    }
    for (const { name } of this.#manifest.profile.stages) {
      const isTold = this.#begun.has(name) !== this.#left.has(name);
      if (!isTold) {
        this.#skipped.add(`Stage "${name}" ${this.#left.has(name) ? 'began, and was skipped' : 'is not told of'}.`);
      }
    }
    return this.#skipped.answer();
  }

  #judgeRates(): void {
    if (isWatched(this.#manifest)) {
      return;
    }
    for (const { name: stage, load } of this.#manifest.profile.stages) {
      const begun = this.#begun.get(stage);
      for (const { name, rate } of begun === undefined ? [] : ratesOf(load)) {
        const perSecond = begun?.rates.get(name) ?? null;
        const why = whyNotResolved(rate, perSecond);
        if (why !== null) {
          this.#rates.add(`Stage "${stage}": ${name} ${why}.`);
        }
      }
    }
  }
}

/** What is wrong with the rate that a stage was run at; null: nothing. */
function whyNotResolved(rate: Rate, perSecond: number | null): string | null {
  if (typeof rate === 'number') {
    return perSecond === null || perSecond === rate ? null : `is ${rate} in the profile, and ran at ${perSecond}`;
  }
  if (perSecond === null) {
    return `is a multiple of what "${rate.of}" achieved, and no rate is recorded`;
  }
  return perSecond > 0 && perSecond === Number(perSecond.toPrecision(2))
    ? null
    : `was resolved to ${perSecond}, not to two significant digits`;
}

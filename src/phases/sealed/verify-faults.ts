/** `noted`: true, and no fault of the folder. `not-checked`: what it needs is not there. */
export type RuleState = 'holds' | 'broken' | 'noted' | 'not-checked';

/** One rule of PROTOCOL, held against a folder. */
export interface RuleAnswer {
  /** Of PROTOCOL. */
  clause: string;
  rule: string;
  state: RuleState;
  /** What was found; empty where it holds. */
  sentences: readonly string[];
}

const shownOfAKind = 3;

/** Collects what breaks one rule: a broken table breaks it in every row, so only the first few are told. */
export class Faults {
  readonly #clause: string;
  readonly #rule: string;
  readonly #most: number;
  readonly #shown: string[] = [];
  #count = 0;

  constructor(clause: string, rule: string, most = shownOfAKind) {
    this.#clause = clause;
    this.#rule = rule;
    this.#most = most;
  }

  add(sentence: string): void {
    this.#count += 1;
    if (this.#shown.length < this.#most) {
      this.#shown.push(sentence);
    }
  }

  /** Nothing that the rule needs is there. */
  unheld(why: string): RuleAnswer {
    return notChecked(this.#clause, this.#rule, why);
  }

  /** `otherwise`: what the sentences are where they are no fault. */
  answer(otherwise: 'broken' | 'noted' = 'broken'): RuleAnswer {
    const more = this.#count - this.#shown.length;
    return {
      clause: this.#clause,
      rule: this.#rule,
      state: this.#count === 0 ? 'holds' : otherwise,
      sentences: more > 0 ? [...this.#shown, `and ${more} more of the kind`] : this.#shown,
    };
  }
}

/** A rule that nothing can be held against. */
export function notChecked(clause: string, rule: string, why: string): RuleAnswer {
  return { clause, rule, state: 'not-checked', sentences: [why] };
}

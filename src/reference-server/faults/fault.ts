import type { ExpectedVerdicts, Knobs } from '../../model/fault.ts';

/** A planted misbehaviour: what it turns, what turns it back, and what a run against it must find. */
export interface Fault {
  id: string;
  story: string;
  /** The service that it breaks; null for none. */
  service: string | null;
  knobs: Knobs;
  /** Every fix by name, false ones included, with the knobs that it sets. */
  fixes: Readonly<Record<string, Knobs>>;
  /** The right ones among `fixes`: what `--fix fixed` stands for. */
  fixed: readonly string[];
  expected: readonly { profile: string; faulty: ExpectedVerdicts; fixed: ExpectedVerdicts }[];
}

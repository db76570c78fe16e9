import type { ExpectedVerdicts, Knobs } from '../../model/fault.ts';

/** What a run of one profile must find. A detector that is not named may neither warn nor fail. */
export interface FaultExpectation {
  profile: string;
  /** Where they are not the profile's own: the service that is broken speaks another format. */
  adapter?: string;
  corpus?: string;
  /** Knobs under which the profile shows the fault on an ordinary host. */
  knobs?: Knobs;
  /** Limit of the target's memory; null = the host's. */
  memoryLimitMib: number | null;
  /** Of the virtual card, where the incident's is another than the usual one. */
  deviceMib?: number;
  faulty: ExpectedVerdicts;
  /** With all right fixes together, and with each of them alone unless `fixes` says otherwise. */
  fixed: ExpectedVerdicts;
  /** Fixes alone that show something else: every false one, and parts of a fix. `refuses`: the server does not start. */
  fixes?: Readonly<Record<string, ExpectedVerdicts | 'refuses'>>;
  /** One of these must warn or fail by what was seen before the first kill: the mechanism leaves at least 5 s. */
  early?: readonly string[];
}

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
  expected: readonly FaultExpectation[];
}

/** yes: can be read; partly: with a gap; no: cannot; absent: not there, and only some ways need it. */
export type DoctorState = 'yes' | 'partly' | 'no' | 'absent';

export interface DoctorRow {
  group: 'host' | 'readable' | 'tools' | 'target' | 'probes' | 'trial';
  what: string;
  state: DoctorState;
  /** What was found, in words and figures. */
  found: string;
  /** The next thing to do; null: nothing is to be done. */
  remedy: string | null;
}

/** What is known of this machine and this process beside its files. */
export interface DoctorFacts {
  platform: string;
  isRoot: boolean;
  /** Folders in which programs are looked for. */
  path: readonly string[];
  hasKoffi: boolean;
  /** Which way --memory-limit would take and whether it bounds all processes together, or why there is none. */
  limit: { how: string; isOfSum: boolean } | { why: string };
}

import type { Verdict } from './detector.ts';

/** What a run against a fault must find; a detector not named is free. */
export type ExpectedVerdicts = Readonly<Record<string, Verdict | readonly Verdict[]>>;

/** Values by which a fault or a fix moves the server; names carry their units. */
export type Knobs = Readonly<Record<string, number | boolean | string>>;

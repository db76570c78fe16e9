/** Why a run is invalid (PROTOCOL 6.2), for programs; the sentence beside it is for people and may change. */
export const validityCodes = [
  'simulated',
  'no-success',
  'requests-unknown',
  'not-ended',
  'miscounted',
  'recorded-twice',
  'samples-missing',
  'sampler-lost',
  'own-resources',
  'late-requests',
  'event-loop-lag',
  'clock-step',
  'guard-stop',
  'full-before-load',
  'target-unobserved',
  'harness-unobserved',
] as const;
export type ValidityCode = (typeof validityCodes)[number];

export interface Validity {
  state: 'valid' | 'invalid';
  /** Sentences; empty where valid. */
  reasons: readonly string[];
  /** Of each reason, in the same order. Absent: an older bench. */
  codes?: readonly ValidityCode[];
}

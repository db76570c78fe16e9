import type { ReferenceOptions } from './launch.ts';

/** A target that we start for the run, or one that is only observed. */
export type TargetChoice =
  | { kind: 'url'; url: URL }
  /** It has no port: it fetches its work from us. */
  | { kind: 'worker' }
  | { kind: 'exec'; url: URL; commandLine: string; readyWithinMs: number; limitBytes: number | null }
  | { kind: 'reference'; options: Omit<ReferenceOptions, 'limit' | 'logFile'>; limitBytes: number | null };

import type { ArtifactKey, Artifacts } from './artifacts.ts';
import type { ResolvedProfile } from './profile.ts';

export type Verdict = 'ok' | 'warn' | 'fail' | 'not-applicable' | 'inconclusive';

/** Who holds the memory and the numbers behind the verdict; `holder` null where nobody does. */
export interface Evidence {
  holder: string | null;
  [name: string]: string | number | null;
}

export interface Finding {
  detector: string;
  verdict: Verdict;
  title: string;
  summary: string;
  remedy: string;
  value: number | null;
  threshold: number | null;
  unit: string;
  stage: string | null;
  startedMs: number | null;
  evidence: Evidence;
}

export interface DetectorContext {
  profile: ResolvedProfile;
  /** Set when the guard stopped the load; `wasUnloaded`: before anything had been sent. */
  guard: { stoppedAtMs: number; reason: string; isTargetLimit: boolean; wasUnloaded: boolean } | null;
  /** The command that tells how much each request of this load keeps, in full. */
  confirming: string;
  /** Share of the limit at which the guard stops, 0..1; null = off. */
  guardRatio: number | null;
}

/** What a detector answers; the title, the remedy and its id are filled in from its definition. */
export interface Observation {
  verdict: Verdict;
  summary: string;
  value: number | null;
  threshold: number | null;
  stage?: string | null;
  startedMs?: number | null;
  evidence?: Evidence;
  /** Replaces the general remedy where the evidence allows a better one. */
  remedy?: string;
}

/** Judges one run. Pure: the same artifacts give the same finding. */
export interface Detector<K extends ArtifactKey = ArtifactKey> {
  id: string;
  /** The healthy fact. */
  title: string;
  failureTitle: string;
  description: string;
  unit: string;
  remedy: string;
  requires: readonly K[];
  detect(artifacts: Pick<Artifacts, K>, context: DetectorContext): Observation;
}

/** Checked where it is written, uniform in the list: `detect` only ever gets what `requires` names. */
export function defineDetector<const K extends ArtifactKey>(detector: Detector<K>): Detector {
  return detector as unknown as Detector;
}

import type { Comparability } from './gate.ts';
import type { SessionPlace, Subject } from './history.ts';
import type { ResolvedProfile } from './profile.ts';

/** The text of PROTOCOL.md that a run was made under: the version in its title, and SHA-256 of its bytes. */
export interface ProtocolText {
  version: string;
  sha256: string;
}

export type RunStatus = 'running' | 'completed' | 'stopped' | 'aborted' | 'failed';

/** First file of a run, replaced atomically when the status changes. Secrets are masked before it is made. */
export interface Manifest {
  schemaVersion: string;
  runId: string;
  status: RunStatus;
  exitCause: string | null;
  startedAt: string;
  endedAt: string | null;
  tool: { name: string; version: string; commit: string | null };
  /** Of the rules by which numbers come about; numbers of different versions are not comparable. */
  measurementVersion: string;
  /** null: the run is older than the rules' own version, or the tool was installed without its PROTOCOL.md. */
  protocol: ProtocolText | null;
  session: SessionPlace;
  subject: Subject;
  node: string;
  argv: readonly string[];
  pid: number;
  profile: ResolvedProfile;
  profileHash: string;
  planHash: string;
  corpus: {
    name: string;
    /** What it was asked for by: its name, or the file of its recipe. Absent: an older bench, or another tool's load. */
    recipe?: string;
    digest: string;
    content: string;
    items: number;
    meanAudioSeconds: number | null;
  };
  engine: { id: string; version: string; why: string };
  adapter: string;
  /** Name of the model that was asked for, where the format has one. Absent: an older bench, or another tool's load. */
  model?: string;
  target: {
    kind: 'url' | 'reference';
    url: string;
    /** The command that was started for the run; null: it ran already, or is ours. */
    exec: string | null;
    fault: string | null;
    fixes: readonly string[];
    device: { kind: 'cuda' | 'virtual' | null; why: string | null };
    observed: string;
    memoryLimit: { bytes: number; how: string } | null;
  };
  guardRatio: number | null;
  host: Readonly<Record<string, string>>;
  hostClass: string;
  /** What must and what should agree between runs that are compared. */
  comparability: Comparability;
  /** PROTOCOL 10.1. */
  notObserved: readonly { what: string; why: string }[];
  /** Filled when gathering ends. */
  measured: {
    endMs: number;
    expectedSamples: number | null;
    missedSamples: number | null;
    samplerCostMs: { p50: number | null; p99: number | null } | null;
    /** The clock of the agent that sampled; null: samples and requests share one clock. */
    clock: { offsetMs: number; driftPpm: number; uncertaintyMs: number; exchanges: number } | null;
    cpuSeconds: number | null;
    samplerCpuSeconds: number | null;
    /** Wall clock minus monotonic clock over the same span; about 0 unless somebody set it, or the host slept. */
    clockStepMs?: number;
    /** Requests that the plan held, to be compared with the sum of outcomes. */
    planned: number;
  } | null;
}

/** By what its corpus can be read again; of an older bench the profile told it. */
export function recipeOf({
  corpus,
  profile,
}: {
  corpus: Pick<Manifest['corpus'], 'recipe'>;
  profile: Pick<ResolvedProfile, 'corpus'>;
}): string {
  return corpus.recipe ?? profile.corpus;
}

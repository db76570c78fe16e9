import type { Comparability, GateState, GateUnit } from './gate.ts';

/** What was tested, as its owner names it; all null when nobody said. */
export interface Subject {
  version: string | null;
  commit: string | null;
  image: string | null;
}

export interface HistoryMetric {
  id: string;
  stage: string | null;
  instance: string | null;
  unit: GateUnit;
  isBiggerBetter: boolean;
  /** Every repeat. */
  values: readonly number[];
  median: number;
}

/** One night of one series: a line of `results/history/<series>.jsonl`, 1 to 4 KB. */
export interface HistorySession {
  kind: 'session';
  schemaVersion: string;
  series: string;
  sessionId: string;
  /** Start of the first repeat, RFC 3339, UTC. */
  at: string;
  profile: string;
  profileHash: string;
  purpose: SessionPurpose;
  runIds: readonly string[];
  subject: Subject;
  comparability: Comparability;
  state: GateState;
  /** Enters the rolling history: it passed, warned or calibrated. Suspects never do. */
  isAccepted: boolean;
  metrics: readonly HistoryMetric[];
  /** Of rows that failed or are flaky. */
  identities: readonly string[];
}

/** A person takes a shift for the new normal: history before it no longer counts, and the reference moves. */
export interface HistoryAcceptance {
  kind: 'acceptance';
  schemaVersion: string;
  series: string;
  at: string;
  author: string;
  reason: string;
  /** RFC 3339; after it the acceptance no longer holds. null: for good. */
  expiresAt: string | null;
  /** Session from which on nights count. */
  fromSessionId: string;
}

/** The median of a release's runs, pinned until the next acceptance or pin. */
export interface HistoryReference {
  kind: 'reference';
  schemaVersion: string;
  series: string;
  at: string;
  author: string;
  reason: string;
  sessionIds: readonly string[];
  metrics: readonly { id: string; stage: string | null; instance: string | null; median: number; runs: number }[];
}

export type HistoryLine = HistorySession | HistoryAcceptance | HistoryReference;

export const sessionPurposes = ['manual', 'nightly', 'pr', 'confirm', 'calibrate'] as const;
export type SessionPurpose = (typeof sessionPurposes)[number];

/** Repeats that belong together; runs of one session differ in nothing but the time. */
export interface SessionPlace {
  id: string;
  /** From 1. */
  repeat: number;
  of: number;
  purpose: SessionPurpose;
}

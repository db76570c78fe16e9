import type { Clock } from '../base/clock.ts';
import type { Adapter, AdapterOptions } from './adapter.ts';
import type { Plan, StageRows } from './plan.ts';
import type { RequestRecord } from './record.ts';

/** Sees each reply while it comes: for who sends one request and shows what came. A chunk is to be copied to keep it. */
export interface ReplyWatch {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  data(chunk: Uint8Array): void;
}

export interface EngineContext {
  url: URL;
  adapter: Adapter;
  adapterOptions: AdapterOptions;
  /** Sent with every request; values are never stored. */
  headers: Readonly<Record<string, string>>;
  clock: Clock;
  /** PEM text of certificate authorities beside the system's; null: the system's alone. */
  tlsAuthorities: string | null;
  /** A folder of the run for what an engine writes by itself: scripts, logs, pipes. */
  folder: string;
  /** A line that the user needs while the run goes on, such as where we listen. */
  onNotice?(line: string): void;
  /** Only the native engine has one to show replies to. */
  watch?: ReplyWatch;
  /** Called once for each planned request, when its outcome is known. */
  onRecord(record: RequestRecord): void;
}

/**
 * Where work stands that waits for a target which fetches it. The first two are counts of now, the others since the
 * session began.
 */
export interface BoardState {
  waiting: number;
  /** Taken and not answered. */
  reserved: number;
  answered: number;
  /** Answers to what was answered before, to a lease that had ended, and to what was never given out. */
  duplicates: number;
  late: number;
  unknown: number;
  /** Leases that ended without an answer. */
  expired: number;
  /** Requests that were answered with a 4xx. */
  refused: number;
}

/** One run's worth of sending. Requests may outlive the stage that sent them. */
export interface EngineSession {
  /**
   * Sends a stage; resolves at the stage's end, not when its answers are in.
   * After `stop` what was not sent is recorded as `dropped` with `run_stopped`.
   */
  runStage(rows: StageRows, startMs: number, endMs: number): Promise<void>;
  inFlight(): number;
  /** Rows planned so far: all of an open stage, of a closed one those that a slot has drawn. */
  planned(): number;
  /** Sum of `audioSeconds` of what is in flight. */
  audioSecondsInFlight(): number;
  /** Dispatch lateness (start - planned, ms) of what was sent so far: of all, or of an even share where it is much. */
  latenessMs(): readonly number[];
  /** What the engine's own processes hold beside ours; null where there are none. */
  ownCost(): { rssBytes: number; cpuSeconds: number } | null;
  /** Only where the target calls us. */
  boardState?(): BoardState;
  /** Sends nothing more. Open requests go on. */
  stop(): void;
  /** Lets open requests go: each is recorded as `in_flight_at_end`. Resolves within one second. */
  close(): Promise<void>;
}

export interface LoadEngine {
  id: string;
  title: string;
  /** A closed session may be followed by another one of the same run, as after a step that the guard stopped. */
  canReopen?: true;
  /** `auto` never takes it. */
  isOnlyByName?: boolean;
  /** Throws ENGINE_UNAVAILABLE. */
  preflight(): Promise<{ version: string }>;
  keeps(plan: Plan, adapter: Adapter): { keeps: true } | { keeps: false; why: string };
  open(context: EngineContext): EngineSession;
}

import type { Random } from '../base/random.ts';
import type { CorpusItem } from './corpus.ts';
import type { ClientManners, ExecutorId, Load, Stage } from './profile.ts';

/** One planned request. `plannedMs` counts from the start of its stage; null in a closed stage. */
export interface PlanRow {
  seq: number;
  stage: string;
  item: CorpusItem;
  timeoutMs: number;
  plannedMs: number | null;
  slot: number | null;
  client: ClientManners | null;
}

/** Every arrival is known before the stage begins. */
export interface OpenRows {
  model: 'open';
  rows: readonly PlanRow[];
  maxInFlight: number;
}

/** When a slot draws rows, ms from the stage's start: slots of a ramp open or close one after the other. */
export interface SlotWindow {
  fromMs: number;
  toMs: number;
}

/** Arrivals wait for answers: a row is planned when its slot draws it. */
export interface ClosedRows {
  model: 'closed';
  slots: number;
  thinkMs: number;
  window(slot: number): SlotWindow;
  /** The slot's next row after `turn` of them; null if none is left for it. Shared iterations are counted here. */
  draw(slot: number, turn: number): PlanRow | null;
}

export type StageRows = OpenRows | ClosedRows;

/** What an executor sees. `rates` are the load's rates in requests per second, already resolved. */
export interface ExecutorContext {
  random: Random;
  durationMs: number;
  resolveRate(rate: Extract<Load, { executor: 'constant-arrival-rate' }>['rate']): number;
}

export interface OpenArrivals {
  model: 'open';
  /** Rising, from the stage's start, all before its end. */
  arrivalsMs: readonly number[];
  maxInFlight: number;
}

export interface ClosedSlots {
  model: 'closed';
  slots: number;
  thinkMs: number;
  window(slot: number): SlotWindow;
  /** Rows that a slot draws, and that all draw together; null: as many as there is time for. */
  perSlot: number | null;
  inAll: number | null;
}

/** Pure arrival arithmetic without a clock. */
export interface Executor<L extends Load = Load> {
  id: ExecutorId;
  title: string;
  loadModel: 'open' | 'closed';
  draft(load: L, context: ExecutorContext): OpenArrivals | ClosedSlots;
  /** What was meant at `elapsedMs`, so that the page can draw it. */
  intended(load: L, elapsedMs: number, context: ExecutorContext): { ratePerSecond: number | null; vus: number | null };
}

/** Numbers of retries begin here, above those of all stages. */
export const retrySeqFrom = 1_000_000_000;

/** What earlier stages achieved; rates refer to it. */
export interface StageAchievement {
  requestsPerSecond: number;
  audioSecondsPerSecond: number;
}

export interface PlannedStage {
  index: number;
  stage: Stage;
  /** Names of earlier stages that its rates refer to; empty = the rows are known before the run. */
  refersTo: readonly string[];
}

export interface Plan {
  /** SHA-256 over profile, corpus digest, item order and every row that is known before the run. */
  hash: string;
  stages: readonly PlannedStage[];
  /** Rows of one stage; null for a stage without load. Throws if a rate it refers to is not in `achieved`. */
  rows(index: number, achieved: ReadonlyMap<string, StageAchievement>): StageRows | null;
  /** The rates resolved for a stage, as text for `events.csv`; empty if it has none. */
  rates(index: number, achieved: ReadonlyMap<string, StageAchievement>): readonly { name: string; perSecond: number }[];
}

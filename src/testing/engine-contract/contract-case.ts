import type { Clock } from '../../base/clock.ts';
import type { EngineContext, EngineSession, LoadEngine } from '../../model/engine.ts';
import type { Plan, StageRows } from '../../model/plan.ts';
import type { Load, Stage } from '../../model/profile.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { Manners, Sink, SinkOptions } from '../sink.ts';

export interface Course {
  session: EngineSession;
  clock: Clock;
  sink: Sink;
}

export interface Driven extends Course {
  /** In the order of their numbers. */
  records: RequestRecord[];
  startMs: number;
}

export interface TrialOptions {
  sink?: SinkOptions;
  context?: Partial<EngineContext>;
  /** What happens beside the stage. */
  beside?(course: Course): Promise<void>;
}

/** One engine that is held to one case. */
export interface Trial {
  engine: LoadEngine;
  /** Runs the rows against a sink, from open to close; every row has one record, and nothing hangs. */
  against(manners: (index: number) => Manners, options?: TrialOptions): Promise<Driven>;
}

/** One thing that an engine keeps, or refuses with a reason. */
export interface ContractCase {
  id: string;
  /** A sentence whose subject is the engine. */
  title: string;
  /** Anew each time: a closed stage counts what was drawn. */
  rows(): StageRows;
  durationMs: number;
  /** How long what is open may go on after the stage. */
  graceMs?: number;
  /** Where the rows do not tell: the load that they are of. */
  load?: Load;
  isStreamed?: boolean;
  /** It would disturb the timing of others beside it, or be disturbed in its own. */
  runsAlone?: boolean;
  /** null = it can be tried here. */
  skipped?(engineId: string): string | null;
  run(trial: Trial): Promise<void>;
}

/** Loads that look like the rows: what an engine refuses, it refuses by the plan. */
function loadOf(rows: StageRows): Load {
  return rows.model === 'closed'
    ? { executor: 'constant-vus', vus: rows.slots, thinkMs: rows.thinkMs }
    : { executor: 'constant-arrival-rate', rate: 1, arrivals: 'uniform', maxInFlight: rows.maxInFlight };
}

/** The plan of one stage that holds the rows of a case. */
export function planOf(contractCase: ContractCase): Plan {
  const rows = contractCase.rows();
  const first = rows.model === 'open' ? rows.rows[0] : rows.draw(0, 0);
  const stage: Stage = {
    name: first?.stage ?? '',
    kind: 'load',
    load: contractCase.load ?? loadOf(rows),
    durationMs: contractCase.durationMs,
    timeoutMs: first?.timeoutMs ?? 0,
    pick: 'shuffled',
    client: first?.client ?? null,
  };
  return {
    hash: contractCase.id,
    stages: [{ index: 0, stage, refersTo: [] }],
    rows: () => contractCase.rows(),
    rates: () => [],
  };
}

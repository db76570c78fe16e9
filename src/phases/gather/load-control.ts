import type { Clock } from '../../base/clock.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { AbortStop } from './abort-watch.ts';
import { causeWithRest, type GuardStop } from './guard.ts';
import type { Recorder } from './recorder.ts';

/** A supervisor may bring a dead target back; the load waits this long before it gives up. */
const targetReturnMs = 2500;

export type EndStatus = 'completed' | 'stopped' | 'aborted';

/** Where the run stands, and the one place that ends its load: guard, abort condition, dead target, or a signal. */
export class LoadControl {
  readonly #clock: Clock;
  readonly #session: EngineSession;
  readonly #recorder: Recorder;
  /** Of the load. */
  readonly #stopping = new AbortController();
  /** Of all that is left of the run. */
  readonly #ending = new AbortController();
  #awaitsReturn = false;
  #step: AbortController | null = null;
  /** Why the guard stopped the step of a search that is under way; null: it did not. */
  stepStop: string | null = null;
  /** Why the target is not the one any more that the load began with; null: it is. */
  targetLost: string | null = null;
  status: EndStatus = 'completed';
  exitCause: string | null = null;
  stageName = '';
  /** When the guard ended the load of a run that goes on without it (PROTOCOL 7.3.1); null: it did not. */
  loadEndedMs: number | null = null;
  /** The target was watched without load for a whole stage. */
  isRested = false;

  constructor(clock: Clock, session: EngineSession, recorder: Recorder) {
    this.#clock = clock;
    this.#session = session;
    this.#recorder = recorder;
  }

  /** Ends the load; within a step of a search, also the step alone. */
  get signal(): AbortSignal {
    return (this.#step ?? this.#stopping).signal;
  }

  /** Ends what sends nothing too. */
  get endSignal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Of the load: nothing is sent any more. */
  get hasEnded(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** No stage follows, not even one without load. */
  get isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Until `endStep` a stop at the target's own limit ends the step alone (PROTOCOL 3.8). */
  beginStep(): void {
    this.#step = new AbortController();
    this.stepStop = null;
  }

  endStep(): void {
    this.#step = null;
  }

  /** The search does not go on after a step that the guard stopped. */
  endSearch(cause: string): void {
    this.#end('stopped', cause);
  }

  /**
   * The guard lets open requests go too: each of them holds memory at the target. What the load left behind shows
   * without load, so the rest of the run goes on; where nothing was sent there is nothing to show.
   */
  guardStop(stop: GuardStop, tMs: number): void {
    const subject = stop.isTargetLimit ? 'target' : 'harness host';
    if (this.hasEnded) {
      if (!this.isOver) {
        this.#recorder.event(tMs, 'guard_end', this.stageName, subject, stop.reason);
        this.#ending.abort();
      }
      return;
    }
    this.#recorder.event(tMs, 'guard_stop', this.stageName, subject, stop.reason);
    if (!stop.isTargetLimit) {
      this.#end('stopped', stop.reason);
    } else if (this.#step !== null) {
      this.stepStop = stop.reason;
      this.#session.stop();
      this.#step.abort();
    } else if (this.#session.planned() > 0) {
      this.loadEndedMs = tMs;
      this.#endLoad('stopped', stop.reason);
    } else {
      this.#end('stopped', stop.reason);
    }
    void this.#session.close();
  }

  /** A condition of the profile: open requests go on, since their answers are part of what it asks. */
  abort(stop: AbortStop, tMs: number): void {
    if (!this.hasEnded) {
      this.#recorder.event(tMs, 'abort', this.stageName, stop.when, stop.reason);
      this.#end('stopped', stop.reason);
    }
  }

  targetGone(tMs: number, detail: string): void {
    if (this.#awaitsReturn || this.isOver) {
      return;
    }
    this.#recorder.event(tMs, 'target_gone', this.stageName, 'target', detail);
    this.targetLost = detail;
    this.#awaitsReturn = true;
    void this.#clock.sleepUntil(this.#clock.nowMs() + targetReturnMs, this.endSignal).then(() => {
      if (this.#awaitsReturn) {
        this.#end('stopped', `the target ended: ${detail}`);
        void this.#session.close();
      }
    });
  }

  /** A process listens again on the target's port. */
  targetSeen(): void {
    this.#awaitsReturn = false;
  }

  /** Load that nobody writes down measures nothing. The tables throw the failure when they are closed. */
  cannotRecord({ message }: Error): void {
    this.#end('stopped', message);
    void this.#session.close();
  }

  interrupted(signalName: string): void {
    this.#recorder.event(this.#clock.nowMs(), 'signal', this.stageName, 'harness', signalName);
    this.#end('aborted', signalName);
  }

  /** Why the run ended before its plan did, in words; null: it did not. */
  causeAt(endMs: number): string | null {
    return this.loadEndedMs === null ? this.exitCause : causeWithRest(this.exitCause, this.loadEndedMs, endMs);
  }

  #endLoad(status: EndStatus, cause: string): void {
    if (!this.hasEnded) {
      this.status = status;
      this.exitCause = cause;
      this.#session.stop();
      this.#stopping.abort();
      this.#step?.abort();
    }
  }

  #end(status: EndStatus, cause: string): void {
    this.#endLoad(status, cause);
    this.#ending.abort();
  }
}

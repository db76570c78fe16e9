import type { Clock } from '../../base/clock.ts';
import type { Stage } from '../../model/profile.ts';
import { causeWithRest, type GuardStop } from '../gather/guard.ts';
import type { EndStatus } from '../gather/load-control.ts';
import type { Recorder } from '../gather/recorder.ts';
import type { RunningCommand } from './command.ts';

interface WatchStateOptions {
  clock: Clock;
  recorder: Pick<Recorder, 'event'>;
  /** Ends the command where the guard would end a load of ours. */
  guardStops: boolean;
  hasTerminal: boolean;
  onWarning(text: string): void;
}

/** Where a watched run stands: which stage, which command, and what has ended it. */
export class WatchState {
  readonly #options: WatchStateOptions;
  readonly #ending = new AbortController();
  #command: RunningCommand | null = null;
  /** What came while the command was being started. */
  #missed: ((command: RunningCommand) => void) | null = null;
  #isTargetGone = false;
  /** From then on there is nothing left to stop, but what goes on rising after a stop of ours. */
  hasCommandEnded = false;
  /** When the guard ended the command; null: it did not. */
  #loadEndedMs: number | null = null;
  stage: Stage | null = null;
  status: EndStatus = 'completed';
  exitCause: string | null = null;

  constructor(options: WatchStateOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get stageName(): string {
    return this.stage?.name ?? '';
  }

  /** Nothing is known of what the command has in flight, so it counts as busy while it runs. */
  get isQuiesced(): boolean {
    return this.stage?.kind !== 'load';
  }

  started(command: RunningCommand): void {
    this.#command = command;
    this.#missed?.(command);
  }

  /** What the command left behind at the target shows without it, so what comes after it is still sampled. */
  guarded(stop: GuardStop, tMs: number): void {
    const { recorder, guardStops, onWarning } = this.#options;
    const subject = stop.isTargetLimit ? 'target' : 'harness host';
    if (this.isResting) {
      recorder.event(tMs, 'guard_end', this.stageName, subject, stop.reason);
      onWarning(`${stop.reason}. The run ends`);
      this.#ending.abort();
    } else if (this.hasCommandEnded) {
      return;
    } else if (!guardStops) {
      recorder.event(tMs, 'guard_would_stop', this.stageName, subject, stop.reason);
      onWarning(`${stop.reason}. The command goes on; --guard-stop would end it here`);
    } else {
      const goesOn = stop.isTargetLimit && this.stage?.kind === 'load';
      recorder.event(tMs, 'guard_stop', this.stageName, subject, stop.reason);
      onWarning(`${stop.reason}. The command is ended${goesOn ? ', and the target watched on as --after says' : ''}`);
      this.#stopped(stop.reason, goesOn ? tMs : null);
      this.#tell((command) => command.stop());
    }
  }

  #stopped(reason: string, loadEndedMs: number | null): void {
    if (loadEndedMs === null) {
      this.#end('stopped', reason);
    } else if (!this.signal.aborted) {
      this.#loadEndedMs = loadEndedMs;
      this.status = 'stopped';
      this.exitCause = reason;
    }
  }

  /** The guard has ended the command, and the target is watched without it. */
  get isResting(): boolean {
    return this.#loadEndedMs !== null && !this.signal.aborted;
  }

  /** Why the run ended before its plan did, in words; null: it did not. */
  causeAt(endMs: number): string | null {
    return this.#loadEndedMs === null ? this.exitCause : causeWithRest(this.exitCause, this.#loadEndedMs, endMs);
  }

  targetGone(tMs: number, detail: string): void {
    if (!this.#isTargetGone) {
      this.#isTargetGone = true;
      this.#options.recorder.event(tMs, 'target_gone', this.stageName, 'target', detail);
      this.#options.onWarning(`the target ended: ${detail}`);
    }
  }

  targetSeen(): void {
    this.#isTargetGone = false;
  }

  interrupted(name: NodeJS.Signals): void {
    const { recorder, clock, hasTerminal } = this.#options;
    recorder.event(clock.nowMs(), 'signal', this.stageName, 'harness', name);
    this.#end('aborted', name);
    if (name !== 'SIGINT' || !hasTerminal) {
      this.#tell((command) => command.pass(name));
    }
  }

  #tell(act: (command: RunningCommand) => void): void {
    if (this.#command === null) {
      this.#missed = act;
    } else {
      act(this.#command);
    }
  }

  #end(status: EndStatus, cause: string): void {
    if (!this.#ending.signal.aborted) {
      if (this.#loadEndedMs === null) {
        this.status = status;
        this.exitCause = cause;
      }
      this.#ending.abort();
    }
  }
}

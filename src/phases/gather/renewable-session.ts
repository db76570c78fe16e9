import type { EngineSession } from '../../model/engine.ts';

/**
 * Sessions of one engine, one after the other, that count as one: what was closed at a stop stays in the sums. Only
 * for engines in whose sessions the target never calls us.
 */
export class RenewableSession implements EngineSession {
  readonly #open: () => EngineSession;
  #now: EngineSession;
  #plannedBefore = 0;
  #latenessBefore: readonly number[] = [];

  constructor(open: () => EngineSession) {
    this.#open = open;
    this.#now = open();
  }

  /** A session that sends again, after the one before has let its requests go. */
  async renew(): Promise<void> {
    const before = this.#now;
    await before.close();
    this.#plannedBefore += before.planned();
    this.#latenessBefore = [...this.#latenessBefore, ...before.latenessMs()];
    this.#now = this.#open();
  }

  runStage(...args: Parameters<EngineSession['runStage']>): Promise<void> {
    return this.#now.runStage(...args);
  }

  inFlight(): number {
    return this.#now.inFlight();
  }

  planned(): number {
    return this.#plannedBefore + this.#now.planned();
  }

  audioSecondsInFlight(): number {
    return this.#now.audioSecondsInFlight();
  }

  latenessMs(): readonly number[] {
    const now = this.#now.latenessMs();
    return this.#latenessBefore.length === 0 ? now : [...this.#latenessBefore, ...now];
  }

  ownCost(): ReturnType<EngineSession['ownCost']> {
    return this.#now.ownCost();
  }

  stop(): void {
    this.#now.stop();
  }

  close(): Promise<void> {
    return this.#now.close();
  }
}

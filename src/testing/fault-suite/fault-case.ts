import type { Random } from '../../base/random.ts';

/** What a case works with; all of it is private to one call of the suite. */
export interface Place {
  /** For results, pages and mounts. */
  scratch: string;
  random: Random;
  /** What this time came to, such as where a random moment fell. The table counts these. */
  staged(what: string): void;
}

/** One fault, done to a run of the harness as often as `times` says. */
export interface FaultCase {
  id: string;
  fault: string;
  mustHold: string;
  times: number;
  atOnce: number;
  /** null, or why this host cannot stage the fault. */
  missing(): string | null;
  /** Stages it once. Answers what did not hold; nothing if all did. */
  once(place: Place, nth: number): Promise<readonly string[]>;
}

export interface Outcome {
  id: string;
  fault: string;
  mustHold: string;
  /** 0: it was not staged, and `skipped` says why. */
  times: number;
  held: number;
  skipped: string | null;
  /** What was staged, and how often. */
  staged: ReadonlyMap<string, number>;
  /** Which time, and what did not hold. */
  broken: readonly string[];
}

/** Stages a fault as often as asked, some at a time. What throws did not hold either. */
export async function stage(
  fault: FaultCase,
  bare: Omit<Place, 'staged'>,
  onTime: (line: string) => void,
): Promise<Outcome> {
  const { id, mustHold, times, atOnce } = fault;
  const skipped = fault.missing();
  const staged = new Map<string, number>();
  const place = { ...bare, staged: (what: string) => void staged.set(what, (staged.get(what) ?? 0) + 1) };
  const about = { id, fault: fault.fault, mustHold, skipped, staged };
  if (skipped !== null) {
    return { ...about, times: 0, held: 0, broken: [] };
  }
  const broken: string[] = [];
  let held = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < times) {
      const nth = next;
      next += 1;
      const troubles = await fault
        .once(place, nth)
        .catch((error: unknown) => [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
      held += troubles.length === 0 ? 1 : 0;
      broken.push(...troubles.map((trouble) => `${id} ${nth + 1}: ${trouble}`));
      onTime(`${id} ${nth + 1} of ${times}: ${troubles.length === 0 ? 'held' : troubles.join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { ...about, times, held, broken };
}

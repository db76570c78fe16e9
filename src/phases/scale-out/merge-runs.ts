import type { EventKind, RunEvent } from '../../model/artifacts.ts';
import type { Plan } from '../../model/plan.ts';
import type { GatheredRun } from '../../model/samples.ts';
import { foreignPlan, type Gathering, shifted } from './merge-parts.ts';

export interface RunPart {
  path: string;
  run: GatheredRun;
}

/** What ended a runner's load; its stages are those of the first one. */
const endings: readonly EventKind[] = ['guard_stop', 'abort', 'signal', 'target_gone', 'sampler_lost'];

/** A run that planned nothing has only watched the target. */
export function isWatcher({ run }: RunPart): boolean {
  return run.records.length === 0 && run.manifest.measured?.planned === 0;
}

function startMsOf({ run }: RunPart): number {
  return Date.parse(run.manifest.startedAt);
}

/** Where on the earliest runner's clock another run began, as far as the wall clocks of both agree. */
export function addedMsOf(part: RunPart, epochWallMs: number): number {
  return startMsOf(part) - epochWallMs;
}

/** Folders of bench runs, each with a segment of one plan. Throws USAGE for one of another plan. */
export function gatherRuns(parts: readonly RunPart[], planOf: (part: RunPart) => Plan): Gathering {
  const senders = parts.filter((part) => !isWatcher(part));
  const ordered = (senders.length === 0 ? [...parts] : senders).sort((a, b) => startMsOf(a) - startMsOf(b));
  const first = ordered[0] as RunPart;
  for (const { path, run } of ordered) {
    if (run.manifest.planHash !== first.run.manifest.planHash) {
      throw foreignPlan(path, run.manifest.planHash, first.run.manifest.planHash);
    }
  }
  const epochWallMs = startMsOf(first);
  const watchers = parts.filter(isWatcher);
  const events = ordered.flatMap((part, index) =>
    part.run.events
      .filter(({ kind }) => index === 0 || endings.includes(kind))
      .map((event): RunEvent => ({ ...event, tMs: event.tMs + addedMsOf(part, epochWallMs) })),
  );
  return {
    manifest: first.run.manifest,
    plan: planOf(first),
    parts: ordered.map((part) => ({
      name: part.path,
      records: part.run.records.map((record) => shifted(record, addedMsOf(part, epochWallMs))),
    })),
    events,
    sampled: (watchers.length === 0 ? [first] : watchers.slice(0, 1)).map((part) => ({
      path: part.path,
      addedMs: addedMsOf(part, epochWallMs),
    })),
  };
}

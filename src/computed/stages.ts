import type { RunEvent, Series, StageWindow } from '../model/artifacts.ts';
import type { ResolvedProfile, StageKind } from '../model/profile.ts';

/** Stages as they were run, in their order; one that was skipped is not there. `runEndMs` ends an open one. */
export function stageWindows(
  profile: ResolvedProfile,
  events: readonly RunEvent[],
  runEndMs: number,
): readonly StageWindow[] {
  return profile.stages.flatMap((stage): StageWindow[] => {
    const ofStage = events.filter((event) => event.stage === stage.name || event.subject === stage.name);
    const start = ofStage.find((event) => event.kind === 'stage_start');
    if (start === undefined) {
      return [];
    }
    const end = ofStage.find((event) => event.kind === 'stage_end' && event.tMs >= start.tMs);
    const rates = ofStage
      .filter((event) => event.kind === 'rate_resolved')
      .map((event) => ({ name: event.subject, perSecond: Number(event.detail) }));
    return [
      {
        name: stage.name,
        kind: stage.kind,
        startMs: start.tMs,
        endMs: end?.tMs ?? Math.max(runEndMs, start.tMs),
        stage,
        rates,
      },
    ];
  });
}

export function runEnd(events: readonly RunEvent[], measuredEndMs: number | null): number {
  return measuredEndMs ?? events.reduce((latest, event) => Math.max(latest, event.tMs), 0);
}

export function stageAt(stages: readonly StageWindow[], tMs: number): StageWindow | null {
  return stages.find((stage) => tMs >= stage.startMs && tMs < stage.endMs) ?? null;
}

/** By its kind: the load of a watched run is another tool's, so that its stage has no executor. */
export function sendsLoad({ kind }: Pick<StageWindow, 'kind'>): boolean {
  return kind === 'load' || kind === 'warmup' || kind === 'canary';
}

/** Start of the first stage that sends anything; null if none did. */
export function firstLoadMs(stages: readonly StageWindow[]): number | null {
  return stages.find(sendsLoad)?.startMs ?? null;
}

const quietKinds: readonly StageKind[] = ['lull', 'silence', 'idle', 'cooldown'];

/** Time after load with nothing in flight and nothing being sent; neighbouring stages are one window. */
export interface QuietWindow {
  startMs: number;
  endMs: number;
  /** Where it begins. */
  stage: string;
}

export function quietWindows(stages: readonly StageWindow[], inFlight: Series): readonly QuietWindow[] {
  const loadMs = firstLoadMs(stages);
  const windows: QuietWindow[] = [];
  for (const stage of stages) {
    if (loadMs === null || stage.startMs < loadMs || !quietKinds.includes(stage.kind)) {
      continue;
    }
    for (const free of freeWithin(inFlight, stage.startMs, stage.endMs)) {
      const last = windows.at(-1);
      if (last !== undefined && free.startMs - last.endMs < joinMs) {
        last.endMs = free.endMs;
      } else {
        windows.push({ ...free, stage: stage.name });
      }
    }
  }
  return windows;
}

/** Between a stage's end and the next one's start only the bookkeeping of the harness passes. */
const joinMs = 50;

/** `inFlight` is a step function: a value holds until the next one. */
function freeWithin(inFlight: Series, fromMs: number, toMs: number): { startMs: number; endMs: number }[] {
  const free: { startMs: number; endMs: number }[] = [];
  let count = 0;
  let sinceMs: number | null = fromMs;
  for (const [index, tMs] of inFlight.tMs.entries()) {
    if (tMs >= toMs) {
      break;
    }
    count = inFlight.values[index] ?? 0;
    if (count > 0) {
      if (sinceMs !== null && tMs > Math.max(sinceMs, fromMs)) {
        free.push({ startMs: Math.max(sinceMs, fromMs), endMs: tMs });
      }
      sinceMs = null;
    } else {
      sinceMs ??= tMs;
    }
  }
  return sinceMs === null ? free : [...free, { startMs: Math.max(sinceMs, fromMs), endMs: toMs }];
}

import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { EngineSession } from '../../model/engine.ts';
import type { OpenProbe, Sample } from '../../model/probe.ts';
import type { StageKind } from '../../model/profile.ts';
import { createSampler } from '../sampler/sampler.ts';
import { clientLoad } from './client-load.ts';
import type { LoadControl } from './load-control.ts';
import type { Recorder } from './recorder.ts';

/** An agent's link may be cut for a while; longer than this no load goes on that nobody guards. */
const longestBlindMs = 30_000;
/** No collection of garbage takes so long: the harness was suspended, or got no processor. */
const standstillMs = 2000;

export interface HarnessView {
  session: EngineSession;
  recorder: Recorder;
  control: LoadControl;
  /** The latest reading of the harness itself, which the guard bounds too. */
  harnessSamples: readonly Sample[];
  /** When the target's sampler was last heard of. */
  lastBatchMs: number;
}

export interface HarnessSamplerOptions {
  clock: Clock;
  clientProbes: readonly { id: string; open: OpenProbe }[];
  intervalMs: number;
  guardRatio: number | null;
  signal: AbortSignal;
}

/** Samples of the harness, taken in this process; it also sees when nobody guards the load any more. */
export function sampleHarness(
  { clock, clientProbes, intervalMs, guardRatio, signal }: HarnessSamplerOptions,
  view: HarnessView,
  stageKind: () => StageKind,
): Promise<unknown> {
  const { session, recorder, control } = view;
  let lastMs: number | null = null;
  return createSampler({
    clock,
    probes: [...clientProbes, { id: 'client-load', open: clientLoad(session, recorder) }],
    intervalMs,
    tick: () => ({ stage: control.stageName, stageKind: stageKind(), quiesced: session.inFlight() === 0 }),
    emit(batch) {
      view.harnessSamples = batch.samples;
      const stillMs = batch.tMs - (lastMs ?? batch.tMs) - intervalMs;
      lastMs = batch.tMs;
      if (stillMs > standstillMs) {
        recorder.event(batch.tMs, 'gap', batch.stage, 'harness', `it stood still for ${formatDuration(stillMs)}`);
      }
      const blindMs = batch.tMs - view.lastBatchMs;
      if (guardRatio !== null && blindMs > longestBlindMs && !control.isOver) {
        const reason = `no sample of the target has come for ${formatDuration(blindMs)}`;
        control.guardStop({ reason, isTargetLimit: false, projectedMsToLimit: null }, batch.tMs);
      }
      recorder.samples(batch.tMs, batch.stage, batch.quality, batch.samples);
    },
    signal,
  });
}

import type { ErrorCode } from '../base/errors.ts';
import type { StageKind } from '../model/profile.ts';
import type { SampleBatch, SamplerEvent, SamplerSummary } from './sampler.ts';

export interface SamplerStart {
  epochNs: bigint;
  url: string;
  healthPath: string;
  metricsUrl: string | null;
  intervalMs: number;
  skipProbes: readonly string[];
}

export interface SamplerTick {
  stage: string;
  kind: StageKind;
  /** Nothing in flight. */
  quiesced: boolean;
}

/** What the child found before its first sample. */
export interface SamplerView {
  description: string;
  notObserved: { what: string; why: string }[];
  cgroup: { v1Memory: string | null; v2: string | null };
}

export type ToSampler =
  | { type: 'start'; start: SamplerStart }
  | { type: 'tick'; tick: SamplerTick }
  | { type: 'interval'; intervalMs: number }
  | { type: 'stop' };

export type FromSampler =
  | { type: 'ready'; view: SamplerView }
  | { type: 'failed'; code: ErrorCode | null; message: string; hint: string | null }
  | { type: 'batch'; batch: SampleBatch }
  | { type: 'event'; event: SamplerEvent }
  | { type: 'done'; summary: SamplerSummary };

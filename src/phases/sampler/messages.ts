import type { ErrorCode } from '../../base/errors.ts';
import type { StageKind } from '../../model/profile.ts';
import type { Observe, TargetAddress } from '../../model/target.ts';
import type { SampleBatch, SamplerEvent, SamplerSummary } from './sampler.ts';

/** A `TargetAddress` as a message carries it. */
export interface AddressText {
  url: string | null;
  healthPath: string;
  readyPath: string | null;
  metricsUrl: string | null;
  deviceMonitor: string | null;
}

/** What is to be sampled, and how often. */
export interface SamplingOrder {
  observe: Observe;
  address: AddressText;
  intervalMs: number;
  skipProbes: readonly string[];
}

export interface SamplerStart extends SamplingOrder {
  epochNs: bigint;
}

export function addressText({ url, metricsUrl, ...rest }: TargetAddress): AddressText {
  return { ...rest, url: url?.href ?? null, metricsUrl: metricsUrl?.href ?? null };
}

export function parseAddress({ url, metricsUrl, ...rest }: AddressText): TargetAddress {
  const parse = (text: string | null): URL | null => (text === null ? null : new URL(text));
  return { ...rest, url: parse(url), metricsUrl: parse(metricsUrl) };
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

export interface SamplerHandlers {
  onBatch(batch: SampleBatch): void;
  onEvent(event: SamplerEvent): void;
  /** Once, if it ends without having been stopped. */
  onLost(reason: string): void;
}

/** A sampler under way: a child of ours, or an agent on the target's host. */
export interface RunningSampler extends SamplerView {
  setTick(tick: SamplerTick): void;
  setIntervalMs(intervalMs: number): void;
  /** null if it was lost, or did not answer in time: what it had counted went with it. */
  stop(): Promise<SamplerSummary | null>;
}

export type StartSampler = (handlers: SamplerHandlers) => Promise<RunningSampler>;

import { z } from 'zod';
import { type EventKind, eventKinds } from '../../model/artifacts.ts';
import type { Sample, SampleScope } from '../../model/probe.ts';
import type { SampleBatch, SamplerEvent } from '../sampler/sampler.ts';
import { firstIssue, plainText } from './order.ts';

const largestLineBytes = 4 * 1024 ** 2;
const mostSamples = 20_000;
const longestDetail = 2000;

/** One line of a stream, as far as it can be believed. */
export type AgentLine =
  | { kind: 'heartbeat' }
  | { kind: 'gap'; firstSeq: number; batchesBefore: number }
  | { kind: 'batch'; seq: number; batch: SampleBatch; refusedSamples: string | null }
  | { kind: 'event'; seq: number; event: SamplerEvent }
  | { kind: 'lost'; seq: number; reason: string }
  /** `seq` null: not even that could be read. */
  | { kind: 'refused'; seq: number | null; why: string };

/** What only the harness itself may say of its run. */
const harnessEvents: readonly EventKind[] = [
  'run_start',
  'run_end',
  'stage_start',
  'stage_end',
  'stage_skipped',
  'rate_resolved',
  'guard_stop',
  'guard_end',
  'signal',
  'sampler_lost',
];
const agentEvents = eventKinds.filter((kind) => !harnessEvents.includes(kind));
const scopes = ['process', 'tree', 'cgroup', 'host', 'gpu', 'target', 'client'] as const satisfies SampleScope[];

const seq = z.int().min(1);
const tMs = z.number().min(0).max(1e12);
const name = (most: number): z.ZodString => z.string().min(1).max(most).regex(plainText, 'holds a control character');

const sample = z
  .strictObject({
    probe: name(64),
    scope: z.enum(scopes),
    instance: name(512),
    metric: name(1024),
    value: z.number().nullable(),
  })
  // The sampler tells its own cost; the rest of the harness is read where it runs.
  .refine(({ scope, instance }) => scope !== 'client' || instance === 'sampler', 'scope client is not the agent’s');

const batchLine = z.strictObject({
  seq,
  batch: z.strictObject({
    tMs,
    stage: z.string().max(200),
    quality: z.enum(['ok', 'late']),
    samples: z.array(z.unknown()).max(mostSamples),
  }),
});
const eventLine = z.strictObject({
  seq,
  event: z.strictObject({ tMs, kind: z.enum(agentEvents), subject: z.string(), detail: z.string() }),
});
const lostLine = z.strictObject({ seq, lost: z.string() });
const gapLine = z.strictObject({ gap: z.strictObject({ firstSeq: seq, batchesBefore: z.int().min(0) }) });
const heartbeatLine = z.strictObject({ heartbeat: z.int().min(0) });

/** Errors of the target's host may hold anything: one line of bounded length is kept. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, longestDetail);
}

function seqOf(json: object): number | null {
  const parsed = seq.safeParse('seq' in json ? json.seq : null);
  return parsed.success ? parsed.data : null;
}

/** One sample with a strange name is left out alone: the target itself may have given it. */
function batchOf({ seq: number, batch }: z.output<typeof batchLine>): AgentLine {
  const samples: (Sample & { probe: string })[] = [];
  let refusedSamples: string | null = null;
  for (const [index, read] of batch.samples.entries()) {
    const parsed = sample.safeParse(read);
    if (parsed.success) {
      samples.push(parsed.data);
    } else {
      refusedSamples ??= `sample ${index}: ${firstIssue(parsed.error)}`;
    }
  }
  return { kind: 'batch', seq: number, batch: { ...batch, samples }, refusedSamples };
}

/** Never throws: what cannot be believed says why. */
export function parseLine(text: string): AgentLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'refused', seq: null, why: 'a line is not JSON' };
  }
  if (json === null || typeof json !== 'object') {
    return { kind: 'refused', seq: null, why: 'a line is not an object' };
  }
  const refused = (error: z.ZodError): AgentLine => ({ kind: 'refused', seq: seqOf(json), why: firstIssue(error) });
  if ('batch' in json) {
    const { data, error } = batchLine.safeParse(json);
    return data === undefined ? refused(error) : batchOf(data);
  }
  if ('event' in json) {
    const { data, error } = eventLine.safeParse(json);
    if (data === undefined) {
      return refused(error);
    }
    const { event } = data;
    const clean = { ...event, subject: oneLine(event.subject), detail: oneLine(event.detail) };
    return { kind: 'event', seq: data.seq, event: clean };
  }
  if ('lost' in json) {
    const { data, error } = lostLine.safeParse(json);
    return data === undefined ? refused(error) : { kind: 'lost', seq: data.seq, reason: oneLine(data.lost) };
  }
  if ('gap' in json) {
    const { data, error } = gapLine.safeParse(json);
    return data === undefined ? refused(error) : { kind: 'gap', ...data.gap };
  }
  const { error } = heartbeatLine.safeParse(json);
  return error === undefined ? { kind: 'heartbeat' } : refused(error);
}

/** Cuts a stream of bytes into lines. */
export class LineCutter {
  #pending: Buffer[] = [];
  #bytes = 0;
  #isSkipping = false;

  /** The whole lines; null stands for one that was longer than any of ours, and is not kept. */
  take(chunk: Buffer): (string | null)[] {
    const lines: (string | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#add(chunk.subarray(start, end));
      lines.push(this.#isSkipping ? null : Buffer.concat(this.#pending).toString('utf8'));
      this.#forget();
      this.#isSkipping = false;
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
    return lines;
  }

  #add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > largestLineBytes) {
      this.#forget();
      this.#isSkipping = true;
    } else if (!this.#isSkipping) {
      this.#pending.push(bytes);
    }
  }

  #forget(): void {
    this.#pending = [];
    this.#bytes = 0;
  }
}

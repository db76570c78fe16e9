import { fileURLToPath } from 'node:url';
import { engines } from '../../engines/index.ts';
import type { EngineJob, EngineReport } from './engine-job.ts';
import { type Measured, runMeasured } from './measured-child.ts';
import type { RunningSink } from './sink.ts';
import type { SinkFigures } from './sink-messages.ts';

/** What all measurements of a run share. */
export interface Bench {
  sink: RunningSink;
  epochNs: bigint;
  /** For scripts and bodies; removed at the end. */
  folder: string;
  /** How long each peer sends. */
  durationMs: number;
  wants(peer: string): boolean;
}

export interface Sent {
  /** As the sink saw it. */
  figures: SinkFigures;
  measured: Measured;
}

/** A process that starts, waits for what is open and ends. */
const slackMs = 40_000;

export interface PeerProgram {
  command: string;
  args: readonly string[];
  environment?: Record<string, string>;
}

/** Runs a peer in a process of its own against the sink. */
export async function send(bench: Bench, program: PeerProgram, delayMs = 0): Promise<Sent> {
  await bench.sink.read(delayMs);
  const measured = await runMeasured(program.command, program.args, {
    mostMs: bench.durationMs + slackMs,
    environment: program.environment ?? {},
  });
  return { figures: await bench.sink.read(0), measured };
}

export type EngineSent = (Sent & { report: EngineReport }) | { reason: string };

/** Runs one of our engines; `reason` tells why there is nothing to show. */
export async function sendByEngine(
  bench: Bench,
  job: Pick<EngineJob, 'engine' | 'bytes' | 'load'>,
  delayMs = 0,
): Promise<EngineSent> {
  if (!bench.wants(job.engine)) {
    return { reason: 'left out' };
  }
  if (!engines.some(({ id }) => id === job.engine)) {
    return { reason: 'the engine is not in the list' };
  }
  const { sink, epochNs, folder, durationMs } = bench;
  const whole: EngineJob = { ...job, url: sink.url, epochNs: String(epochNs), folder, durationMs };
  const script = fileURLToPath(new URL('./engine-main.js', import.meta.url));
  const sent = await send(bench, { command: process.execPath, args: [script, JSON.stringify(whole)] }, delayMs);
  if (sent.measured.exitCode !== 0) {
    return { reason: lastLineOf(sent.measured.stdout) ?? `it ended with ${sent.measured.exitCode}` };
  }
  return { ...sent, report: JSON.parse(sent.measured.stdout) as EngineReport };
}

function lastLineOf(text: string): string | null {
  return text.trim().split('\n').at(-1) || null;
}

/** Per second between the first byte and the last one; null without any. */
export function perSecond({ firstMs, lastMs }: SinkFigures, count: number): number | null {
  return firstMs === null || lastMs === null || lastMs <= firstMs ? null : count / ((lastMs - firstMs) / 1000);
}

export function failuresText(report: EngineReport): string {
  const texts = Object.entries(report.failures).map(([name, count]) => `${count} ${name}`);
  return texts.length === 0 ? '' : `; not ok: ${texts.join(', ')}`;
}

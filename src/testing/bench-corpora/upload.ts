import { type ChildProcess, fork } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { writeBody } from '../../base/body-stream.ts';
import { median } from '../../base/statistics.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { cpuMs } from './processor-time.ts';
import { type Row, shortNumber, skipped } from './row.ts';
import { openShipped } from './shipped.ts';

const connections = 16;
const rounds = 3;
/** On a busy machine fewer rounds fit. */
const mostMs = 8000;
const roundBytes = 512e6;
/** Few enough bytes to stay in the page cache of a small machine. */
const pooledBytes = 150e6;
/** Larger reads than the default of 64 KiB: files are shown at their best. */
const fileReadBytes = 256 * 1024;

interface Pooled {
  item: CorpusItem;
  path: string;
}

type Source = (sink: ClientRequest, pooled: Pooled) => Promise<void>;

const onTheFly: Source = async (sink, { item }) => {
  await writeBody(sink, [{ item }], { signal: new AbortController().signal, onProgress: () => undefined });
  sink.end();
};

const fromPageCache: Source = async (sink, { path }) => {
  await pipeline(createReadStream(path, { highWaterMark: fileReadBytes }), sink);
};

interface Line {
  port: number;
  agent: Agent;
}

async function send({ port, agent }: Line, pooled: Pooled, source: Source): Promise<void> {
  const sink = request({
    host: '127.0.0.1',
    port,
    agent,
    method: 'POST',
    headers: { 'content-length': pooled.item.bytes },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sink.once('response', resolve);
    sink.once('error', reject);
  });
  const [reply] = await Promise.all([answer, source(sink, pooled)]);
  const received = Number(await text(reply));
  if (received !== pooled.item.bytes) {
    throw new Error(`the sink got ${received} of ${pooled.item.bytes} bytes of ${pooled.item.id}`);
  }
}

interface Speed {
  /** By the clock, as a run would see it. */
  megabytesPerSecond: number;
  /** Per second of the client's processor time: what one core can send. */
  megabytesPerCore: number;
}

/** 16 connections share the items of one round; ends when every answer is there. */
async function sendRound(line: Line, pool: readonly Pooled[], source: Source): Promise<Speed> {
  const startMs = performance.now();
  const startCpuMs = cpuMs();
  let planned = 0;
  let next = 0;
  const connection = async (): Promise<void> => {
    while (planned < roundBytes) {
      const pooled = pool[next % pool.length];
      next += 1;
      if (pooled === undefined) {
        return;
      }
      planned += pooled.item.bytes;
      await send(line, pooled, source);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return {
    megabytesPerSecond: planned / 1000 / (performance.now() - startMs),
    megabytesPerCore: planned / 1000 / (cpuMs() - startCpuMs),
  };
}

async function pool(items: readonly CorpusItem[], folder: string): Promise<Pooled[]> {
  const pooled: Pooled[] = [];
  let bytes = 0;
  for (const item of items) {
    const path = join(folder, item.fileName);
    await writeFile(path, item.chunks());
    pooled.push({ item, path });
    bytes += item.bytes;
    if (bytes >= pooledBytes) {
      break;
    }
  }
  return pooled;
}

async function startSink(): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(new URL('./sink-main.js', import.meta.url));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the sink ended with ${code}`)));
  });
  return { child, port };
}

function medianOf(speeds: readonly Speed[], key: keyof Speed): number {
  return median(speeds.map((speed) => speed[key])) ?? Number.NaN;
}

function textOf(speeds: readonly Speed[]): string {
  const perCore = medianOf(speeds, 'megabytesPerCore');
  const rate = shortNumber(medianOf(speeds, 'megabytesPerSecond'));
  return `${shortNumber(perCore)} MB/s of one core, ${rate} MB/s by the clock, ${shortNumber(1000 / perCore)} CPU s/GB`;
}

function rowsOf(subject: string, ours: readonly Speed[], files: readonly Speed[], goal: Row['goal']): Row[] {
  const ratio = medianOf(ours, 'megabytesPerSecond') / medianOf(files, 'megabytesPerSecond');
  const coreRatio = medianOf(ours, 'megabytesPerCore') / medianOf(files, 'megabytesPerCore');
  return [
    {
      subject: `upload ${subject}`,
      figure: medianOf(ours, 'megabytesPerCore'),
      unit: 'MB/s',
      goal,
      note: textOf(ours),
    },
    {
      subject: `upload ${subject}, against files, by the clock`,
      figure: ratio,
      unit: 'x',
      goal: { atLeast: 1 },
      note: `page cache: ${textOf(files)}`,
    },
    {
      subject: `upload ${subject}, against files, of one core`,
      figure: coreRatio,
      unit: 'x',
      goal: { atLeast: 1 },
      note: `median of ${ours.length} rounds in turns`,
    },
  ];
}

/** The client's work of sending made bytes and, in turns, the same bytes from files in the page cache. */
export async function uploadRows(subject: string, corpus: string, goal: Row['goal']): Promise<Row[]> {
  const shipped = openShipped(corpus);
  if ('reason' in shipped) {
    return [skipped(`upload ${subject}`, 'MB/s', goal, shipped.reason)];
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-corpora-'));
  const { child, port } = await startSink();
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    const pooled = await pool(shipped.items, folder);
    const line = { port, agent };
    const ours: Speed[] = [];
    const files: Speed[] = [];
    const startMs = performance.now();
    while (ours.length < rounds && performance.now() - startMs < mostMs) {
      ours.push(await sendRound(line, pooled, onTheFly));
      files.push(await sendRound(line, pooled, fromPageCache));
    }
    return rowsOf(subject, ours, files, goal);
  } finally {
    agent.destroy();
    child.removeAllListeners('exit');
    child.disconnect();
    rmSync(folder, { recursive: true });
  }
}

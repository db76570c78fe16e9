import { setTimeout as sleep } from 'node:timers/promises';
import { bedSymbol, headerFrame, symbolsPerSlot, wordFrameSymbols, writeWordFrame } from '../base/audio-frames.ts';
import { symbolPcm } from '../base/audio-tones.ts';
import { wavHeaderOf } from '../base/wav.ts';
import type { TrialReply, TrialServer } from './trials/trial.ts';

const boundary = 'edge-of-part';
const slotSeconds = 0.4;
const lookEveryMs = 100;
/** One that loses the clip, and one whose lane takes it up again. */
const leastDeadWorkers = 2;
const mostTries = 4;
const clients = 12;

/** A form with a clip of so many seconds that carries one word in each slot. */
export function speechForm(seconds: number, sampleRate: number): Buffer {
  const words = Math.floor(seconds / slotSeconds) - 1;
  const symbols = [...headerFrame(42, words)];
  const frame = new Uint8Array(wordFrameSymbols);
  for (let slot = 1; slot <= words; slot += 1) {
    writeWordFrame(frame, slot, (slot * 37) % 4096);
    symbols.push(...frame, ...new Array<number>(symbolsPerSlot - wordFrameSymbols).fill(bedSymbol));
  }
  const tones = Array.from({ length: bedSymbol + 1 }, (_, symbol) => symbolPcm(symbol, sampleRate));
  const samples = symbols.flatMap((symbol) => tones[symbol] ?? []);
  const pcm = Buffer.concat(samples.map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength)));
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  return Buffer.concat([Buffer.from(head), wavHeaderOf(sampleRate, pcm.length / 2), pcm, Buffer.from(tail)]);
}

export function sendClip(server: TrialServer, form: Uint8Array, timeoutMs?: number): Promise<TrialReply> {
  return server.post('/v1/audio/transcriptions', `multipart/form-data; boundary=${boundary}`, form, timeoutMs);
}

/** Workers of the cold pool that live. */
export function liveColdWorkers(server: TrialServer): number {
  return server.processes().filter(({ name }) => name === 'ref-cold').length;
}

/** Workers of the cold pool that the front holds for loaded. */
function heldColdWorkers(server: TrialServer): Promise<number | null> {
  return server.metric('uttera_stt_cold_workers_active');
}

export async function until(what: string, limitMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) {
      throw new Error(`${what}: not within ${limitMs / 1000} s`);
    }
    await sleep(lookEveryMs);
  }
}

/** Clips in a closed loop until the pool holds two loaded cold workers; resolves when all clips are answered. */
async function fillPool(server: TrialServer, form: Uint8Array): Promise<void> {
  let isFull = false;
  const client = async (): Promise<void> => {
    while (!isFull) {
      const reply = await sendClip(server, form);
      if (reply.status !== 200) {
        throw new Error(`a clip of the first burst was answered ${reply.status}: ${reply.body.slice(0, 200)}`);
      }
    }
  };
  const watch = async (): Promise<void> => {
    try {
      await until('two cold workers', 30_000, async () => ((await heldColdWorkers(server)) ?? 0) >= leastDeadWorkers);
    } finally {
      isFull = true;
    }
  };
  await Promise.all([watch(), ...Array.from({ length: clients }, client)]);
}

/**
 * A burst and a lull, after which the front holds two cold workers or more for loaded that have all
 * ended by themselves.
 */
export async function leaveDeadWorkers(server: TrialServer, form: Uint8Array): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    await fillPool(server, form);
    await until('a lull without cold workers', 30_000, () => liveColdWorkers(server) === 0);
    if (((await heldColdWorkers(server)) ?? 0) >= leastDeadWorkers) {
      return;
    }
  }
  throw new Error('the pool let its workers go before they had ended');
}

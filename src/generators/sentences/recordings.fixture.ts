import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../base/random.ts';
import { wavHeaderOf } from '../../base/wav.ts';

/** A recording of noise: no two seeds have two equal samples in a row for long. */
export function noiseWav(seed: string, seconds: number, sampleRate: number): Buffer {
  const random = createRandom(`noise/${seed}`);
  const pcm = Buffer.alloc(Math.floor(seconds * sampleRate) * 2);
  for (let at = 0; at < pcm.length; at += 2) {
    pcm.writeInt16LE(random.below(20_000) - 10_000, at);
  }
  return Buffer.concat([wavHeaderOf(sampleRate, pcm.length / 2), pcm]);
}

/** A new folder under the system's one for temporary files, with the given files in it. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-recordings-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

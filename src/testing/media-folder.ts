import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { wavHeaderBytes, wavHeaderOf } from '../base/wav.ts';

/** A folder of its own with these files in it. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-files-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Silence of a length that takes no room on disk. */
export function writeSilence(path: string, seconds: number, sampleRate: number): void {
  const samples = Math.round(seconds * sampleRate);
  writeFileSync(path, wavHeaderOf(sampleRate, samples));
  truncateSync(path, wavHeaderBytes + samples * 2);
}

/** The start of a JPEG file up to its size (ITU-T T.81, B.2.2), and then zeros. */
export function jpegStart(width: number, height: number, bytes: number): Uint8Array {
  const file = Buffer.alloc(bytes);
  file.set([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8]);
  file.writeUInt16BE(height, 7);
  file.writeUInt16BE(width, 9);
  file.set([1, 1, 0x11, 0], 11);
  return file;
}

import { describe, expect, it } from 'vitest';
import { wavOf } from './wav.fixture.ts';
import { audioSecondsOf, scanWav } from './wav.ts';

const clip = wavOf(new Int16Array(800), 8000);

function patched(edit: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(clip);
  edit(bytes);
  return bytes;
}

describe('scanWav', () => {
  it('finds the samples of a plain clip', () => {
    const scan = scanWav(clip, clip.length);
    expect(scan).toEqual({ ok: true, wav: { dataOffset: 44, dataBytes: 1600, sampleRate: 8000 } });
    expect(scan.ok && audioSecondsOf(scan.wav)).toBe(0.1);
  });

  it('skips chunks that it does not know, padded to even lengths', () => {
    const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
    const bytes = Buffer.concat([clip.subarray(0, 36), list, clip.subarray(36)]);
    expect(scanWav(bytes, bytes.length)).toMatchObject({ ok: true, wav: { dataOffset: 56, dataBytes: 1600 } });
  });

  it('needs only the head of a long file', () => {
    expect(scanWav(clip.subarray(0, 64), clip.length)).toMatchObject({ ok: true });
  });

  const refusals: readonly [why: string, bytes: Buffer, code: string][] = [
    ['a file of 0 bytes', Buffer.alloc(0), 'empty_file'],
    ['a file that is shorter than a RIFF header', Buffer.from('RIFF'), 'invalid_audio'],
    ['a text', Buffer.from('this is certainly not audio at all'), 'invalid_audio'],
    ['a clip that lost its second half', clip.subarray(0, 900), 'truncated_audio'],
    ['a header without data chunk', clip.subarray(0, 36), 'invalid_audio'],
    ['a fmt chunk that is cut off', clip.subarray(0, 30), 'invalid_audio'],
    ['an empty data chunk', patched((bytes) => bytes.writeUInt32LE(0, 40)), 'empty_audio'],
    ['two channels', patched((bytes) => bytes.writeUInt16LE(2, 22)), 'unsupported_audio'],
    ['mu-law', patched((bytes) => bytes.writeUInt16LE(7, 20)), 'unsupported_audio'],
    ['a sample rate of 0', patched((bytes) => bytes.writeUInt32LE(0, 24)), 'unsupported_audio'],
    ['data before its format', patched((bytes) => bytes.write('data', 12, 'latin1')), 'invalid_audio'],
  ];
  it.each(refusals)('refuses %s', (_why, bytes, code) => {
    expect(scanWav(bytes, bytes.length)).toMatchObject({ ok: false, code });
  });
});

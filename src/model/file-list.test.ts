import { describe, expect, it } from 'vitest';
import { formatListedFile, type ListedFile, parseFileList } from './file-list.ts';

const clip: ListedFile = {
  file: 'calls/may/a b.wav',
  bytes: 400_044,
  sha256: 'ab'.repeat(32),
  mediaType: 'audio/wav',
  traits: { audioSeconds: 12.5 },
  text: 'Good morning.\nZürich',
};
const photo: ListedFile = {
  file: 'photo.jpg',
  bytes: 9,
  sha256: '01'.repeat(32),
  mediaType: 'image/jpeg',
  traits: { width: 4, height: 3, pixels: 12 },
  text: null,
};

describe('a list of files', () => {
  it('is read as it was written, one line for each file', () => {
    const lines = [clip, photo].map(formatListedFile);
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(parseFileList(`${lines.join('\n')}\n`, 'x.files.jsonl')).toEqual([clip, photo]);
  });

  it('may be empty and hold empty lines, also with line ends of Windows', () => {
    expect(parseFileList('', 'x.files.jsonl')).toEqual([]);
    expect(parseFileList(`\r\n${formatListedFile(photo)}\r\n\r\n`, 'x.files.jsonl')).toEqual([photo]);
  });

  const line = (change: object): string =>
    `${formatListedFile(clip)}\n${JSON.stringify({ ...photo, text: 'x', ...change })}`;
  it.each([
    { why: 'is cut', text: `${formatListedFile(clip)}\n{"file":`, says: 'x.files.jsonl:2: the line is not JSON.' },
    { why: 'is a number', text: '7', says: 'x.files.jsonl:1: ' },
    {
      why: 'leads out of the folder',
      text: line({ file: '../../etc/passwd' }),
      says: 'x.files.jsonl:2 file: must be a path',
    },
    { why: 'starts at the root', text: line({ file: '/etc/passwd' }), says: 'x.files.jsonl:2 file: must be a path' },
    { why: 'has a file of 0 bytes', text: line({ bytes: 0 }), says: 'x.files.jsonl:2 bytes: ' },
    { why: 'has a hash that is none', text: line({ sha256: 'AB' }), says: 'x.files.jsonl:2 sha256: must be 64' },
    {
      why: 'has a type that is not known',
      text: line({ mediaType: 'audio/mpeg' }),
      says: 'x.files.jsonl:2 mediaType: ',
    },
    {
      why: 'has a trait without number',
      text: line({ traits: { pixels: null } }),
      says: 'x.files.jsonl:2 traits.pixels: ',
    },
    { why: 'has an empty transcript', text: line({ text: '' }), says: 'x.files.jsonl:2 text: ' },
    { why: 'has a key too much', text: line({ size: 1 }), says: 'x.files.jsonl:2: ' },
  ])('with a line that $why is refused, with the place', ({ text, says }) => {
    expect(() => parseFileList(text, 'x.files.jsonl')).toThrowError(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message: expect.stringContaining(says) as string,
        hint: expect.any(String) as string,
      }),
    );
  });
});

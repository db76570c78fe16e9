import { isFlac, readFlacHeader } from './flac-header.ts';
import { groupedDigits } from './grouped-digits.ts';
import { type ImageSizeScan, isJpeg, isPng, scanJpegSize, scanPngSize } from './image-size.ts';
import { isWav, scanWav, wavEncodings, wavSecondsOf } from './wav.ts';

/**
 * What a file is, by its bytes and not by its name. Traits: `audioSeconds`; `width`, `height` and `pixels`;
 * `characters` (Unicode code points) of a text that was given whole.
 */
export interface MediaFacts {
  mediaType: string;
  traits: Record<string, number>;
}

/** `unusable` is a sentence that says why; it begins with "the" and can follow "photo.jpg: ". */
export type MediaFinding = MediaFacts | { unusable: string };

/** As much of a file's start as `mediaFactsOf` needs: cameras put up to some 100 KiB before the size of a picture. */
export const mediaHeadBytes = 256 * 1024;

/** Types that `mediaFactsOf` can give. */
export const mediaTypes = ['audio/wav', 'audio/flac', 'image/jpeg', 'image/png', 'text/plain'] as const;

const known = 'WAV, FLAC, JPEG, PNG or plain text';
/** Kinds that people try, by the bytes at an offset (as latin1). */
const namedKinds: readonly (readonly [offset: number, bytes: string, kind: string])[] = [
  [0, 'ID3\x02', 'an MP3 file, or begins with the tag of one'],
  [0, 'ID3\x03', 'an MP3 file, or begins with the tag of one'],
  [0, 'ID3\x04', 'an MP3 file, or begins with the tag of one'],
  [0, '\xff\xf2', 'an MP3 file'],
  [0, '\xff\xf3', 'an MP3 file'],
  [0, '\xff\xfa', 'an MP3 file'],
  [0, '\xff\xfb', 'an MP3 file'],
  [0, 'OggS\0', 'an Ogg file'],
  [4, 'ftyp', 'an MP4 or M4A file'],
  [0, '\x1a\x45\xdf\xa3', 'a WebM or Matroska file'],
  [0, 'RF64', 'an RF64 file (a WAV of more than 4 GB)'],
  [8, 'WEBPVP8', 'a WebP file'],
  [0, 'GIF89a', 'a GIF file'],
  [0, 'II*\0', 'a TIFF file'],
  [0, 'MM\0*', 'a TIFF file'],
  [0, '%PDF-', 'a PDF file'],
  [0, 'PK\x03\x04', 'a ZIP file'],
  [0, '\x1f\x8b', 'a gzip file'],
];

function kindOf(head: Uint8Array): string | null {
  const start = Buffer.from(head.subarray(0, 16)).toString('latin1');
  return namedKinds.find(([offset, bytes]) => start.startsWith(bytes, offset))?.[2] ?? null;
}

const wavKinds: readonly number[] = Object.values(wavEncodings);

function wavFacts(head: Uint8Array, sizeBytes: number): MediaFinding {
  const scan = scanWav(head, sizeBytes);
  if (!scan.ok) {
    return { unusable: scan.message };
  }
  return wavKinds.includes(scan.wav.encoding)
    ? { mediaType: 'audio/wav', traits: { audioSeconds: wavSecondsOf(scan.wav) } }
    : { unusable: `the WAV file holds encoding ${scan.wav.encoding}, not PCM, float, mu-law or A-law.` };
}

function flacFacts(head: Uint8Array): MediaFinding {
  const header = readFlacHeader(head);
  if (header === null || header.sampleRate === 0) {
    return { unusable: 'the FLAC file is damaged or ends within its header.' };
  }
  return header.samples === null
    ? { unusable: 'the FLAC file does not say how many samples it has.' }
    : { mediaType: 'audio/flac', traits: { audioSeconds: header.samples / header.sampleRate } };
}

function imageFacts(kind: 'JPEG' | 'PNG', scan: ImageSizeScan, headBytes: number, sizeBytes: number): MediaFinding {
  if ('missing' in scan) {
    const isWhole = headBytes >= sizeBytes;
    return {
      unusable:
        scan.missing === 'damaged'
          ? `the ${kind} file is damaged: its size does not stand where it must.`
          : isWhole
            ? `the ${kind} file ends after ${groupedDigits(sizeBytes)} bytes, before the size of the picture.`
            : `the ${kind} file does not give the size of the picture in its first ${groupedDigits(headBytes)} bytes.`,
    };
  }
  const { width, height } = scan.size;
  return width === 0 || height === 0
    ? { unusable: `the ${kind} file says that its picture is ${width} by ${height} pixels.` }
    : { mediaType: kind === 'JPEG' ? 'image/jpeg' : 'image/png', traits: { width, height, pixels: width * height } };
}

/** Control characters that no text holds; tab, line feed, form feed and carriage return are fine. */
function isControl(code: number): boolean {
  return code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13;
}

function textFacts(head: Uint8Array, sizeBytes: number): MediaFinding {
  const isWhole = head.length >= sizeBytes;
  const other = { unusable: `the file is none of ${known}.` };
  if (head.some(isControl)) {
    return other;
  }
  try {
    // A head may end within a character; a whole file may not.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole });
    return { mediaType: 'text/plain', traits: isWhole ? { characters: [...text].length } : {} };
  } catch {
    return other;
  }
}

/**
 * What the file of `sizeBytes` is that begins with `head`: its first `mediaHeadBytes`, or all if it is shorter.
 * Headers are checked against the size; what comes after them is not read, so a damaged middle is not noticed.
 */
export function mediaFactsOf(head: Uint8Array, sizeBytes: number): MediaFinding {
  if (sizeBytes === 0) {
    return { unusable: 'the file has 0 bytes.' };
  }
  if (isFlac(head)) {
    return flacFacts(head);
  }
  if (isJpeg(head)) {
    return imageFacts('JPEG', scanJpegSize(head), head.length, sizeBytes);
  }
  if (isPng(head)) {
    return imageFacts('PNG', scanPngSize(head), head.length, sizeBytes);
  }
  const kind = kindOf(head);
  if (kind !== null) {
    return { unusable: `the file is ${kind}; use ${known}.` };
  }
  return isWav(head) ? wavFacts(head, sizeBytes) : textFacts(head, sizeBytes);
}

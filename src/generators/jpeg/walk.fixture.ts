import { JpegBits } from '../../base/jpeg-bits.ts';
import { type JpegScan, readJpegHeader } from '../../base/jpeg-header.ts';

export interface WalkedJpeg {
  scan: JpegScan;
  /** Marker codes up to the start of the scan. */
  markers: number[];
  comments: string[];
  /** Coded bytes between the markers of the scan. */
  strips: Buffer[];
}

function fail(what: string): never {
  throw new Error(what);
}

/** Takes a JPEG apart marker by marker; throws at the first thing that is not as ITU-T T.81 wants it. */
export function walkJpeg(bytes: Buffer): WalkedJpeg {
  const scan = readJpegHeader(bytes) ?? fail('the header cannot be read');
  const markers: number[] = [];
  const comments: string[] = [];
  let at = 2;
  while (at < scan.start) {
    const length = bytes.readUInt16BE(at + 2);
    markers.push(bytes[at + 1] ?? 0);
    if (bytes[at + 1] === 0xfe) {
      comments.push(bytes.toString('latin1', at + 4, at + 2 + length));
    }
    at += 2 + length;
  }
  const strips: Buffer[] = [];
  for (let next = bytes.indexOf(0xff, at); next !== -1; next = bytes.indexOf(0xff, next + 2)) {
    const marker = bytes[next + 1];
    if (marker === 0) {
      continue;
    }
    strips.push(bytes.subarray(at, next));
    at = next + 2;
    if (marker === 0xd9) {
      break;
    }
    if (marker !== 0xd0 + ((strips.length - 1) & 7)) {
      fail(`restart marker ${strips.length - 1} is ${marker}`);
    }
  }
  if (at !== bytes.length || bytes[at - 1] !== 0xd9) {
    fail('the file does not end with its scan');
  }
  return { scan, markers, comments, strips };
}

/** Reads so many MCUs from a strip; throws unless they end within its last byte. */
export function readStrip(strip: Buffer, { components }: JpegScan, mcus: number): void {
  const bits = new JpegBits(Buffer.concat([strip, Buffer.of(0xff, 0xd0)]), 0);
  for (let mcu = 0; mcu < mcus; mcu += 1) {
    for (const { across, down, dc, ac } of components) {
      for (let block = 0; block < across * down; block += 1) {
        bits.value(bits.symbol(dc));
        let k = 1;
        while (k < 64) {
          const symbol = bits.symbol(ac);
          bits.value(symbol & 15);
          k = symbol === 0 ? 64 : k + 1 + (symbol >> 4);
        }
      }
    }
  }
  bits.restart();
  if (bits.ended) {
    fail(`a strip of ${strip.length} bytes does not hold ${mcus} MCUs`);
  }
}

export interface ImageSize {
  width: number;
  height: number;
}

/** `end` = the bytes ended before the size was found. */
export type ImageSizeScan = { size: ImageSize } | { missing: 'end' } | { missing: 'damaged' };

const jpegMarkerStart = 0xff;
/** Start of frame 0..15, less the three numbers that mean other things (ITU-T T.81, table B.1). */
function isFrameStart(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Markers that no length follows: restarts, start of image and TEM. */
function isBare(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

export function isJpeg(head: Uint8Array): boolean {
  return head[0] === jpegMarkerStart && head[1] === 0xd8 && head[2] === jpegMarkerStart;
}

/** Walks the segments up to the frame header, past thumbnails that lie within other segments. */
export function scanJpegSize(head: Uint8Array): ImageSizeScan {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let offset = 2;
  while (offset + 4 <= head.length) {
    const marker = view.getUint8(offset + 1);
    if (view.getUint8(offset) !== jpegMarkerStart || marker === 0xd9 || marker === 0xda) {
      return { missing: 'damaged' };
    }
    if (marker === jpegMarkerStart) {
      // Any number of fill bytes may stand before a marker.
      offset += 1;
    } else if (isBare(marker)) {
      offset += 2;
    } else if (!isFrameStart(marker)) {
      offset += 2 + view.getUint16(offset + 2);
    } else if (offset + 9 > head.length) {
      break;
    } else {
      return { size: { width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) } };
    }
  }
  return { missing: 'end' };
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function isPng(head: Uint8Array): boolean {
  return pngSignature.every((byte, index) => head[index] === byte);
}

/** The size stands in the first chunk (PNG 3rd edition, section 11.2.1). */
export function scanPngSize(head: Uint8Array): ImageSizeScan {
  if (head.length < 24) {
    return { missing: 'end' };
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const isHeader = view.getUint32(8) === 13 && view.getUint32(12) === 0x49484452;
  return isHeader ? { size: { width: view.getUint32(16), height: view.getUint32(20) } } : { missing: 'damaged' };
}

import { open } from 'node:fs/promises';
import { type ImageSize, isJpeg, isPng, scanJpegSize, scanPngSize } from '../../../base/image-size.ts';
import { mediaHeadBytes } from '../../../base/media-facts.ts';
import { RequestError } from '../../upload.ts';

/** Reads as little as it can: the size in the header of a JPEG or PNG. Throws `RequestError` on anything else. */
export async function imageSizeOf(path: string): Promise<ImageSize> {
  const file = await open(path, 'r');
  try {
    const { size: sizeBytes } = await file.stat();
    if (sizeBytes === 0) {
      throw new RequestError(400, 'empty_file', 'The file has 0 bytes.');
    }
    const head = Buffer.alloc(Math.min(sizeBytes, mediaHeadBytes));
    await file.read(head, 0, head.length, 0);
    if (!isJpeg(head) && !isPng(head)) {
      throw new RequestError(400, 'invalid_image', 'The file is neither JPEG nor PNG.');
    }
    const scan = isJpeg(head) ? scanJpegSize(head) : scanPngSize(head);
    if ('missing' in scan) {
      throw new RequestError(400, 'invalid_image', 'The file ends, or is damaged, before the size of its picture.');
    }
    if (scan.size.width === 0 || scan.size.height === 0) {
      throw new RequestError(400, 'invalid_image', 'The picture has no pixels.');
    }
    return scan.size;
  } finally {
    await file.close();
  }
}

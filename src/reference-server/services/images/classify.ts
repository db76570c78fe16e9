import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ImageSize } from '../../../base/image-size.ts';
import { sendJson } from '../../reply.ts';
import { RequestError, receiveUpload } from '../../upload.ts';
import { tensorBytes } from './decode-image.ts';
import { imageSizeOf } from './image-size-of.ts';
import type { ImagesState } from './images-state.ts';
import type { Sighting } from './workers/messages.ts';

const retryAfterS = '30';
const labelCount = 1000;

/** Decoded bytes of an image: three of pixels and twelve of float32 for each of its pixels. */
export function decodedBytes({ width, height }: ImageSize): number {
  return 3 * width * height + tensorBytes(width, height);
}

function checkSize(state: ImagesState, size: ImageSize): void {
  const { mostPixels } = state.settings;
  const megapixels = Math.round((size.width * size.height) / 1e5) / 10;
  if (size.width * size.height > mostPixels) {
    state.refused.add({ reason: 'pixels' });
    throw new RequestError(
      413,
      'too_many_pixels',
      `The image has ${megapixels} megapixels, and ${mostPixels / 1e6} are the most.`,
    );
  }
  if (decodedBytes(size) > state.budgetBytes) {
    state.refused.add({ reason: 'memory' });
    throw new RequestError(413, 'image_too_large', `${megapixels} megapixels need more memory than there is.`);
  }
}

/** Aborted when the client lets go before its reply is out. */
function clientSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const leave = (): void => gone.abort(new RequestError(499, 'client_gone', 'The client closed the connection.'));
  if (response.destroyed) {
    leave();
  }
  response.once('close', leave);
  return gone.signal;
}

async function look(state: ImagesState, path: string, signal: AbortSignal): Promise<Sighting> {
  const size = await imageSizeOf(path);
  checkSize(state, size);
  const giveBack = await state.admission.take(decodedBytes(size), signal);
  try {
    return await state.worker.look(path, decodedBytes(size), signal);
  } finally {
    giveBack();
  }
}

/** The label stands for what a model would say: the same identity has the same label everywhere. */
function labelOf(imageId: number | null): string {
  return imageId === null ? 'unknown' : `class-${imageId % labelCount}`;
}

/** `POST /v1/images/classify`. Throws `RequestError` for every reply that is no label. */
export async function handleClassify(
  state: ImagesState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (state.inFlight >= state.settings.mostInFlight) {
    state.refused.add({ reason: 'queue_full' });
    response.setHeader('Retry-After', retryAfterS);
    throw new RequestError(503, 'queue_full', `${state.settings.mostInFlight} images are in flight already.`);
  }
  state.inFlight += 1;
  try {
    const { file } = await receiveUpload(request, state.spool);
    try {
      const { imageId, width, height } = await look(state, file.path, clientSignal(response));
      state.seen.add();
      sendJson(response, 200, { image_id: imageId, width, height, label: labelOf(imageId) });
    } finally {
      await file.remove();
    }
  } finally {
    state.inFlight -= 1;
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../../reply.ts';
import { type Form, RequestError, receiveForm } from '../../upload.ts';
import { imageSizeOf } from '../images/image-size-of.ts';
import { parseEntries, type WantedModel } from './entries.ts';
import type { ModelCacheState } from './model-cache-state.ts';
import { modelKindOf } from './models.ts';
import { replyOf } from './reply-of.ts';

const retryAfterS = '30';

/** Aborted when the client lets go before its reply is out. */
function clientSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  if (response.destroyed) {
    leave();
  }
  response.once('close', leave);
  return gone.signal;
}

function checkInput(models: readonly WantedModel[], { file, fields }: Form): void {
  const needs = new Set(models.map(({ task, type }) => modelKindOf(task, type)?.needs));
  if ((needs.has('image') && file === null) || (needs.has('text') && fields.get('text') === undefined)) {
    throw new RequestError(400, 'no_input', 'The form lacks the field "image" or "text" that its models need.');
  }
}

/** A strip scaled to the models' short side would be a picture of gigapixels. */
async function checkImage(path: string, models: readonly WantedModel[], mostPixels: number): Promise<void> {
  const size = await imageSizeOf(path);
  const inputs = models.map(({ task, type }) => modelKindOf(task, type)?.inputOf(size) ?? size);
  for (const { width, height } of [size, ...inputs]) {
    if (width * height > mostPixels) {
      throw new RequestError(
        413,
        'too_many_pixels',
        `The image, or what it is scaled to, has ${width} x ${height} pixels; ${mostPixels / 1e6} megapixels are the most.`,
      );
    }
  }
}

async function predict(state: ModelCacheState, form: Form, response: ServerResponse): Promise<object> {
  const models = parseEntries(form.fields.get('entries'));
  checkInput(models, form);
  const path = models.some(({ task, type }) => modelKindOf(task, type)?.needs === 'image') ? form.file?.path : null;
  if (path !== null && path !== undefined) {
    await checkImage(path, models, state.settings.mostPixels);
  }
  const sighting = await state.holder.predict(models, path ?? null, clientSignal(response));
  return replyOf(models, sighting, form.fields.get('text') ?? '');
}

/** `POST /predict`. Throws `RequestError` for every reply that is no prediction. */
export async function handlePredict(
  state: ModelCacheState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (state.inFlight >= state.settings.mostInFlight) {
    response.setHeader('Retry-After', retryAfterS);
    throw new RequestError(503, 'queue_full', `${state.settings.mostInFlight} predictions are in flight already.`);
  }
  state.inFlight += 1;
  try {
    const form = await receiveForm(request, state.spool, 'image');
    try {
      const reply = await predict(state, form, response);
      state.predictions.add({ status: '200' });
      sendJson(response, 200, reply);
    } finally {
      await form.file?.remove();
    }
  } catch (error) {
    state.predictions.add({ status: error instanceof RequestError ? String(error.status) : '500' });
    throw error;
  } finally {
    state.inFlight -= 1;
  }
}

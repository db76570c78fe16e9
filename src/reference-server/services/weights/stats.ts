import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJsonObject, readJsonText } from '../../json-body.ts';
import { sendJson } from '../../reply.ts';
import { RequestError } from '../../upload.ts';
import type { LockKind } from './lock.ts';
import type { WeightsState } from './weights-state.ts';

/** A client that leaves must not stay in the line. */
async function underLock(
  state: WeightsState,
  kind: LockKind,
  response: ServerResponse,
  answer: () => object,
): Promise<void> {
  const abort = new AbortController();
  const leave = (): void => abort.abort();
  response.once('close', leave);
  try {
    const giveBack = await state.lock.acquire(kind, abort.signal);
    const value = answer();
    giveBack();
    sendJson(response, 200, value);
  } catch (error: unknown) {
    if (!abort.signal.aborted) {
      throw error;
    }
  } finally {
    response.removeListener('close', leave);
  }
}

/** `GET /v1/stats`: a light route that needs the lock of the model. */
export function handleStats(state: WeightsState, response: ServerResponse): Promise<void> {
  const { shape, weightsBytes } = state.settings;
  return underLock(state, state.readerLock, response, () => ({
    model: { layers: shape.layers, hidden: shape.hidden, vocabulary: shape.vocabulary, bits: shape.bits },
    weights: { loaded: state.store.isLoaded, bytes: weightsBytes },
    patches: state.patches,
    calls: state.permits.taken(),
  }));
}

/** `POST /v1/patches/apply` `{"patch": "name"}`: changes the model, so it needs its lock alone. */
export async function handlePatch(
  state: WeightsState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { patch } = parseJsonObject(await readJsonText(request));
  if (typeof patch !== 'string' || patch === '') {
    throw new RequestError(400, 'no_patch', 'The field "patch" must be a text that is not empty.');
  }
  await underLock(state, 'write', response, () => {
    state.patches += 1;
    return { patch, applied: state.patches };
  });
}

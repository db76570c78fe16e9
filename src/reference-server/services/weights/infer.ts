import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJsonText } from '../../json-body.ts';
import { sendJson } from '../../reply.ts';
import { RequestError } from '../../upload.ts';
import { type InferRequest, parseInferRequest } from './infer-request.ts';
import { estimatedTokens, predictionsFor, workRatio } from './predictions.ts';
import type { WeightsState } from './weights-state.ts';

/** Blocking threads of the incident's runtime: the only bound on work whose permit is gone. */
const mostWorks = 512;

const retryAfterS = '1';

type End = { type: 'done' } | { type: 'failed'; error: unknown } | { type: 'timed-out' } | { type: 'gone' };

function refuseFull(state: WeightsState, response: ServerResponse, reason: 'permits' | 'threads'): never {
  state.refused.add({ reason });
  response.setHeader('Retry-After', retryAfterS);
  throw new RequestError(503, 'too_many_calls', `All ${reason} are taken.`);
}

async function pass(state: WeightsState, { prompt, mode }: InferRequest, signal: AbortSignal): Promise<void> {
  const { forwardMs, forwardMsPerToken, requestBytes } = state.settings;
  await state.store.ensure();
  const giveBack = await state.lock.acquire(state.readerLock, signal);
  try {
    const durationMs = (forwardMs + forwardMsPerToken * estimatedTokens(prompt)) * workRatio(mode);
    if (!(await state.processor.run({ durationMs, bytes: requestBytes, signal }))) {
      throw new RequestError(503, 'stopped', 'The forward pass was stopped.');
    }
    await state.replicas.look(prompt);
    await state.scratch?.use();
  } finally {
    giveBack();
  }
}

/** What comes first: the end of the work, the timeout, or the client that leaves. */
function firstEnd(work: Promise<void>, timeoutMs: number | null, response: ServerResponse): Promise<End> {
  return new Promise((resolve) => {
    const leave = (): void => end({ type: 'gone' });
    const timer = timeoutMs === null ? null : setTimeout(() => end({ type: 'timed-out' }), timeoutMs);
    const end = (how: End): void => {
      clearTimeout(timer ?? undefined);
      response.removeListener('close', leave);
      resolve(how);
    };
    response.once('close', leave);
    work.then(
      () => end({ type: 'done' }),
      (error: unknown) => end({ type: 'failed', error }),
    );
    if (response.destroyed) {
      leave();
    }
  });
}

/** Runs the work under a permit. With the fault, permit and answer part from the work at the timeout. */
async function runUnderPermit(state: WeightsState, asked: InferRequest, response: ServerResponse): Promise<End> {
  const giveBack = state.permits.take() ?? refuseFull(state, response, 'permits');
  if (state.works.size >= mostWorks) {
    giveBack();
    refuseFull(state, response, 'threads');
  }
  const abort = new AbortController();
  const work = { isAnswered: false };
  state.works.add(work);
  const running = pass(state, asked, abort.signal).finally(() => state.works.delete(work));
  const end = await firstEnd(running, state.settings.timeoutMs, response);
  work.isAnswered = true;
  if (state.settings.cancels) {
    abort.abort();
    // Settled already, unless the answer came before the end of the work.
    void running.then(giveBack, giveBack);
  } else {
    giveBack();
  }
  return end;
}

/** `POST /v1/infer`. */
export async function handleInfer(
  state: WeightsState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = performance.now();
  const asked = parseInferRequest(await readJsonText(request));
  const end = await runUnderPermit(state, asked, response);
  const { prompt, mode, top } = asked;
  switch (end.type) {
    case 'done':
      sendJson(response, 200, {
        prompt,
        predictions: predictionsFor(prompt, top),
        mode,
        latency_ms: Math.round((performance.now() - startedMs) * 10) / 10,
      });
      return;
    case 'failed':
      throw end.error;
    case 'timed-out':
      state.timedOut.add();
      throw new RequestError(504, 'timeout_error', 'The call took longer than its timeout.');
    case 'gone':
      return;
  }
}

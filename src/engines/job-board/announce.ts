import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { contentLength, writeBody } from '../../base/body-stream.ts';
import { BenchError, messageOf } from '../../base/errors.ts';
import type { WireRequest } from '../../model/adapter.ts';
import type { EngineContext } from '../../model/engine.ts';

const mostWaitMs = 10_000;
const hint = 'If the worker is told by its own configuration where we are, do not announce us.';

function call({ url, headers, tlsAuthorities }: EngineContext, wire: WireRequest, signal: AbortSignal) {
  const isTls = url.protocol === 'https:';
  const path = url.pathname.replace(/\/+$/, '') + wire.path;
  const own = { 'content-length': String(contentLength(wire.segments)) };
  return (isTls ? httpsRequest : httpRequest)(new URL(path, url), {
    method: wire.method,
    headers: { ...wire.headers, ...headers, ...own },
    agent: false,
    signal,
    ...(isTls && tlsAuthorities !== null ? { ca: [...rootCertificates, tlsAuthorities] } : {}),
  });
}

/** Tells the target where we are. Throws TARGET_UNREACHABLE if it does not say yes. */
export async function announce(context: EngineContext, wire: WireRequest, stopping: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(mostWaitMs)]);
  const request = call(context, wire, signal);
  const status = await new Promise<number>((resolve, reject) => {
    request.on('error', (cause) => {
      const message = `The target could not be told where the jobs are: ${messageOf(cause)}.`;
      reject(new BenchError('TARGET_UNREACHABLE', message, { hint, cause }));
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    writeBody(request, wire.segments, { signal, onProgress: () => undefined }).then(() => request.end(), reject);
  });
  if (status < 200 || status > 299) {
    const message = `The target answered ${status} to ${wire.method} ${wire.path}, which tells it where the jobs are.`;
    throw new BenchError('TARGET_UNREACHABLE', message, {
      hint: status === 409 ? 'It pulls from another place already: start it anew.' : hint,
    });
  }
}

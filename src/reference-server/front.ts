import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../base/errors.ts';
import { sendJson } from './reply.ts';
import { handleHealth } from './routes/health.ts';
import { handleMetrics } from './routes/metrics.ts';
import { handleTranscription } from './routes/transcriptions.ts';
import type { ServerState } from './server-state.ts';
import { RequestError } from './upload.ts';

/** Longer than a client's pause between two requests, so that a reused socket is seldom a dead one. */
const keepAliveMs = 65_000;

/** A clip may be uploaded slowly for as long as its client waits. */
const uploadLimitMs = 30 * 60_000;

type Handler = (state: ServerState, request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const routes: readonly { path: string; methods: readonly string[]; handle: Handler }[] = [
  { path: '/v1/audio/transcriptions', methods: ['POST'], handle: handleTranscription },
  { path: '/health', methods: ['GET', 'HEAD'], handle: (state, _request, response) => handleHealth(state, response) },
  { path: '/metrics', methods: ['GET'], handle: (state, _request, response) => handleMetrics(state, response) },
];

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known =
    error instanceof RequestError
      ? error
      : new RequestError(500, 'internal_error', `The server failed: ${messageOf(error)}`);
  if (!request.complete && !request.destroyed) {
    // The rest of the body is read and dropped: a client in mid-upload would else see a reset, not the reply.
    response.setHeader('Connection', 'close');
    request.unpipe();
    request.resume();
  }
  sendJson(response, known.status, { error: { message: known.message, code: known.code } });
}

async function answer(state: ServerState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const route = routes.find((candidate) => candidate.path === path);
  try {
    if (route === undefined) {
      throw new RequestError(404, 'not_found', `There is nothing at ${path}.`);
    }
    if (!route.methods.includes(request.method ?? '')) {
      throw new RequestError(405, 'method_not_allowed', `${path} takes ${route.methods.join(' or ')}.`);
    }
    await route.handle(state, request, response);
  } catch (error) {
    refuse(request, response, error);
  }
  // A client that left before any reply was out counts as 499, and unknown paths as one row.
  const status = response.headersSent ? response.statusCode : 499;
  state.counters.requests.add({
    endpoint: route?.path ?? 'other',
    method: request.method ?? '',
    status: String(status),
  });
}

export function createFront(state: ServerState): Server {
  const server = createServer({ requestTimeout: uploadLimitMs, keepAliveTimeout: keepAliveMs }, (request, response) => {
    request.on('error', () => request.destroy());
    void answer(state, request, response);
  });
  return server;
}

/** Resolves to the port once it listens. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

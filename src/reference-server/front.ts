import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../base/errors.ts';
import { isLoopbackAddress, isLoopbackAuthority } from '../base/loopback.ts';
import type { FrontState } from './front-state.ts';
import { sendJson } from './reply.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import type { Route } from './service.ts';
import { RequestError } from './upload.ts';

/** Longer than a client's pause between two requests, so that a reused socket is seldom a dead one. */
const keepAliveMs = 65_000;

/** A clip may be uploaded slowly for as long as its client waits. */
const uploadLimitMs = 30 * 60_000;

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

async function answer(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<string> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const route = routes.find((candidate) => candidate.path === path);
  try {
    if (route === undefined) {
      throw new RequestError(404, 'not_found', `There is nothing at ${path}.`);
    }
    if (!route.methods.includes(request.method ?? '')) {
      throw new RequestError(405, 'method_not_allowed', `${path} takes ${route.methods.join(' or ')}.`);
    }
    await route.handle(request, response);
  } catch (error) {
    refuse(request, response, error);
  }
  // Unknown paths count as one row: a scanner must not fill the memory with label sets.
  return route?.path ?? 'other';
}

/**
 * On loopback nobody is asked who they are, and /execute runs what it is sent: a page in a browser must not get in by
 * a name of its own that leads here. A client of HTTP/1.0, which no browser is, may name nobody.
 */
function isForeign(server: Server, { headers }: IncomingMessage): boolean {
  const bound = server.address();
  const isHere = bound !== null && typeof bound === 'object' && isLoopbackAddress(bound.address);
  return isHere && headers.host !== undefined && !isLoopbackAuthority(headers.host);
}

/** As uvicorn counts: open connections, the one that asks and idle ones included. */
function isFull(server: Server, limit: number | null): Promise<boolean> {
  return limit === null
    ? Promise.resolve(false)
    : new Promise((resolve) => server.getConnections((error, count) => resolve(error === null && count >= limit)));
}

export function createFront(state: FrontState): Server {
  const routes = [...state.services.flatMap((service) => service.routes), ...healthRoutes(state), metricsRoute(state)];
  const limits = state.services.flatMap(({ connectionLimit }) => connectionLimit ?? []);
  const limit = limits.length === 0 ? null : Math.min(...limits);
  const options = { requestTimeout: uploadLimitMs, keepAliveTimeout: keepAliveMs };
  const answerCounted = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let endpoint = 'any';
    if (isForeign(server, request)) {
      refuse(request, response, new RequestError(403, 'foreign_host', 'The Host header names another machine.'));
    } else if (await isFull(server, limit)) {
      refuse(request, response, new RequestError(503, 'connection_limit', 'Too many connections are open.'));
    } else {
      endpoint = await answer(routes, request, response);
    }
    // A client that left before any reply was out counts as 499.
    const status = response.headersSent ? response.statusCode : 499;
    state.requests.add({ endpoint, method: request.method ?? '', status: String(status) });
  };
  const server = createServer(options, (request, response) => {
    request.on('error', () => request.destroy());
    void answerCounted(request, response);
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

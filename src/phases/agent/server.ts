import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { BenchError, messageOf, systemCodeOf } from '../../base/errors.ts';
import { assertGuarded, denied } from './access.ts';
import { parseInterval, parseOrder, parseTick } from './order.ts';
import type { AgentSession } from './session.ts';
import { AgentSessions, type Reply, refusal, type SessionOptions } from './sessions.ts';

export const agentProtocol = 1;
const largestBodyBytes = 64 * 1024;
const largestHeaderBytes = 8 * 1024;
const mostConnections = 32;

export interface AgentServerOptions extends SessionOptions {
  /** An address of this machine; one that is not loopback needs a token. */
  host: string;
  port: number;
  token: string | null;
  tls: { cert: string; key: string } | null;
  heartbeatMs?: number;
}

export interface AgentServer {
  host: string;
  port: number;
  close(): Promise<void>;
}

function answer(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // A body that was not read to its end would be taken for the next request.
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(text);
}

/** null if it is larger than any of ours. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > largestBodyBytes) {
    return null;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) {
      return null;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A number of a line as the query gives it; anything else is 0, the beginning. */
function seqIn(query: URLSearchParams): number {
  const text = query.get('after') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

async function act(session: AgentSession, action: string, body: string): Promise<Reply> {
  session.touch(0);
  switch (action) {
    case 'tick': {
      const tick = parseTick(body);
      if ('refused' in tick) {
        return refusal(400, tick.refused);
      }
      session.setTick(tick.value);
      return { status: 200, body: {} };
    }
    case 'interval': {
      const interval = parseInterval(body);
      if ('refused' in interval) {
        return refusal(400, interval.refused);
      }
      session.setIntervalMs(interval.value.intervalMs);
      return { status: 200, body: {} };
    }
    default: {
      const summary = await session.stop();
      return { status: 200, body: { summary, lastSeq: session.lastSeq } };
    }
  }
}

function openStream(response: ServerResponse, session: AgentSession, afterSeq: number): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  session.attach(response, afterSeq);
}

const wrongMethod = refusal(405, 'this path takes another method');

/** GET: what is read without a body. null: the response is a stream and stays open. */
function get(url: URL, sessions: AgentSessions, response: ServerResponse): Reply | null {
  const agentNs = String(process.hrtime.bigint());
  const streamed = /^\/v1\/sessions\/([^/]+)\/stream$/.exec(url.pathname)?.[1];
  if (streamed !== undefined) {
    const session = sessions.get(streamed);
    if (session === null) {
      return refusal(404, 'no such session');
    }
    openStream(response, session, seqIn(url.searchParams));
    return null;
  }
  switch (url.pathname) {
    case '/v1/clock':
      sessions.get(url.searchParams.get('session') ?? '')?.touch(seqIn(url.searchParams));
      return { status: 200, body: { monotonicNs: agentNs } };
    case '/v1/health':
      return { status: 200, body: { agent: 'headroom', protocol: agentProtocol, sessions: sessions.count } };
    default:
      return refusal(404, 'no such path');
  }
}

async function post(request: IncomingMessage, url: URL, sessions: AgentSessions): Promise<Reply> {
  // A page of another origin can send anything but this type without being asked for leave first.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return refusal(415, 'the body is not application/json');
  }
  const body = await readBody(request);
  if (body === null) {
    return refusal(413, `the body is larger than ${largestBodyBytes} bytes`);
  }
  if (url.pathname === '/v1/sessions') {
    const order = parseOrder(body);
    return 'refused' in order ? refusal(400, order.refused) : sessions.create(order.value, request.socket);
  }
  const [, id, action] = /^\/v1\/sessions\/([^/]+)\/(tick|interval|stop)$/.exec(url.pathname) ?? [];
  if (id === undefined || action === undefined) {
    return refusal(404, 'no such path');
  }
  const session = sessions.get(id);
  return session === null ? refusal(404, 'no such session') : act(session, action, body);
}

async function serve(request: IncomingMessage, response: ServerResponse, sessions: AgentSessions): Promise<void> {
  const path = `http://agent${request.url ?? '/'}`;
  if (!URL.canParse(path)) {
    answer(response, refusal(404, 'no such path'));
    return;
  }
  const url = new URL(path);
  const deleted = /^\/v1\/sessions\/([^/]+)$/.exec(url.pathname)?.[1];
  let reply: Reply | null = wrongMethod;
  if (request.method === 'GET') {
    reply = get(url, sessions, response);
  } else if (request.method === 'POST') {
    reply = await post(request, url, sessions);
  } else if (request.method === 'DELETE' && deleted !== undefined) {
    await sessions.remove(deleted);
    reply = { status: 200, body: {} };
  }
  if (reply !== null) {
    answer(response, reply);
  }
}

function createServer({ tls }: AgentServerOptions): Server {
  const limits = {
    maxHeaderSize: largestHeaderBytes,
    headersTimeout: 5000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 2000,
    keepAliveTimeout: 15_000,
  };
  if (tls === null) {
    return createHttpServer(limits);
  }
  try {
    return createHttpsServer({ ...limits, ...tls, handshakeTimeout: 5000 });
  } catch (error: unknown) {
    throw new BenchError('USAGE', `The certificate or its key cannot be used: ${messageOf(error)}.`, {
      hint: 'Both are PEM files, and belong together.',
      cause: error,
    });
  }
}

/**
 * order -> checked -> sampler child -> ring -> stream of lines -> client
 *
 * The child stamps times of this machine; the client asks for the clock and joins the two.
 * Throws USAGE if anybody could use the agent, or it cannot listen there.
 */
export async function startAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  assertGuarded(options.host, options.token);
  const sessions = new AgentSessions(options);
  const server = createServer(options);
  server.maxConnections = mostConnections;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refused = denied(request, options.token);
    if (refused !== null) {
      answer(response, refusal(refused.status, refused.message));
      return;
    }
    serve(request, response, sessions).catch(() => {
      // The client went away while it spoke; what it had begun ends by its silence.
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const why = systemCodeOf(error) ?? error.message;
      reject(
        new BenchError('USAGE', `The agent cannot listen on ${options.host}:${options.port}: ${why}.`, {
          hint: 'Name a free port and an address of this machine.',
          cause: error,
        }),
      );
    });
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  const beat = setInterval(() => sessions.beat(), options.heartbeatMs ?? 1000);
  const bound = server.address();
  return {
    host: options.host,
    port: bound === null || typeof bound === 'string' ? options.port : bound.port,
    async close() {
      clearInterval(beat);
      await sessions.close();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

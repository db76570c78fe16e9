import https from 'node:https';
import { type Exchange, type ExchangeHandlers, plainExchange } from './plain-exchange.ts';

export interface GetResult {
  /** null: no answer within the time, or no connection. */
  status: number | null;
  /** From connecting to the end; null without a whole answer in time. */
  rttMs: number | null;
  /** As much as came, at most the limit; null without an answer. */
  body: string | null;
  /** `large`: cut at the limit. `late`: cut at the timeout, or the connection broke. */
  cut: 'no' | 'large' | 'late';
}

/** One GET at a time that nobody waits for: what it brought is taken at a later tick. */
export interface BackgroundGet {
  /** Starts one unless one is under way. */
  fire(): void;
  /** What has ended since the last call, or null. Lets go of one that is older than its time. */
  take(): GetResult | null;
  close(): void;
}

interface Pending {
  exchange: Exchange | null;
  startedMs: number;
  status: number | null;
  chunks: Buffer[];
  lengthBytes: number;
}

function resultOf({ status, chunks, startedMs }: Pending, cut: GetResult['cut']): GetResult {
  return {
    status,
    rttMs: status === null || cut === 'late' ? null : performance.now() - startedMs,
    body: status === null ? null : Buffer.concat(chunks).toString('utf8'),
    cut,
  };
}

const secureAgent = new https.Agent({ keepAlive: false });

function secureExchange(url: URL, handlers: ExchangeHandlers): Exchange {
  const request = https.get(url, { agent: secureAgent });
  request.on('response', (response) => {
    handlers.status(response.statusCode ?? 0);
    response.on('data', (chunk: Buffer) => {
      handlers.data(chunk);
    });
    response.on('end', () => {
      handlers.end();
    });
    response.on('error', () => {
      handlers.error();
    });
  });
  request.on('error', () => {
    handlers.error();
  });
  request.on('close', () => {
    handlers.close();
  });
  return request;
}

/**
 * A new connection each time: a reset idle socket would look like a server that is down. What is too large or takes
 * too long is let go, and its connection with it, so that no page costs more than the limit and the timeout.
 */
export function backgroundGet(url: URL, options: { timeoutMs: number; bodyLimitBytes: number }): BackgroundGet {
  const exchangeOver = url.protocol === 'https:' ? secureExchange : plainExchange;
  let pending: Pending | null = null;
  let finished: GetResult | null = null;

  const settle = (ended: Pending, cut: GetResult['cut']): void => {
    if (pending === ended) {
      pending = null;
      finished = resultOf(ended, cut);
      if (cut !== 'no') {
        ended.exchange?.destroy();
      }
    }
  };
  const handlersOf = (current: Pending, timer: NodeJS.Timeout): ExchangeHandlers => ({
    status(code) {
      current.status = code;
    },
    data(chunk) {
      const room = options.bodyLimitBytes - current.lengthBytes;
      current.lengthBytes += chunk.length;
      if (room > 0) {
        current.chunks.push(chunk.subarray(0, room));
      }
      if (chunk.length > room) {
        settle(current, 'large');
      }
    },
    end() {
      settle(current, 'no');
    },
    error() {
      settle(current, 'late');
    },
    close() {
      clearTimeout(timer);
      settle(current, 'late');
    },
  });

  return {
    fire() {
      if (pending !== null) {
        return;
      }
      const current: Pending = {
        exchange: null,
        startedMs: performance.now(),
        status: null,
        chunks: [],
        lengthBytes: 0,
      };
      pending = current;
      // A timer of its own, since the socket's idle timeout starts anew with every byte.
      const timer = setTimeout(() => {
        settle(current, 'late');
      }, options.timeoutMs);
      current.exchange = exchangeOver(url, handlersOf(current, timer));
    },
    take() {
      if (pending !== null && performance.now() - pending.startedMs > options.timeoutMs) {
        settle(pending, 'late');
      }
      const result = finished;
      finished = null;
      return result;
    },
    close() {
      pending?.exchange?.destroy();
    },
  };
}

import http from 'node:http';
import https from 'node:https';

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
  request: http.ClientRequest;
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

/**
 * A new connection each time: a reset idle socket would look like a server that is down. What is too large or takes
 * too long is let go, and its connection with it, so that no page costs more than the limit and the timeout.
 */
export function backgroundGet(url: URL, options: { timeoutMs: number; bodyLimitBytes: number }): BackgroundGet {
  const secure = url.protocol === 'https:';
  const agent = secure ? new https.Agent({ keepAlive: false }) : new http.Agent({ keepAlive: false });
  let pending: Pending | null = null;
  let finished: GetResult | null = null;

  const settle = (ended: Pending, cut: GetResult['cut']): void => {
    if (pending === ended) {
      pending = null;
      finished = resultOf(ended, cut);
      if (cut !== 'no') {
        ended.request.destroy();
      }
    }
  };
  const receive = (current: Pending, response: http.IncomingMessage): void => {
    current.status = response.statusCode ?? null;
    response.on('data', (chunk: Buffer) => {
      const room = options.bodyLimitBytes - current.lengthBytes;
      current.lengthBytes += chunk.length;
      if (room > 0) {
        current.chunks.push(chunk.subarray(0, room));
      }
      if (chunk.length > room) {
        settle(current, 'large');
      }
    });
    response.on('end', () => {
      settle(current, 'no');
    });
    response.on('error', () => {
      settle(current, 'late');
    });
  };
  const fire = (): void => {
    if (pending !== null) {
      return;
    }
    const request = (secure ? https : http).get(url, { agent });
    const current: Pending = { request, startedMs: performance.now(), status: null, chunks: [], lengthBytes: 0 };
    pending = current;
    request.on('response', (response) => {
      receive(current, response);
    });
    request.on('error', () => {
      settle(current, 'late');
    });
    // A timer of its own, since the socket's idle timeout starts anew with every byte.
    const timer = setTimeout(() => {
      settle(current, 'late');
    }, options.timeoutMs);
    request.on('close', () => {
      clearTimeout(timer);
      settle(current, 'late');
    });
  };

  return {
    fire,
    take() {
      if (pending !== null && performance.now() - pending.startedMs > options.timeoutMs) {
        settle(pending, 'late');
      }
      const result = finished;
      finished = null;
      return result;
    },
    close() {
      pending?.request.destroy();
      agent.destroy();
    },
  };
}

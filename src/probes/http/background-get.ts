import http from 'node:http';
import https from 'node:https';

export interface GetResult {
  /** null: no answer within the time, or no connection. */
  status: number | null;
  rttMs: number | null;
  body: string | null;
}

/** One GET at a time that nobody waits for: what it brought is taken at a later tick. */
export interface BackgroundGet {
  /** Starts one unless one is under way. */
  fire(): void;
  /** What has ended since the last call, or null. Lets go of one that is older than its time. */
  take(): GetResult | null;
  close(): void;
}

const noAnswer: GetResult = { status: null, rttMs: null, body: null };

/** A new connection each time: a reset idle socket would look like a server that is down. */
export function backgroundGet(url: URL, options: { timeoutMs: number; bodyLimitBytes: number }): BackgroundGet {
  const secure = url.protocol === 'https:';
  const agent = secure ? new https.Agent({ keepAlive: false }) : new http.Agent({ keepAlive: false });
  let pending: { request: http.ClientRequest; startedMs: number } | null = null;
  let finished: GetResult | null = null;

  const settle = (request: http.ClientRequest, result: GetResult): void => {
    if (pending?.request === request) {
      pending = null;
      finished = result;
    }
  };
  const fire = (): void => {
    if (pending !== null) {
      return;
    }
    const startedMs = performance.now();
    const request = (secure ? https : http).get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      let lengthBytes = 0;
      response.on('data', (chunk: Buffer) => {
        lengthBytes += chunk.length;
        if (lengthBytes <= options.bodyLimitBytes) {
          chunks.push(chunk);
        }
      });
      response.on('end', () => {
        settle(request, {
          status: response.statusCode ?? null,
          rttMs: performance.now() - startedMs,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
      response.on('error', () => {
        settle(request, noAnswer);
      });
    });
    request.on('error', () => {
      settle(request, noAnswer);
    });
    // A timer of its own, since the socket's idle timeout starts anew with every byte.
    const timer = setTimeout(() => {
      settle(request, noAnswer);
      request.destroy();
    }, options.timeoutMs);
    request.on('close', () => {
      clearTimeout(timer);
      settle(request, noAnswer);
    });
    pending = { request, startedMs };
  };

  return {
    fire,
    take() {
      if (pending !== null && performance.now() - pending.startedMs > options.timeoutMs) {
        const { request } = pending;
        settle(request, noAnswer);
        request.destroy();
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

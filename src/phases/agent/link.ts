import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf, systemCodeOf } from '../../base/errors.ts';

/** Where an agent listens, and what it takes to be let in. */
export interface AgentAddress {
  url: URL;
  token: string | null;
  /** PEM of the authority that signed its certificate; null: those that Node knows. */
  ca: string | null;
}

export interface AgentReply {
  status: number;
  /** null if the body was no JSON. */
  body: unknown;
}

export interface AgentCall {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** How a stream came to its end; `status` null: no answer, or it broke off. */
export interface StreamEnd {
  status: number | null;
  why: string;
}

const largestReplyBytes = 1024 ** 2;
/** Of the time without a byte, the part that follows a first look. */
const graceShare = 1 / 6;

/** The system's code says more than a message such as "socket hang up". */
export function networkReason(error: unknown): string {
  return systemCodeOf(error) ?? messageOf(error);
}

/**
 * The connections to one agent: one for the clock, so that no answer waits behind another one,
 * one for all that is asked in order, and one for each stream.
 */
export class AgentLink {
  readonly #address: AgentAddress;
  #clock: HttpAgent;
  #control: HttpAgent;

  constructor(address: AgentAddress) {
    this.#address = address;
    this.#clock = this.#keptConnection();
    this.#control = this.#keptConnection();
  }

  /** On the clock's own connection. Rejects if there is no whole answer in time. */
  clock(call: AgentCall): Promise<AgentReply> {
    return this.#call(call, this.#clock);
  }

  control(call: AgentCall): Promise<AgentReply> {
    return this.#call(call, this.#control);
  }

  /** The connections were cut: the next question opens a new one instead of waiting for the old. */
  renew(): void {
    this.close();
    this.#clock = this.#keptConnection();
    this.#control = this.#keptConnection();
  }

  /** Never rejects. TCP finds a dead link after minutes; one without a byte for `quietMs` is dead here. */
  stream(
    path: string,
    options: { quietMs: number; signal: AbortSignal; onBytes(chunk: Buffer): void },
  ): Promise<StreamEnd> {
    return new Promise((resolve) => {
      const request = this.#request({ method: 'GET', path, signal: options.signal });
      let received = 0;
      let grace: NodeJS.Timeout | undefined;
      const quiet = setTimeout(
        () => {
          const before = received;
          // If it was us who were busy for so long, the bytes lie there and are read in the time that is left.
          grace = setTimeout(() => {
            if (received === before) {
              request.destroy(new Error(`no byte for ${options.quietMs} ms`));
            }
          }, options.quietMs * graceShare);
        },
        options.quietMs * (1 - graceShare),
      );
      const end = (status: number | null, why: string): void => {
        clearTimeout(quiet);
        clearTimeout(grace);
        resolve({ status, why });
      };
      request.on('error', (error) => end(null, networkReason(error)));
      request.on('response', (response) => {
        const { statusCode = 0 } = response;
        if (statusCode !== 200) {
          end(statusCode, `status ${statusCode}`);
          request.destroy();
          return;
        }
        response.on('data', (chunk: Buffer) => {
          quiet.refresh();
          received += chunk.length;
          options.onBytes(chunk);
        });
        response.on('error', (error) => end(null, networkReason(error)));
        response.on('close', () => end(null, 'the stream ended'));
      });
      request.end();
    });
  }

  close(): void {
    this.#clock.destroy();
    this.#control.destroy();
  }

  #keptConnection(): HttpAgent {
    const options = { keepAlive: true, maxSockets: 1 };
    return this.#address.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  #request(options: RequestOptions & { path: string }): ClientRequest {
    const { url, token, ca } = this.#address;
    const isSecure = url.protocol === 'https:';
    const send = isSecure ? httpsRequest : httpRequest;
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    return send(new URL(options.path, url), {
      agent: false,
      ...options,
      headers: { ...headers, ...options.headers },
      ...(isSecure && ca !== null ? { ca } : {}),
    });
  }

  #call({ method, path, body, timeoutMs, signal }: AgentCall, agent: HttpAgent): Promise<AgentReply> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers =
      method === 'POST' ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {};
    return new Promise((resolve, reject) => {
      const request = this.#request({ method, path, headers, agent, ...(signal === undefined ? {} : { signal }) });
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(messageOf(error)));
      };
      request.on('error', fail);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes > largestReplyBytes) {
            request.destroy(new Error('the answer is too large'));
          }
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(chunks)) });
        });
      });
      request.end(text);
    });
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

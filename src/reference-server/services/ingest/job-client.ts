import { Agent, request as httpRequest } from 'node:http';
import type { Task } from './workers/messages.ts';

/** What one image gave, in the job API's shape. */
export type TaskResult = { reply_subject: string; result: Readonly<Record<string, unknown>> };

export interface JobClient {
  /** Ids of jobs with tasks left, in the server's order. */
  jobs(): Promise<number[]>;
  take(jobId: number, tasks: number): Promise<Task[]>;
  post(jobId: number, results: readonly TaskResult[]): Promise<void>;
  close(): void;
}

const jobsTimeoutMs = 30_000;
const postTimeoutMs = 60_000;
const maxReplyBytes = 16 * 1024 ** 2;

/** The pipelines that it says it can run; a coordinator may have jobs for others. */
export const pipelineSlug = 'headroom';

interface Call {
  method: 'GET' | 'POST';
  body: object | null;
  timeoutMs: number;
}

function callJson(url: URL, token: string, agent: Agent, { method, body, timeoutMs }: Call): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = body === null ? null : JSON.stringify(body);
    const headers = {
      authorization: `Token ${token}`,
      accept: 'application/json',
      ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const call = httpRequest(url, { method, headers, agent, signal: AbortSignal.timeout(timeoutMs) });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxReplyBytes) {
          call.destroy(new Error(`the reply of ${url.pathname} is larger than ${maxReplyBytes} bytes`));
        }
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status < 200 || status > 299) {
          reject(new Error(`${method} ${url.pathname} was answered ${status}`));
          return;
        }
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          reject(new Error(`${method} ${url.pathname} was answered with no JSON`, { cause: error }));
        }
      });
    });
    call.end(text ?? undefined);
  });
}

function rowsOf(reply: unknown, name: string): Record<string, unknown>[] {
  const rows: unknown = reply !== null && typeof reply === 'object' ? (reply as Record<string, unknown>)[name] : null;
  if (!Array.isArray(rows)) {
    throw new Error(`the job API's reply has no list "${name}"`);
  }
  return (rows as unknown[]).filter((row): row is Record<string, unknown> => row !== null && typeof row === 'object');
}

/** Speaks to the coordinator at `base`; every call rejects with one line. */
export function createJobClient(base: string, token: string): JobClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const root = base.replace(/\/+$/, '');
  const at = (path: string): URL => new URL(`${root}${path}`);
  const post = (path: string, body: object, timeoutMs: number): Promise<unknown> =>
    callJson(at(path), token, agent, { method: 'POST', body, timeoutMs });
  return {
    async jobs() {
      const query = `pipeline__slug__in=${pipelineSlug}&ids_only=1&incomplete_only=1&dispatch_mode=async_api`;
      const call: Call = { method: 'GET', body: null, timeoutMs: jobsTimeoutMs };
      const reply = await callJson(at(`/jobs?${query}`), token, agent, call);
      return rowsOf(reply, 'results').map((row) => Number(row['id']));
    },
    async take(jobId, tasks) {
      const reply = await post(`/jobs/${jobId}/tasks/`, { batch_size: tasks }, jobsTimeoutMs);
      return rowsOf(reply, 'tasks').map((row) => ({
        id: String(row['id']),
        image_id: String(row['image_id']),
        image_url: String(row['image_url']),
        reply_subject: String(row['reply_subject']),
      }));
    },
    async post(jobId, results) {
      await post(`/jobs/${jobId}/result/`, { results }, postTimeoutMs);
    },
    close: () => agent.destroy(),
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../../reply.ts';
import { RequestError } from '../../upload.ts';
import type { IngestProcess } from './ingest-process.ts';

const maxBodyBytes = 16 * 1024;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      throw new RequestError(413, 'body_too_large', `The body is larger than ${maxBodyBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Only plain HTTP: the job API is the harness on this machine. */
export function isJobsUrl(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'http:';
}

/** The base address of a job API; throws `RequestError` on anything else. */
export function jobsUrlIn(body: string): string {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new RequestError(400, 'not_json', 'Send a JSON object.');
  }
  const url: unknown =
    parsed !== null && typeof parsed === 'object' ? (parsed as Record<string, unknown>)['jobs_url'] : null;
  if (typeof url !== 'string' || !isJobsUrl(url)) {
    throw new RequestError(400, 'no_jobs_url', 'The object needs "jobs_url", an http address.');
  }
  return url;
}

/** `POST /v1/ingest/source`: tells a worker that was started without one where to pull from. */
export async function handleSource(
  ingest: IngestProcess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const jobsUrl = jobsUrlIn(await readBody(request));
  if (ingest.hasSource) {
    throw new RequestError(409, 'has_source', 'It pulls from a source already.');
  }
  ingest.start(jobsUrl);
  sendJson(response, 202, { status: 'accepted', jobs_url: jobsUrl });
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the worker posted for one task. */
export interface PostedResult {
  replySubject: string;
  result: Readonly<Record<string, unknown>>;
}

/** A coordinator with jobs and an image host in one, on loopback. */
export interface JobApi {
  /** What a pull worker is given as the base of the job API. */
  jobsUrl: string;
  /** A job of `tasks` tasks that go round the images; a null image is answered 404. Returns its id. */
  addJob(images: readonly (Uint8Array | null)[], tasks: number): number;
  taken(): number;
  /** In the order of their arrival, duplicates included. */
  results(): readonly PostedResult[];
  /** Tokens that were shown, each once. */
  tokens(): readonly string[];
  /** Status that the next so many image requests get instead of the image. */
  failImages(status: number, count: number): void;
  connections(): Promise<number>;
  close(): Promise<void>;
}

interface Job {
  id: number;
  images: readonly (Uint8Array | null)[];
  tasks: number;
  next: number;
  answered: Set<string>;
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
}

function takeTasks(job: Job, most: number, base: string): object[] {
  const last = Math.min(job.tasks, job.next + most);
  const tasks: object[] = [];
  for (; job.next < last; job.next += 1) {
    const id = `${job.id}-${job.next}`;
    const image_url = `${base}/images/${job.id}/${job.next % job.images.length}`;
    tasks.push({ id, image_id: `image-${id}`, image_url, reply_subject: `reply.${id}` });
  }
  return tasks;
}

/** Opens a job API with no jobs; close it after use. */
export async function openJobApi(): Promise<JobApi> {
  const jobs = new Map<number, Job>();
  const results: PostedResult[] = [];
  const tokens = new Set<string>();
  const failing = { status: 500, left: 0 };
  let base = '';

  const sendImage = (job: Job | undefined, index: number, response: ServerResponse): void => {
    const image = job?.images[index] ?? null;
    if (failing.left > 0) {
      failing.left -= 1;
      response.writeHead(failing.status).end();
    } else if (image === null) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': image.length }).end(image);
    }
  };
  const takeResults = (job: Job, body: Record<string, unknown>, response: ServerResponse): void => {
    const posted = body['results'] as { reply_subject: string; result: Record<string, unknown> }[];
    for (const { reply_subject: replySubject, result } of posted) {
      results.push({ replySubject, result });
      job.answered.add(replySubject);
    }
    sendJson(response, 200, { status: 'accepted', job_id: job.id, results_queued: posted.length, tasks: [] });
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', base);
    const [, id, rest] = /^\/api\/v2\/jobs\/(\d+)\/(tasks|result)\/$/.exec(pathname) ?? [];
    const [, imageJob, index] = /^\/images\/(\d+)\/(\d+)$/.exec(pathname) ?? [];
    const job = jobs.get(Number(id));
    if (imageJob !== undefined) {
      sendImage(jobs.get(Number(imageJob)), Number(index), response);
      return;
    }
    tokens.add(request.headers.authorization ?? '');
    if (pathname === '/api/v2/jobs') {
      const left = [...jobs.values()].filter(({ tasks, answered }) => answered.size < tasks);
      sendJson(response, 200, { results: left.map((one) => ({ id: one.id, pipeline_slug: 'headroom' })) });
    } else if (job === undefined) {
      sendJson(response, 404, { detail: 'Not found.' });
    } else if (rest === 'tasks') {
      sendJson(response, 200, { tasks: takeTasks(job, Number((await bodyOf(request))['batch_size']), base) });
    } else {
      takeResults(job, await bodyOf(request), response);
    }
  };

  // A worker that keeps its connections must find them open: no timeout closes an idle one.
  const server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
    request.on('error', () => request.destroy());
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    jobsUrl: `${base}/api/v2`,
    addJob(images, tasks) {
      const id = jobs.size + 1;
      jobs.set(id, { id, images, tasks, next: 0, answered: new Set() });
      return id;
    },
    taken: () => [...jobs.values()].reduce((sum, { next }) => sum + next, 0),
    results: () => results,
    tokens: () => [...tokens],
    failImages(status, count) {
      failing.status = status;
      failing.left = count;
    },
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

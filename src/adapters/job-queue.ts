import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdapterOptions, JobBoard, ServeAdapter, ServedReply, ServedRequest } from '../model/adapter.ts';
import { objectOf, parseJson, textOfBody } from './answers/json-reply.ts';
import { imageIdOf, readTaskResult } from './answers/task-result.ts';
import { jsonRequest } from './wire/json-request.ts';

const basePath = '/api/v2';
const imagesPath = '/images/';
/** All work is one job, for as long as some of it waits. */
const jobId = 1;
const jobsPath = `${basePath}/jobs`;
const tasksPath = `${jobsPath}/${jobId}/tasks/`;
const resultPath = `${jobsPath}/${jobId}/result/`;
const mostTasks = 1000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const refusal = (status: number, detail: string): ServedReply => ({ status, json: { detail } });

function isAllowed({ authorization }: ServedRequest, { serve }: AdapterOptions): boolean {
  const token = serve?.token ?? null;
  if (token === null) {
    return true;
  }
  // Digests are compared, so that not even the length shows in the time.
  return timingSafeEqual(digest(authorization ?? ''), digest(`Token ${token}`));
}

/** We play whatever pipeline the worker can run; the model's name chooses among several. */
function listJobs({ query }: ServedRequest, board: JobBoard, { model }: AdapterOptions): ServedReply {
  const slugs = (query.get('pipeline__slug__in') ?? '').split(',').filter((slug) => slug !== '');
  const slug = slugs.includes(model) ? model : (slugs[0] ?? model);
  return { status: 200, json: { results: board.waiting() > 0 ? [{ id: jobId, pipeline_slug: slug }] : [] } };
}

function takeTasks(request: ServedRequest, board: JobBoard): ServedReply {
  const most = objectOf(parseJson(textOfBody(request)))?.['batch_size'];
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1) {
    return refusal(400, 'Send {"batch_size": N} with N of 1 or more.');
  }
  const tasks = board.take(Math.min(most, mostTasks)).map((handOut) => ({
    id: handOut.task,
    image_id: imageIdOf(handOut),
    image_url: `${request.origin}${imagesPath}${handOut.id}`,
    reply_subject: handOut.id,
  }));
  return { status: 200, json: { tasks } };
}

function takeResults(request: ServedRequest, board: JobBoard, options: AdapterOptions): ServedReply {
  const posted = objectOf(parseJson(textOfBody(request)))?.['results'];
  const results = Array.isArray(posted) ? (posted as unknown[]).map(objectOf) : [];
  const isReadable = results.every((result) => typeof result?.['reply_subject'] === 'string');
  if (!Array.isArray(posted) || !isReadable) {
    return refusal(400, 'Send {"results": [{"reply_subject": "...", "result": {...}}]}.');
  }
  for (const one of results) {
    const id = String(one?.['reply_subject']);
    const { check, bytes } = readTaskResult(one?.['result'], board.handOut(id), options);
    board.answer(id, check, bytes);
  }
  return {
    status: 200,
    json: { status: 'accepted', job_id: jobId, results_queued: results.length, tasks: [] },
  };
}

function sendImage({ method, path }: ServedRequest, board: JobBoard): ServedReply {
  const handOut = board.handOut(path.slice(imagesPath.length));
  if (handOut === null) {
    return refusal(404, 'There is no such image.');
  }
  return method === 'GET' ? { status: 200, handOut } : refusal(405, 'An image is fetched with GET.');
}

/** Work that a pull worker fetches: a job API and its image host in one, with leases on what was taken. */
export const jobQueue: ServeAdapter = {
  kind: 'serve',
  id: 'job-queue',
  title: 'Job queue for pull workers: /api/v2/jobs and an image host, served by us',
  accepts: ['image/'],
  basePath,

  announce(ourUrl, options) {
    return options.serve?.announces === false
      ? null
      : jsonRequest(options.path ?? '/v1/ingest/source', [JSON.stringify({ jobs_url: ourUrl.href })]);
  },

  reply(request, board, options) {
    const { method, path } = request;
    // Workers fetch images without their token, as from any image host.
    if (path.startsWith(imagesPath)) {
      return sendImage(request, board);
    }
    if (!isAllowed(request, options)) {
      return refusal(401, 'Show the token as "Authorization: Token ...".');
    }
    if (path === jobsPath) {
      return method === 'GET' ? listJobs(request, board, options) : refusal(405, 'Jobs are listed with GET.');
    }
    if (path !== tasksPath && path !== resultPath) {
      return refusal(404, 'Not found.');
    }
    if (method !== 'POST') {
      return refusal(405, 'Tasks and results take a POST.');
    }
    return path === tasksPath ? takeTasks(request, board) : takeResults(request, board, options);
  },
};

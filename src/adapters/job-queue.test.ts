import { describe, expect, it } from 'vitest';
import {
  type AdapterOptions,
  defaultServe,
  type HandOut,
  type JobBoard,
  type ReplyCheck,
  type ServedReply,
  type ServedRequest,
} from '../model/adapter.ts';
import { bodyOf, itemOf, knowing, unknowing } from './answers/reply.fixture.ts';
import { jobQueue } from './job-queue.ts';

const image = itemOf('jpeg', { id: 'images/7', mediaType: 'image/jpeg', truth: { imageId: '4294967295' } });
const handOut: HandOut = { id: '12.1', task: '12', item: image };
const small: HandOut = { id: '13.1', task: '13', item: itemOf('jpeg', { mediaType: 'image/jpeg' }) };

interface Spy extends JobBoard {
  asked: number[];
  answers: { id: string; check: ReplyCheck; bytesIn: number }[];
}

function boardOf(waiting = 2): Spy {
  const given = [handOut, small];
  const asked: number[] = [];
  const answers: Spy['answers'] = [];
  return {
    asked,
    answers,
    take(most) {
      asked.push(most);
      return given.slice(0, most);
    },
    handOut: (id) => given.find((one) => one.id === id) ?? null,
    answer(id, check, bytesIn) {
      answers.push({ id, check, bytesIn });
      return 'accepted';
    },
    waiting: () => waiting,
  };
}

function requestOf(line: string, body: unknown = '', authorization: string | null = null): ServedRequest {
  const [method = '', target = ''] = line.split(' ');
  const { pathname: path, searchParams: query } = new URL(target, 'http://here');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method, path, query, origin: 'http://bench.local:99', authorization, body: Buffer.from(text) };
}

const asJson = (reply: ServedReply): unknown => ('json' in reply ? reply.json : null);

describe('the job API', () => {
  const lists: readonly [string, number, string, unknown[]][] = [
    ['one job of the first pipeline that is asked for', 1, '?pipeline__slug__in=a,b', [{ id: 1, pipeline_slug: 'a' }]],
    ["the model's pipeline where it is among them", 1, '?pipeline__slug__in=a,m', [{ id: 1, pipeline_slug: 'm' }]],
    ["the model's pipeline where none is asked for", 1, '', [{ id: 1, pipeline_slug: 'm' }]],
    ['nothing while nothing waits', 0, '?pipeline__slug__in=a', []],
  ];
  it.each(lists)('lists %s', (_, waiting, query, results) => {
    const reply = jobQueue.reply(requestOf(`GET /api/v2/jobs${query}`), boardOf(waiting), { ...knowing, model: 'm' });
    expect(reply).toEqual({ status: 200, json: { results } });
  });

  it('gives out tasks whose images are where the worker found us', () => {
    const board = boardOf();
    const reply = jobQueue.reply(requestOf('POST /api/v2/jobs/1/tasks/', { batch_size: 1 }), board, knowing);
    const image_url = 'http://bench.local:99/images/12.1';
    expect(asJson(reply)).toEqual({ tasks: [{ id: '12', image_id: 'image-12', image_url, reply_subject: '12.1' }] });
    expect(jobQueue.reply(requestOf('GET /images/12.1'), board, knowing)).toEqual({ status: 200, handOut });
  });

  it('gives out at most a thousand tasks at once', () => {
    const board = boardOf();
    jobQueue.reply(requestOf('POST /api/v2/jobs/1/tasks/', { batch_size: 1e9 }), board, knowing);
    expect(board.asked).toEqual([1000]);
  });

  const bad: readonly [string, string, unknown, number][] = [
    ['a path of its own', 'GET /api/v2/tasks', '', 404],
    ['no base', 'GET /jobs', '', 404],
    ['another job', 'POST /api/v2/jobs/2/tasks/', { batch_size: 1 }, 404],
    ['an image that was not given out', 'GET /images/12.2', '', 404],
    ['images as a whole', 'GET /images/', '', 404],
    ['a POST of an image', 'POST /images/12.1', '', 405],
    ['a POST to the list', 'POST /api/v2/jobs', '', 405],
    ['a GET of tasks', 'GET /api/v2/jobs/1/tasks/', '', 405],
    ['no batch size', 'POST /api/v2/jobs/1/tasks/', {}, 400],
    ['a batch of none', 'POST /api/v2/jobs/1/tasks/', { batch_size: 0 }, 400],
    ['half a task', 'POST /api/v2/jobs/1/tasks/', { batch_size: 1.5 }, 400],
    ['no JSON', 'POST /api/v2/jobs/1/tasks/', '{', 400],
    ['results that are no list', 'POST /api/v2/jobs/1/result/', { results: {} }, 400],
    ['a result of nothing', 'POST /api/v2/jobs/1/result/', { results: [null] }, 400],
    ['a result without its subject', 'POST /api/v2/jobs/1/result/', { results: [{ result: {} }] }, 400],
  ];
  it.each(bad)('answers %s with a 4xx, and the board knows nothing of it', (_, line, body, status) => {
    const board = boardOf();
    expect(jobQueue.reply(requestOf(line, body), board, knowing).status).toBe(status);
    expect([board.asked, board.answers]).toEqual([[], []]);
  });

  const options: AdapterOptions = { ...knowing, serve: { ...defaultServe, token: 'secret' } };
  const tokens: readonly [string, string | null, number, string][] = [
    ['GET /api/v2/jobs', 'Token secret', 200, 'shown'],
    ['GET /api/v2/jobs', 'Token Secret', 401, 'another'],
    ['GET /api/v2/jobs', 'Bearer secret', 401, 'of another kind'],
    ['GET /api/v2/jobs', null, 401, 'missing'],
    ['GET /images/12.1', null, 200, 'never sent for an image'],
  ];
  it.each(tokens)('%s with the token %s is answered %i: it is %s', (line, token, status) => {
    expect(jobQueue.reply(requestOf(line, '', token), boardOf(), options).status).toBe(status);
  });

  it('is announced by its address, unless the worker is told otherwise', () => {
    const ours = new URL('http://127.0.0.1:99/api/v2');
    const wire = jobQueue.announce(ours, knowing);
    expect(wire).toMatchObject({ method: 'POST', path: '/v1/ingest/source' });
    expect(wire === null ? '' : bodyOf(wire).toString()).toBe('{"jobs_url":"http://127.0.0.1:99/api/v2"}');
    expect(jobQueue.announce(ours, { ...knowing, serve: { ...defaultServe, announces: false } })).toBeNull();
  });
});

describe('a result', () => {
  const judge = (subject: string, result: unknown, options: AdapterOptions): ReplyCheck | undefined => {
    const board = boardOf();
    const body = { results: [{ reply_subject: subject, result }] };
    const reply = jobQueue.reply(requestOf('POST /api/v2/jobs/1/result/', body), board, options);
    expect(asJson(reply)).toEqual({ status: 'accepted', job_id: 1, results_queued: 1, tasks: [] });
    expect(board.answers[0]?.bytesIn).toBe(JSON.stringify(result).length);
    return board.answers[0]?.check;
  };
  const detections = [{ classification: 'moth', score: 0.5 }];
  const of = (planted_id: unknown, id: unknown = 'image-12') => ({ detections, source_images: [{ id, planted_id }] });

  const good: readonly [string, string, unknown, AdapterOptions, string][] = [
    ['its identity', '12.1', of(4_294_967_295), unknowing, 'answer'],
    ['its identity as a text', '12.1', of('4294967295'), knowing, 'answer'],
    ['no identity where none is promised', '12.1', of(undefined), unknowing, 'consistency'],
    ['any identity where none was planted', '13.1', of(5, 'image-13'), knowing, 'consistency'],
    ["a worker's own name of the image", '12.1', of(null, 'b7f0'), unknowing, 'consistency'],
    ['no detection, as many an image has none', '12.1', { detections: [] }, unknowing, 'consistency'],
  ];
  it.each(good)('is ok with %s', (_, subject, result, options, check) => {
    expect(judge(subject, result, options)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, unknown, AdapterOptions, string][] = [
    ['it says so', { error: 'cannot decode', image_id: 'image-12' }, unknowing, 'error_in_reply'],
    ['it is for another image', of(4_294_967_294), knowing, 'wrong_answer'],
    ['it bears the name of another task', of(4_294_967_295, 'image-13'), unknowing, 'wrong_answer'],
    ['a worker that reads identities found none', of(null), knowing, 'no_image_id'],
    ['it has no detections', { pipeline: 'a' }, unknowing, 'empty_answer'],
    ['it is empty', {}, unknowing, 'empty_answer'],
  ];
  it.each(bad)('is no answer if %s', (_, result, options, code) => {
    expect(judge('12.1', result, options)).toMatchObject({ ok: false, code });
  });

  it('for what was never given out is held against nothing, and left to the board', () => {
    expect(judge('99.1', of(1), knowing)).toMatchObject({ ok: false, check: 'none' });
  });
});

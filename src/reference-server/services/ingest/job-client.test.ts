import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type JobApi, openJobApi } from '../../../testing/job-api.ts';
import { createJobClient, type JobClient } from './job-client.ts';

let api: JobApi;
let client: JobClient;

beforeAll(async () => {
  api = await openJobApi();
  client = createJobClient(`${api.jobsUrl}/`, 'secret');
});
afterAll(async () => {
  client.close();
  await api.close();
});

describe('createJobClient', () => {
  it('finds the jobs that are not done, takes tasks to the end and posts results', async () => {
    expect(await client.jobs()).toEqual([]);
    const id = api.addJob([Buffer.from('image')], 5);
    expect(await client.jobs()).toEqual([id]);
    const first = await client.take(id, 3);
    expect(first.map((task) => task.id)).toEqual(['1-0', '1-1', '1-2']);
    expect(first[0]?.image_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/images\/1\/0$/);
    const rest = await client.take(id, 3);
    expect([rest.length, (await client.take(id, 3)).length]).toEqual([2, 0]);
    await client.post(
      id,
      [...first, ...rest].map(({ reply_subject }) => ({ reply_subject, result: { pipeline: 'headroom' } })),
    );
    expect([api.results().length, await client.jobs()]).toEqual([5, []]);
  });

  it('shows its token', () => {
    expect(api.tokens()).toEqual(['Token secret']);
  });

  it('rejects with one line for a job that is not there', async () => {
    await expect(client.take(99, 1)).rejects.toThrow('POST /api/v2/jobs/99/tasks/ was answered 404');
  });
});

describe('a job API that is broken', () => {
  let close: () => void = () => undefined;
  afterEach(() => close());

  async function clientOf(reply: string, status = 200): Promise<JobClient> {
    const server = createServer((_request, response) => response.writeHead(status).end(reply));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => {
      server.closeAllConnections();
      server.close();
    };
    return createJobClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, '');
  }

  it.each([
    ['no JSON', '<html>', 200, /no JSON/],
    ['no list', '{}', 200, /no list "results"/],
    ['a failure', '{}', 500, /answered 500/],
    ['null', 'null', 200, /no list "results"/],
  ])('is told by its reply of %s', async (_why, reply, status, message) => {
    const broken = await clientOf(reply, status);
    await expect(broken.jobs()).rejects.toThrow(message);
    broken.close();
  });

  it('is told when nobody listens', async () => {
    const gone = await clientOf('{}');
    close();
    await expect(gone.jobs()).rejects.toThrow(/ECONNREFUSED/);
  });
});

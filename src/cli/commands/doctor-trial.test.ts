import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TrialAccount } from '../../phases/doctor/trial-rows.ts';
import { closeServers, serve } from '../../testing/http-probe.ts';
import { isBuilt, withTrialServer } from '../../testing/trials/server.ts';
import { carryOutTrial, prepareTrial, type TrialOptions } from './doctor-trial.ts';

afterEach(closeServers);

const plain: TrialOptions = { model: 'whisper-1', stream: false, header: [], allowRemote: false };
const silent = (): void => undefined;

async function tryOne(url: URL, options: Partial<TrialOptions> = {}, profile: string | null = null) {
  return carryOutTrial(await prepareTrial(profile, url, { ...plain, ...options }), silent);
}

/** Reads what is sent, then answers. */
const answering =
  (status: number, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    request.resume().once('end', () => response.writeHead(status, headers).end(body));
  };

describe('one request of bench doctor', () => {
  it.each<{ why: string; status: number; body: string; expected: Partial<TrialAccount>; remedy: string }>([
    {
      why: 'a wrong path',
      status: 404,
      body: '{"detail":"Not Found"}',
      expected: { status: 404, outcome: 'http_error', words: 'Not Found' },
      remedy: '--path',
    },
    {
      why: 'a missing key',
      status: 401,
      body: '{"error":{"message":"no key"}}',
      expected: { status: 401, outcome: 'http_error', words: 'no key' },
      remedy: '--header',
    },
    {
      why: 'another field',
      status: 422,
      body: '{"detail":[{"loc":["body","lang"],"msg":"Field required"}]}',
      expected: { outcome: 'http_error', words: 'lang: Field required' },
      remedy: '--adapter',
    },
    {
      why: 'an empty answer behind a 200',
      status: 200,
      body: '{"text":""}',
      expected: { outcome: 'ok', checkSaid: 'the answer is empty' },
      remedy: 'speech-sentences',
    },
    {
      why: 'an error behind a 200',
      status: 200,
      body: '{"error":{"code":"bo\\u0007om\\u001b[2J","message":"worker died"}}',
      expected: {
        outcome: 'semantic_error',
        errorCode: 'boom',
        checkSaid: expect.stringContaining('worker died') as string,
      },
      remedy: 'log',
    },
    {
      why: 'control characters',
      status: 500,
      body: '\u001b[2J\u0000boom\r\n\u0007',
      expected: { outcome: 'http_error', reply: 'boom' },
      remedy: 'log',
    },
  ])('tells $why and what to do about it', async ({ status, body, expected, remedy }) => {
    const { account } = await tryOne(await serve(answering(status, body)));
    expect(account).toMatchObject(expected);
    expect(account.remedy).toContain(remedy);
  });

  it('is the smallest item of the corpus, sent once, with the header that is given', async () => {
    const seen: { authorization: string | undefined; bytes: number }[] = [];
    const url = await serve((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.once('end', () => {
        seen.push({ authorization: request.headers.authorization, bytes });
        response.writeHead(401).end(`refused: ${request.headers.authorization ?? ''}`);
      });
    });
    const { rows, account } = await tryOne(url, { header: ['Authorization: Bearer sk-1234567'], model: 'mine' });
    expect(seen).toEqual([{ authorization: 'Bearer sk-1234567', bytes: account.bytes }]);
    expect(account.reply).toBe('refused: ***');
    expect(JSON.stringify([rows, account])).not.toContain('sk-1234567');
    expect(account.remedy).toContain('check the key');
  });

  it('asks a server of a named wire format what such a server is usually asked', async () => {
    const { account } = await tryOne(await serve(answering(404, '')), { adapter: 'openai-chat' });
    expect(account).toMatchObject({ corpus: 'infer-prompts', path: '/v1/chat/completions' });
  });

  it('takes adapter and corpus of the profile, as its run does', async () => {
    const { account } = await tryOne(await serve(answering(404, '')), {}, 'shape-storm');
    expect(account).toMatchObject({ adapter: 'predict', corpus: 'image-shapes', path: '/predict' });
  });

  it('shows a stream as it came', async () => {
    const events = 'data: {"type":"transcript.text.delta","delta":"hi"}\n\ndata: {"type":"transcript.text.done"}\n\n';
    const url = await serve(answering(200, events, { 'content-type': 'text/event-stream' }));
    const { account } = await tryOne(url, { stream: true });
    expect(account).toMatchObject({ outcome: 'ok', reply: expect.stringContaining('"delta":"hi"') as string });
    expect(account.checkSaid).toContain('form is right');
  });

  it('waits no longer than it is told', async () => {
    const url = await serve((request) => void request.resume());
    const { account } = await tryOne(url, { timeout: 500 });
    expect(account).toMatchObject({ outcome: 'timeout', status: null, reply: null });
    expect(account.remedy).toContain('--timeout');
  });

  it('says that nothing listens', async () => {
    const url = await serve(silent);
    closeServers();
    const { account } = await tryOne(url);
    expect(account).toMatchObject({ outcome: 'refused', errorCode: 'econnrefused' });
    expect(account.remedy).toContain('start the server');
  });

  it.each([
    { url: 'http://stt.test:8000', options: {}, code: 'REMOTE_NOT_ALLOWED', why: 'another machine' },
    { url: null, options: {}, code: 'USAGE', why: 'no target' },
    { url: 'http://127.0.0.1:1', options: { adapter: 'openai-chatt' }, code: 'UNKNOWN_NAME', why: 'no such adapter' },
    { url: 'http://127.0.0.1:1', options: { header: ['sk-1234567'] }, code: 'USAGE', why: 'no header' },
    { url: 'http://127.0.0.1:1', options: { template: '/nope.yaml' }, code: 'USAGE', why: 'no template' },
  ])('is refused before anything is sent: $why', async ({ url, options, code }) => {
    const refused = prepareTrial(null, url === null ? null : new URL(url), { ...plain, ...options });
    await expect(refused).rejects.toMatchObject({ code });
  });

  it('is refused where the target would have to ask us', async () => {
    const url = new URL('http://127.0.0.1:1');
    await expect(prepareTrial('large-image-pull', url, plain)).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--try') as string,
    });
  });
});

describe.skipIf(!isBuilt)('the reference server (needs the build in dist/)', () => {
  it('answers one request with the code that was planted', () =>
    withTrialServer(['--time-scale', '0.02'], null, async (server) => {
      const say = vi.fn<(line: string) => void>();
      const { account } = await carryOutTrial(await prepareTrial('smoke', server.url, plain), say);
      expect(account).toMatchObject({ status: 200, outcome: 'ok', check: 'tokens', remedy: null });
      expect(account.checkSaid).toContain('planted code');
      expect(say).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('one request'));
      expect((await tryOne(server.url, { path: '/v1/nothing' })).account).toMatchObject({ status: 404 });
    }));
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vocabularyWord } from '../base/audio-code.ts';
import { bedSymbol, headerFrame, symbolsPerSlot, wordFrameSymbols, writeWordFrame } from '../base/audio-frames.ts';
import { symbolPcm } from '../base/audio-tones.ts';
import { wavOf } from './wav.fixture.ts';

const mainPath = fileURLToPath(new URL('../../dist/reference-server/main.js', import.meta.url));
const reason = existsSync(mainPath) ? '' : ' (skipped: there is no build; run npm run build)';
const words = [17, 4000, 256];

function codedClip(sampleRate: number): Buffer {
  const frame = new Uint8Array(wordFrameSymbols);
  const symbols = [...headerFrame(42, words.length)];
  words.forEach((word, index) => {
    writeWordFrame(frame, index + 1, word);
    symbols.push(...frame, ...new Array<number>(symbolsPerSlot - wordFrameSymbols).fill(bedSymbol));
  });
  return wavOf(Int16Array.from(symbols.flatMap((symbol) => [...symbolPcm(symbol, sampleRate)])), sampleRate);
}

function startServer() {
  return execaNode(mainPath, ['--time-scale', '0.02', '--end-with-parent'], { reject: false, stdin: 'pipe' });
}

interface Reply {
  status: number;
  route: string | null;
  body: string;
}

const boundary = 'edge-of-part';

function form(file: Buffer | null, fields: Readonly<Record<string, string>> = {}): Buffer {
  const texts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n`;
  const parts = file === null ? [] : [Buffer.from(head), file, Buffer.from('\r\n')];
  return Buffer.concat([Buffer.from(texts.join('')), ...parts, Buffer.from(`--${boundary}--\r\n`)]);
}

describe.skipIf(reason !== '')(`the reference server on loopback${reason}`, () => {
  let server: ReturnType<typeof startServer>;
  let port = 0;

  function open(method: string, path: string, headers: Record<string, string | number>): ClientRequest {
    return httpRequest({ host: '127.0.0.1', port, method, path, headers: { ...headers, connection: 'close' } });
  }
  function send(
    method: string,
    path: string,
    body: Buffer,
    type = `multipart/form-data; boundary=${boundary}`,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const call = open(method, path, { 'content-type': type, 'content-length': body.length });
      call.on('error', reject);
      call.on('response', (response) => {
        const route = response.headers['x-route'];
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, route: typeof route === 'string' ? route : null, body: text }),
        );
      });
      call.end(body);
    });
  }
  const get = (path: string): Promise<Reply> => send('GET', path, Buffer.alloc(0));
  const post = (body: Buffer): Promise<Reply> => send('POST', '/v1/audio/transcriptions', body);
  const gauge = async (name: string): Promise<number | null> => {
    const match = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec((await get('/metrics')).body);
    return match === null ? null : Number(match[1]);
  };
  const childrenOf = (): { pid: number; name: string }[] =>
    readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map((pid) => ({ pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }));

  beforeAll(async () => {
    server = startServer();
    const line = await new Promise<string>((resolve) => server.stdout.once('data', (data) => resolve(String(data))));
    port = (JSON.parse(line) as { listening: { port: number } }).listening.port;
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await server;
  });

  it('answers health with 200 once the hot worker is loaded', async () => {
    await expect.poll(async () => (await get('/health')).status, { timeout: 20_000 }).toBe(200);
  });

  it.each([8000, 16_000])('hears the words that were planted in a clip of %i Hz', async (sampleRate) => {
    const reply = await post(form(codedClip(sampleRate), { model: 'whisper-1' }));
    expect(reply).toMatchObject({ status: 200, route: 'HOT' });
    expect(JSON.parse(reply.body)).toEqual({ text: words.map(vocabularyWord).join(' ') });
  });

  it('answers in the format that was asked for', async () => {
    const clip = codedClip(8000);
    expect((await post(form(clip, { response_format: 'text' }))).body).toBe(`${words.map(vocabularyWord).join(' ')}\n`);
    const verbose = JSON.parse((await post(form(clip, { response_format: 'verbose_json' }))).body) as {
      duration: number;
    };
    expect(verbose.duration).toBeCloseTo(1.6);
  });

  it('gives empty text for audio that carries no code', async () => {
    expect(JSON.parse((await post(form(wavOf(new Int16Array(8000), 8000)))).body)).toEqual({ text: '' });
  });

  const clip = codedClip(8000);
  const refusals: readonly [why: string, body: Buffer, type: string | undefined, status: number, code: string][] = [
    ['a body that is no form', clip, 'audio/wav', 400, 'not_multipart'],
    ['a form without a boundary', form(clip), 'multipart/form-data', 400, 'not_multipart'],
    ['a form without a file', form(null, { model: 'x' }), undefined, 400, 'no_file'],
    ['a file of 0 bytes', form(Buffer.alloc(0)), undefined, 400, 'empty_file'],
    ['a text', form(Buffer.from('hello, this is no audio')), undefined, 400, 'invalid_audio'],
    ['a clip that lost its end', form(clip.subarray(0, 5000)), undefined, 400, 'truncated_audio'],
    ['a form that lost its end', form(clip).subarray(0, 9000), undefined, 400, 'upload_incomplete'],
    ['an unknown format', form(clip, { response_format: 'srt' }), undefined, 400, 'unknown_format'],
  ];
  it.each(refusals)('refuses %s and keeps nothing of it', async (_why, body, type, status, code) => {
    const reply = await send('POST', '/v1/audio/transcriptions', body, type);
    expect({ status: reply.status, error: JSON.parse(reply.body) as unknown }).toMatchObject({
      status,
      error: { error: { code } },
    });
    await expect.poll(() => gauge('headroom_spool_bytes'), { timeout: 10_000 }).toBe(0);
  });

  it('refuses a file above 250 MiB by its announced length', async () => {
    const status = await new Promise((resolve, reject) => {
      const call = open('POST', '/v1/audio/transcriptions', {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': 300 * 1024 ** 2,
      });
      call.on('response', (response) => {
        resolve(response.statusCode);
        call.destroy();
      });
      call.on('error', reject);
      call.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('drops the upload of a client that goes away in the middle', async () => {
    const body = form(wavOf(new Int16Array(4_000_000), 8000));
    const call = open('POST', '/v1/audio/transcriptions', {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': body.length,
    });
    call.on('error', () => undefined);
    call.write(body.subarray(0, 4_000_000));
    await expect.poll(() => gauge('headroom_spool_bytes'), { timeout: 10_000 }).toBeGreaterThan(1_000_000);
    call.destroy();
    await expect.poll(() => gauge('headroom_spool_bytes'), { timeout: 10_000 }).toBe(0);
    expect(await gauge('uttera_stt_inflight_requests')).toBe(0);
  });

  it('drops the job of a client that goes away while it waits for the reply', async () => {
    const body = form(wavOf(new Int16Array(8000 * 3600), 8000));
    const call = open('POST', '/v1/audio/transcriptions', {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': body.length,
    });
    call.on('error', () => undefined);
    call.end(body);
    await expect.poll(() => gauge('headroom_spool_bytes'), { timeout: 20_000 }).toBeGreaterThan(8000 * 7200);
    call.destroy();
    await expect.poll(() => gauge('headroom_spool_bytes'), { timeout: 10_000 }).toBe(0);
    expect((await post(form(clip))).status).toBe(200);
  });

  it('answers 500 for the clip whose worker is killed, lives on and takes a new worker', async () => {
    const pending = post(form(wavOf(new Int16Array(8000 * 3600), 8000)));
    await expect.poll(() => gauge('headroom_spool_bytes'), { timeout: 20_000 }).toBeGreaterThan(8000 * 7200);
    const hot = childrenOf().find((child) => child.name === 'ref-hot');
    process.kill(hot?.pid ?? 0, 'SIGKILL');
    const reply = await pending;
    expect(reply.status).toBe(500);
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: 'worker_died' } });
    await expect.poll(async () => (await get('/health')).status, { timeout: 20_000 }).toBe(200);
    expect((await post(form(clip))).status).toBe(200);
  });

  it('counts virtual VRAM of one context and its weights when idle', async () => {
    const mebibyte = 1024 ** 2;
    await expect
      .poll(() => gauge('headroom_device_used_bytes'), { timeout: 10_000 })
      .toBe((64 + 512 + 1536) * mebibyte);
  });

  it('tells an unknown path and a wrong method apart', async () => {
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/v1/audio/transcriptions')).status).toBe(405);
    expect(await send('HEAD', '/health', Buffer.alloc(0))).toMatchObject({ status: 200, body: '' });
  });

  it('refuses a port that is taken in one line with exit 5', async () => {
    const second = await execaNode(mainPath, ['--port', String(port)], { reject: false });
    expect(second.exitCode).toBe(5);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('ends with its children and its folder when its parent lets go', async () => {
    const children = childrenOf();
    expect(children.map((child) => child.name).sort((a, b) => a.localeCompare(b))).toContain('ref-ledger');
    server.stdin.end();
    expect((await server).exitCode).toBe(0);
    expect(children.filter((child) => existsSync(join('/proc', String(child.pid))))).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`ref-${server.pid}-`))).toEqual([]);
  });
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeImages } from '../../../testing/pull-job.ts';
import type { DeviceHost } from '../../device/device.ts';
import { createFront, listen } from '../../front.ts';
import { knobValues } from '../../knobs.ts';
import { createCounter } from '../../metrics.ts';
import type { Service } from '../../service.ts';
import { openSpool } from '../../spool.ts';
import { decodedBytes, handleClassify } from './classify.ts';
import { createImagesState, type ImagesState } from './images-state.ts';
import { imagesKnobs, imagesSettings } from './settings.ts';
import type { Sighting } from './workers/messages.ts';

const device = { kind: 'virtual', totals: () => null } as unknown as DeviceHost;
const jpeg = makeImages({ width: 640, height: 480, bytes: 200_000, count: 1 })[0]?.bytes ?? Buffer.alloc(0);
const boundary = 'edge-of-part';

function form(file: Buffer): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

/** The header of a JPEG may say anything; nothing is decoded before it is believed. */
function withSides(side: number): Buffer {
  const copy = Buffer.from(jpeg);
  const frame = copy.indexOf(Buffer.from([0xff, 0xc0]));
  copy.writeUInt16BE(side, frame + 5);
  copy.writeUInt16BE(side, frame + 7);
  return copy;
}

let folder = '';
let server: Server | null = null;
let port = 0;

async function serve(look: ImagesState['worker']['look'], knobs: Record<string, number> = {}): Promise<ImagesState> {
  folder = mkdtempSync(join(tmpdir(), 'classify-'));
  const spool = await openSpool(join(folder, 'spool'));
  const settings = imagesSettings(knobValues(imagesKnobs, [knobs], 1));
  const state = createImagesState(settings, spool, { look, notedBytes: 0 }, null);
  const service = {
    routes: [
      {
        path: '/v1/images/classify',
        methods: ['POST'],
        handle: (request, response) => handleClassify(state, request, response),
      },
    ],
    connectionLimit: null,
  } as Partial<Service> as Service;
  server = createFront({ services: [service], device, spool, requests: createCounter() });
  port = await listen(server, '127.0.0.1', 0);
  return state;
}

interface Reply {
  status: number | null;
  retryAfter: string | undefined;
  body: { error?: { code?: string } };
}

function post(file: Buffer, signal?: AbortSignal): Promise<Reply> {
  const body = form(file);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': body.length };
  return new Promise((resolve) => {
    const call = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/v1/images/classify',
        headers,
        agent: false,
        ...(signal && { signal }),
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => {
          const retryAfter = response.headers['retry-after'];
          resolve({ status: response.statusCode ?? null, retryAfter, body: JSON.parse(text) as Reply['body'] });
        });
      },
    );
    call.on('error', () => resolve({ status: null, retryAfter: undefined, body: {} }));
    call.end(body);
  });
}

const spooled = (): string[] => readdirSync(join(folder, 'spool'));
const seen: Sighting = { imageId: 2_085_180_141, width: 640, height: 480 };

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('POST /v1/images/classify', () => {
  it('answers with identity, sides and label, and keeps nothing', async () => {
    const state = await serve(async () => seen);
    const reply = await post(jpeg);
    expect(reply).toMatchObject({
      status: 200,
      body: { image_id: 2_085_180_141, width: 640, height: 480, label: 'class-141' },
    });
    await expect.poll(() => [spooled(), state.inFlight, state.admission.heldBytes()]).toEqual([[], 0, 0]);
  });

  it('says so if an image carries no identity', async () => {
    await serve(async () => ({ ...seen, imageId: null }));
    expect((await post(jpeg)).body).toMatchObject({ image_id: null, label: 'unknown' });
  });

  it.each([
    ['400 megapixels by its header', withSides(20_000), {}, 413, 'too_many_pixels'],
    ['what exceeds the memory of all images', jpeg, { 'image-mib': 1 }, 413, 'image_too_large'],
    ['garbage', Buffer.from('hello'), {}, 400, 'invalid_image'],
    ['a file of 0 bytes', Buffer.alloc(0), {}, 400, 'empty_file'],
  ])('refuses %s before any pixel is decoded', async (_why, file, knobs, status, code) => {
    let looks = 0;
    await serve(async () => {
      looks += 1;
      return seen;
    }, knobs);
    const reply = await post(file);
    expect(reply).toMatchObject({ status, body: { error: { code } } });
    expect([looks, spooled()]).toEqual([0, []]);
  });

  it('sets aside the memory of the decoded image while it is looked at, so a second one waits', async () => {
    const started: (() => void)[] = [];
    const state = await serve(() => new Promise((resolve) => started.push(() => resolve(seen))), { 'image-mib': 7 });
    const replies = [post(jpeg), post(jpeg)];
    await expect.poll(() => state.admission.waiting()).toBe(1);
    expect([started.length, state.admission.heldBytes()]).toEqual([1, decodedBytes(seen)]);
    started[0]?.();
    await expect.poll(() => started.length).toBe(2);
    started[1]?.();
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('answers 503 and a time to come back when too many are in flight', async () => {
    let finish: () => void = () => undefined;
    const state = await serve(
      () =>
        new Promise((resolve) => {
          finish = () => resolve(seen);
        }),
      { 'image-queue': 1 },
    );
    const first = post(jpeg);
    await expect.poll(() => state.admission.heldBytes()).toBeGreaterThan(0);
    expect(await post(jpeg)).toMatchObject({ status: 503, retryAfter: '30', body: { error: { code: 'queue_full' } } });
    finish();
    expect((await first).status).toBe(200);
  });

  it('tells the worker when the client lets go, and gives the memory back when the worker has', async () => {
    let letGo: () => void = () => undefined;
    let isAborted = false;
    const state = await serve((_path, _bytes, signal) => {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      return new Promise((_resolve, reject) => {
        letGo = () => reject(new Error('cancelled'));
      });
    });
    const client = new AbortController();
    const reply = post(jpeg, client.signal);
    await expect.poll(() => state.admission.heldBytes()).toBeGreaterThan(0);
    client.abort();
    await expect.poll(() => isAborted).toBe(true);
    expect(state.admission.heldBytes()).toBeGreaterThan(0);
    letGo();
    await expect.poll(() => [state.admission.heldBytes(), spooled().length]).toEqual([0, 0]);
    expect((await reply).status).toBeNull();
  });
});

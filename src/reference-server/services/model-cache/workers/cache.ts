import { messageOf } from '../../../../base/errors.ts';
import { DeviceError, outOfMemoryCode } from '../../../device/device.ts';
import { openContext } from '../../../device/open-context.ts';
import { liveAsChild } from '../../images/child-life.ts';
import { collectBytes, type DecodeImage, loadDecoder } from '../../images/decode-image.ts';
import { Predictor } from '../predictor.ts';
import type { CacheSetup, FromCache, Outcome, ToCache } from './messages.ts';
import { createTurns } from './turns.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as CacheSetup;
/** More than the collector lets stand: what a request decoded is gone before its reply. */
const worthCollectingBytes = 4 * 1024 ** 2;
const turns = createTurns();
const running = new Map<number, AbortController>();
let lastRequestMs: number | null = null;

function send(message: FromCache): void {
  if (process.connected) {
    process.send?.(message);
  }
}

async function openDecoder(): Promise<{ decode: DecodeImage | null; cannotDecode: string | null }> {
  try {
    return { decode: await loadDecoder(), cannotDecode: null };
  } catch (error) {
    return { decode: null, cannotDecode: messageOf(error).split('\n')[0] ?? '' };
  }
}

function failure(error: unknown, signal: AbortSignal): Outcome {
  const [message = ''] = messageOf(error).split('\n');
  if (signal.aborted) {
    return { type: 'failed', code: 'cancelled', message };
  }
  if (error instanceof DeviceError) {
    const code = error.deviceCode === outOfMemoryCode ? 'out_of_memory' : 'device_failed';
    return { type: 'failed', code, message: `The model's memory cannot be had: ${message}.` };
  }
  return { type: 'failed', code: 'invalid_image', message: `The image cannot be decoded: ${message}.` };
}

async function answer(predictor: Predictor, message: Extract<ToCache, { type: 'predict' }>): Promise<void> {
  const abort = new AbortController();
  running.set(message.id, abort);
  const outcome = await turns.take(async (): Promise<Outcome> => {
    try {
      const sighting = await predictor.predict(message.models, message.imagePath, abort.signal);
      return { type: 'done', sighting };
    } catch (error) {
      return failure(error, abort.signal);
    }
  });
  running.delete(message.id);
  lastRequestMs = performance.now();
  collectBytes(message.imagePath === null ? 0 : worthCollectingBytes);
  send({ type: 'outcome', id: message.id, outcome });
}

/** Lets go of unused models; a process that nobody asked for a whole time to live offers to end. */
async function lookForUnused(predictor: Predictor): Promise<void> {
  await turns.take(() => predictor.expire(performance.now()));
  const isUnused = lastRequestMs !== null && performance.now() - lastRequestMs > setup.ttlMs;
  if (isUnused && turns.waiting() === 0) {
    send({ type: 'idle' });
  }
}

liveAsChild('ref-cache');
const { decode, cannotDecode } = await openDecoder();
const predictor = new Predictor(setup, {
  openContext: () => openContext(setup.device, 'cache', () => process.exit(4)),
  decode,
  changed: () => send({ type: 'models', models: predictor.models() }),
});
process.on('message', (message: ToCache) => {
  switch (message.type) {
    case 'predict':
      void answer(predictor, message);
      return;
    case 'cancel':
      running.get(message.id)?.abort();
      return;
    case 'leave':
      process.exit(0);
  }
});
try {
  await turns.take(() => predictor.preload(performance.now()));
} catch (error) {
  console.error(`ref-cache ${process.pid}: cannot preload: ${messageOf(error)}`);
  process.exit(3);
}
if (setup.ttlMs > 0) {
  let isLooking = false;
  setInterval(() => {
    // A look waits for its turn; behind a long run there is one, not many.
    if (!isLooking) {
      isLooking = true;
      void lookForUnused(predictor).finally(() => {
        isLooking = false;
      });
    }
  }, setup.pollMs);
}
send({ type: 'ready', cannotDecode });

import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../base/errors.ts';
import { readImageCode } from '../../../../base/image-code.ts';
import { liveAsChild } from '../child-life.ts';
import { collectBytes, type DecodeImage, loadDecoder, tensorBytes, writePlanes } from '../decode-image.ts';
import type { FromImageWorker, ImageWorkerSetup, Outcome, Sighting, ToImageWorker } from './messages.ts';
import { createNotes } from './notes.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as ImageWorkerSetup;
const notes = createNotes(setup.noteBytes, setup.drains);
const running = new Map<number, AbortController>();

function send(message: FromImageWorker): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/** Holds the pixels and their float32 planes for as long as the work takes. */
async function lookAt(path: string, decode: DecodeImage, signal: AbortSignal): Promise<Sighting> {
  const pixels = await decode(path, setup.mostPixels);
  const planes = new Float32Array(Buffer.allocUnsafeSlow(tensorBytes(pixels.width, pixels.height)).buffer);
  writePlanes(pixels, planes);
  await sleep(setup.serviceMs, undefined, { signal });
  // Read after the wait, or the optimizer may let the buffers go before it.
  const isHeld = planes.length === pixels.samples.length;
  return { imageId: isHeld ? readImageCode(pixels) : null, width: pixels.width, height: pixels.height };
}

async function outcomeOf(path: string, decode: DecodeImage, signal: AbortSignal): Promise<Outcome> {
  try {
    return { type: 'seen', sighting: await lookAt(path, decode, signal) };
  } catch (error) {
    // The decoder says the same thing in several lines; the first one is the cause.
    const [message = ''] = messageOf(error).split('\n');
    return signal.aborted
      ? { type: 'failed', code: 'cancelled', message }
      : { type: 'failed', code: 'invalid_image', message: `The image cannot be decoded: ${message}.` };
  }
}

async function work(message: Extract<ToImageWorker, { type: 'image' }>, decode: DecodeImage): Promise<void> {
  const abort = new AbortController();
  running.set(message.id, abort);
  const note = notes.take();
  const outcome = await outcomeOf(message.path, decode, abort.signal);
  notes.finish(note);
  running.delete(message.id);
  // Before the reply: with it the front admits the next image.
  collectBytes(message.heldBytes);
  send({ type: 'done', id: message.id, outcome, notedBytes: notes.bytes() });
}

liveAsChild('ref-image');
try {
  const decode = await loadDecoder();
  process.on('message', (message: ToImageWorker) => {
    switch (message.type) {
      case 'image':
        void work(message, decode);
        return;
      case 'cancel':
        running.get(message.id)?.abort();
        return;
    }
  });
  send({ type: 'ready' });
} catch (error) {
  send({ type: 'no-decoder', why: messageOf(error) });
}

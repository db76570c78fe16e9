import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson, sendText } from '../../reply.ts';
import type { SpoolFile } from '../../spool.ts';
import { announcedBytes, RequestError, receiveUpload } from '../../upload.ts';
import { audioSecondsOf, scanWav, type WavInfo, wavHeadBytes } from '../../wav.ts';
import { createJob, type JobOutcome } from './job.ts';
import type { SpeechState } from './speech-state.ts';

const formats = ['json', 'text', 'verbose_json'];
const retryAfterS = '30';
let nextJobId = 1;

async function readWav(file: SpoolFile): Promise<WavInfo> {
  const handle = await open(file.path, 'r');
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(size, wavHeadBytes));
    await handle.read(head, 0, head.length, 0);
    const scan = scanWav(head, size);
    if (!scan.ok) {
      throw new RequestError(400, scan.code, scan.message);
    }
    return scan.wav;
  } finally {
    await handle.close();
  }
}

function checkRoom(state: SpeechState): void {
  if (state.pool.queueDepth + state.uploads.count() >= state.maxQueue) {
    state.refused.add({ reason: 'queue_full' });
    throw new RequestError(503, 'queue_full', `${state.maxQueue} clips wait already.`);
  }
}

function checkFormat(fields: ReadonlyMap<string, string>): string {
  const format = fields.get('response_format') ?? 'json';
  if (!formats.includes(format)) {
    throw new RequestError(400, 'unknown_format', `response_format "${format}" is none of ${formats.join(', ')}.`);
  }
  return format;
}

async function spoolUpload(state: SpeechState, request: IncomingMessage): ReturnType<typeof receiveUpload> {
  const startBytes = request.socket.bytesRead;
  const done = state.uploads.begin(announcedBytes(request) ?? 0, () => request.socket.bytesRead - startBytes);
  try {
    return await receiveUpload(request, state.spool);
  } finally {
    done();
  }
}

/** Queues the clip and waits; a client that lets go takes its job with it. */
function runJob(state: SpeechState, path: string, wav: WavInfo, response: ServerResponse): Promise<JobOutcome> {
  return new Promise((resolve, reject) => {
    const job = createJob(nextJobId++, path, wav, resolve);
    const letGo = (): void => {
      state.pool.cancel(job);
      reject(new RequestError(499, 'client_gone', 'The client closed the connection.'));
    };
    if (response.destroyed) {
      letGo();
      return;
    }
    response.once('close', letGo);
    state.pool.submit(job);
  });
}

function reply(response: ServerResponse, format: string, text: string, wav: WavInfo): void {
  if (format === 'text') {
    sendText(response, 200, `${text}\n`);
    return;
  }
  const details =
    format === 'json' ? {} : { task: 'transcribe', language: 'en', duration: audioSecondsOf(wav), segments: [] };
  sendJson(response, 200, { ...details, text });
}

async function transcribeUpload(
  state: SpeechState,
  response: ServerResponse,
  file: SpoolFile,
  fields: ReadonlyMap<string, string>,
): Promise<void> {
  const format = checkFormat(fields);
  const wav = await readWav(file);
  if (!state.pool.fitsAlone({ dataBytes: wav.dataBytes, audioSeconds: audioSecondsOf(wav) })) {
    state.refused.add({ reason: 'memory' });
    throw new RequestError(
      413,
      'clip_too_long',
      `${Math.round(audioSecondsOf(wav))} s of audio need more memory than there is.`,
    );
  }
  const outcome = await runJob(state, file.path, wav, response);
  if (!outcome.ok) {
    if (outcome.status === 503) {
      response.setHeader('Retry-After', retryAfterS);
    }
    throw new RequestError(outcome.status, outcome.code, outcome.message);
  }
  state.byRoute.add({ route: outcome.route });
  response.setHeader('X-Route', outcome.route);
  reply(response, format, outcome.text, wav);
}

/** `POST /v1/audio/transcriptions`. Throws `RequestError` for every reply that is no transcript. */
export async function handleTranscription(
  state: SpeechState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  state.inFlight += 1;
  try {
    try {
      checkRoom(state);
    } catch (error) {
      response.setHeader('Retry-After', retryAfterS);
      throw error;
    }
    const { file, fields } = await spoolUpload(state, request);
    try {
      await transcribeUpload(state, response, file, fields);
    } finally {
      await file.remove();
    }
  } finally {
    state.inFlight -= 1;
  }
}

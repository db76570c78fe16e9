import { makeImages } from './pull-job.ts';
import type { TrialReply, TrialServer } from './trials/trial.ts';

const boundary = 'edge-of-part';

/** Text detection scales the short side to 736. */
export interface ImageSides {
  width: number;
  height: number;
}

/** Each needs a region of its own: 1.5, 3.4 and 6.9 GiB of it for a run. */
export const trialSides: readonly ImageSides[] = [
  { width: 184, height: 184 },
  { width: 184, height: 408 },
  { width: 184, height: 816 },
];

/** A form of `/predict`. */
export function predictForm(fields: Readonly<Record<string, string>>, image: Uint8Array | null): Buffer {
  const head = (rest: string): string => `--${boundary}\r\nContent-Disposition: form-data; ${rest}\r\n\r\n`;
  const texts = Object.entries(fields).map(([name, value]) => Buffer.from(`${head(`name="${name}"`)}${value}\r\n`));
  const files = image === null ? [] : [Buffer.from(head('name="image"; filename="a.jpg"')), image, Buffer.from('\r\n')];
  return Buffer.concat([...texts, ...files, Buffer.from(`--${boundary}--\r\n`)]);
}

export function postPredict(server: TrialServer, body: Uint8Array): Promise<TrialReply> {
  return server.post('/predict', `multipart/form-data; boundary=${boundary}`, body);
}

/** Has the text in an image of these sides detected; rejects if it is not. */
export async function predictOcr(server: TrialServer, sides: ImageSides): Promise<void> {
  const entries = JSON.stringify({ ocr: { detection: { modelName: 'text-detection', options: {} } } });
  const [image] = makeImages({ ...sides, bytes: 60_000, count: 1 });
  const reply = await postPredict(server, predictForm({ entries }, image?.bytes ?? null));
  if (reply.status !== 200) {
    throw new Error(`the prediction was answered ${reply.status}: ${reply.body}`);
  }
}

export async function cardUsedBytes(server: TrialServer): Promise<number> {
  const bytes = await server.metric('headroom_device_used_bytes');
  if (bytes === null) {
    throw new Error('the server does not say how much of its card is used');
  }
  return bytes;
}

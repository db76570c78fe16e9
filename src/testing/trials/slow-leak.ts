import { makeImages } from '../pull-job.ts';
import type { FaultTrial, TrialServer } from './trial.ts';

/** Small, so that what is decoded and let go does not hide what is kept. */
const image = { width: 64, height: 64, bytes: 8000, count: 1 };
const boundary = 'edge-of-part';
const atOnce = 4;
/** Until the heap of a young process has its size. */
const warmupRequests = 800;
const requests = 1200;
const perStep = 50;

function form(file: Uint8Array): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

async function sendMany(server: TrialServer, body: Buffer, count: number): Promise<void> {
  let left = count;
  const client = async (): Promise<void> => {
    for (left -= 1; left >= 0; left -= 1) {
      const reply = await server.post('/v1/images/classify', `multipart/form-data; boundary=${boundary}`, body);
      if (reply.status !== 200) {
        throw new Error(`the server answered ${reply.status}: ${reply.body}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
}

function workerBytes(server: TrialServer): number {
  const worker = server.processes().find(({ name }) => name === 'ref-image');
  if (worker === undefined) {
    throw new Error('there is no image worker');
  }
  return worker.rssAnonBytes + worker.swapBytes;
}

/** Least squares over the points (index, value): the step from one point to the next. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - mean);
    below += (index - middle) ** 2;
  }
  return above / below;
}

export const slowLeakTrial: FaultTrial = {
  fault: 'slow-leak',
  measures: 'growth of the image worker per request',
  unit: 'bytes',
  memoryLimitBytes: null,
  args: ['--time-scale', '0.01'],
  cases: [
    { fixes: [], expected: { least: 13_107, most: 19_661 } },
    { fixes: ['drain'], expected: { least: -2048, most: 2048 } },
  ],
  async measure(server) {
    const body = form(makeImages(image)[0]?.bytes ?? Buffer.alloc(0));
    await sendMany(server, body, warmupRequests);
    const values = [workerBytes(server)];
    for (let sent = 0; sent < requests; sent += perStep) {
      await sendMany(server, body, perStep);
      values.push(workerBytes(server));
    }
    return slopeOf(values) / perStep;
  },
};

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../base/random.ts';
import { imageJpeg } from '../generators/image-jpeg.ts';
import { type JobApi, openJobApi } from './job-api.ts';
import type { TrialServer } from './trials/trial.ts';

/** Sides and size of the images of a trial; all are of one shape, and each has its own identity. */
export interface ImageOrder {
  width: number;
  height: number;
  bytes: number;
  count: number;
}

export interface MadeImage {
  bytes: Buffer;
  /** The planted identity; undefined if the image is too small for one. */
  imageId: string | undefined;
}

export function makeImages({ width, height, bytes, count }: ImageOrder): MadeImage[] {
  const params = { subsampling: '4:4:4', shapes: [{ width, height, bytes, share: 1 }] };
  const items = imageJpeg.items(params, {
    name: 'trial',
    count,
    random: createRandom('trial'),
    place: 'trial',
    folder: '',
  });
  return Array.from(items, (item) => {
    const chunks: Buffer[] = [];
    for (const chunk of item.chunks()) {
      // Chunks may share one buffer that the next one fills again.
      chunks.push(Buffer.from(chunk));
    }
    return { bytes: Buffer.concat(chunks), imageId: item.truth['imageId'] };
  });
}

/** Gives the server a job of `tasks` images to pull, for as long as `use` runs. */
export async function withPullJob<T>(
  server: TrialServer,
  order: ImageOrder & { tasks: number },
  use: (api: JobApi) => Promise<T>,
): Promise<T> {
  const api = await openJobApi();
  try {
    api.addJob(
      makeImages(order).map(({ bytes }) => bytes),
      order.tasks,
    );
    const body = Buffer.from(JSON.stringify({ jobs_url: api.jobsUrl }));
    const reply = await server.post('/v1/ingest/source', 'application/json', body);
    if (reply.status !== 202) {
      throw new Error(`the server did not take the job: ${reply.status} ${reply.body}`);
    }
    return await use(api);
  } finally {
    await api.close();
  }
}

/** Bytes of /dev/shm in the folder of this server, as the file system counts them. */
export function stagedShmBytes(serverPid: number): number {
  let bytes = 0;
  for (const folder of readdirSync('/dev/shm').filter((name) => name.startsWith(`headroom-ingest-${serverPid}-`))) {
    for (const name of readdirSync(join('/dev/shm', folder))) {
      // A file that was consumed in between counts for nothing.
      bytes += (statSync(join('/dev/shm', folder, name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    }
  }
  return bytes;
}

/** Locked bytes of a process; 0 for one that is gone. */
export function lockedBytesOf(pid: number): number {
  try {
    return Number(/^VmLck:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Open descriptors of a process over its soft limit; 0 for one that is gone. */
export function descriptorRatioOf(pid: number): number {
  try {
    const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);
    return readdirSync(`/proc/${pid}/fd`).length / limit;
  } catch {
    return 0;
  }
}

const lookEveryMs = 50;
const mostMs = 30_000;

/** The highest of what `read` gives, once work has come back and for `settledMs` nothing higher was seen. */
export async function settledPeak(api: JobApi, settledMs: number, read: () => number): Promise<number> {
  const endMs = performance.now() + mostMs;
  let most = 0;
  let highestMs = performance.now();
  while (performance.now() < endMs && (api.results().length === 0 || performance.now() - highestMs < settledMs)) {
    const now = read();
    if (now > most) {
      most = now;
      highestMs = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  if (api.results().length === 0) {
    throw new Error('no task was answered');
  }
  return most;
}

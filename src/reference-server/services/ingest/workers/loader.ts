import { messageOf } from '../../../../base/errors.ts';
import { liveAsChild } from '../../images/child-life.ts';
import { loadDecoder } from '../../images/decode-image.ts';
import { Downloads } from '../downloads.ts';
import { createJobClient } from '../job-client.ts';
import { createDiskStager, createShmStager, type Stager, stageBatch } from '../stager.ts';
import type { FromLoader, LoaderSetup, ToLoader } from './messages.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as LoaderSetup;
const client = createJobClient(setup.jobsUrl, setup.token);
const downloads = new Downloads(setup.downloadThreads, setup.keptSockets);
let nextBatch = 1;

function send(message: FromLoader): void {
  if (process.connected) {
    process.send?.(message);
  }
}

async function makeStager(): Promise<Stager> {
  return setup.stage === 'disk'
    ? createDiskStager(setup.folder, setup.loader, downloads)
    : createShmStager(setup.folder, setup.loader, {
        downloads,
        decode: await loadDecoder(),
        mostPixels: setup.mostPixels,
      });
}

/** One grant: a batch of at most this many tasks, or the word that there are none. */
async function load(stager: Stager, most: number): Promise<void> {
  const startedMs = performance.now();
  const tasks = await client.take(setup.jobId, most);
  if (tasks.length === 0) {
    send({ type: 'none' });
    return;
  }
  send({ type: 'taken', tasks: tasks.length });
  const id = nextBatch++;
  const { images, failed, refusals } = await stageBatch(stager, tasks, id, setup.downloadThreads);
  for (const [code, message] of refusals) {
    send({ type: 'refused', code, message });
  }
  const loadMs = performance.now() - startedMs;
  send({ type: 'batch', batch: { id, loader: setup.loader, images, failed, loadMs } });
}

liveAsChild('ref-loader');
try {
  const stager = await makeStager();
  let turn = Promise.resolve();
  process.on('message', (message: ToLoader) => {
    switch (message.type) {
      case 'grant':
        turn = turn.then(() => load(stager, message.tasks)).catch(end);
        return;
      case 'consumed':
        downloads.release(message.batch);
        return;
    }
  });
} catch (error) {
  end(error);
}

/** As a loader of the incident's kind: what it cannot handle ends it, and its job with it. */
function end(error: unknown): never {
  console.error(`ref-loader ${process.pid}: ${messageOf(error)}`);
  process.exit(3);
}

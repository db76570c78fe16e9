import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../base/errors.ts';
import { openContext } from '../../../device/open-context.ts';
import { liveAsChild } from '../../images/child-life.ts';
import { loadDecoder } from '../../images/decode-image.ts';
import { Consumer } from '../consumer.ts';
import { fdLimitOf, highestFds } from '../descriptors.ts';
import { emptyState } from '../ingest-state.ts';
import { createJobClient } from '../job-client.ts';
import { JobRun, type JobSurroundings, UnableError } from '../job-run.ts';
import { readRoom } from '../room.ts';
import type { IngestSetup } from '../settings.ts';
import { removeStagingFolder } from '../staging-folder.ts';
import type { FromIngest } from './messages.ts';

const stateEveryMs = 100;
/** Of the limit, for raw files that are decoded for one call of the model, where no throttle is set. */
const decodedShareRatio = 0.7;

const setup = JSON.parse(process.argv[2] ?? '{}') as IngestSetup;
const state = { ...emptyState(setup.plan), fdLimit: fdLimitOf() };
let running: JobRun | null = null;

function send(message: FromIngest): void {
  if (process.connected) {
    process.send?.(message);
  }
}

function log(line: string): void {
  process.stderr.write(`ref-ingest: ${line}\n`);
}

function sendState(): void {
  state.highestFds = highestFds([process.pid, ...(running?.loaderPids ?? [])]);
  send({ type: 'state', state });
}

async function makeSurroundings(): Promise<JobSurroundings> {
  const { modelBatch, inferMs, mostPixels, folder, throttleRatio } = setup;
  const context = await openContext(setup.device, 'ingest', () => process.exit(4));
  const shareRatio = throttleRatio === 0 ? decodedShareRatio : throttleRatio;
  const consumer = new Consumer({
    context,
    modelBatch,
    inferMs,
    mostPixels,
    decode: setup.stage === 'disk' ? await loadDecoder() : null,
    roomBytes: () => readRoom(folder, shareRatio, state.shmBytes).memoryBytes,
  });
  return { setup, client: createJobClient(setup.jobsUrl, setup.token), context, consumer, state, log };
}

/** Asks for a job and works it off; true if it found one. */
async function workOnce(around: JobSurroundings): Promise<boolean> {
  const [jobId] = await around.client.jobs();
  if (jobId === undefined) {
    return false;
  }
  const before = state.tasksTaken;
  running = new JobRun(jobId, around);
  try {
    await running.run();
  } finally {
    running = null;
  }
  // A job whose tasks are all taken by others is still in the list.
  const hadTasks = state.tasksTaken > before;
  state.jobsDone += hadTasks ? 1 : 0;
  return hadTasks;
}

async function workForEver(around: JobSurroundings): Promise<never> {
  let lastTrouble = '';
  for (;;) {
    try {
      if (await workOnce(around)) {
        lastTrouble = '';
        continue;
      }
    } catch (error) {
      if (error instanceof UnableError) {
        throw error;
      }
      const trouble = messageOf(error);
      if (trouble !== lastTrouble) {
        log(trouble);
      }
      lastTrouble = trouble;
    }
    await sleep(setup.pollMs);
  }
}

liveAsChild('ref-ingest', () => removeStagingFolder(setup.folder));
setInterval(sendState, stateEveryMs);
try {
  await workForEver(await makeSurroundings());
} catch (error) {
  sendState();
  send({ type: 'unable', why: messageOf(error) });
}

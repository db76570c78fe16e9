import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../base/errors.ts';
import type { DeviceContext } from '../../../device/device.ts';
import { openContext } from '../../../device/open-context.ts';
import { touchPages } from '../../../pages.ts';
import { audioSecondsOf } from '../../../wav.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { transcribe } from './transcribe.ts';

const loadSteps = 8;

/** What the kernel takes, and the window of 30 s in which speech models take it. */
const featureRate = 16_000;
const windowSamples = 30 * featureRate;

function send(message: FromWorker): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/** Under pressure the front must stay answerable: it gets the processor first, the kernel takes a worker first. */
function yieldToFront(): void {
  try {
    setPriority(5);
    writeFileSync('/proc/self/oom_score_adj', '300');
  } catch {
    // Both are courtesies that a sandbox may refuse.
  }
}

async function loadWeights(setup: WorkerSetup, context: DeviceContext): Promise<Uint8Array> {
  await context.alloc(setup.weightsBytes);
  const weights = Buffer.allocUnsafeSlow(setup.workerBytes);
  for (let step = 0; step < loadSteps; step += 1) {
    touchPages(weights, Math.floor((weights.length * step) / loadSteps), (weights.length * (step + 1)) / loadSteps);
    await sleep(setup.loadMs / loadSteps);
  }
  return weights;
}

/** One job at a time: the device time of the clip, of which decoding takes its part. */
async function work(
  job: Extract<ToWorker, { type: 'job' }>,
  setup: WorkerSetup,
  context: DeviceContext,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = performance.now();
  const serviceMs = (audioSecondsOf(job.wav) / setup.audioSecondsPerSecond) * 1000 * setup.timeScale;
  const restMs = (): number => serviceMs - (performance.now() - startedMs);
  const compute = async (samples: Float32Array): Promise<void> => {
    // A card computes the features of every window. On the virtual one the processor would have to, and it is the
    // service time that stands for the card.
    const isReal = setup.device.kind === 'cuda' && job.wav.sampleRate === featureRate;
    for (let at = 0; isReal && at < samples.length && restMs() > 0 && !signal.aborted; at += windowSamples) {
      await context.kernels.logMel(samples.subarray(at, at + windowSamples));
    }
    await context.run(restMs(), signal);
  };
  try {
    const { text, isSilent, peakAnonBytes } = await transcribe(job.path, job.wav, setup.bytesPerAudioMinute, compute);
    send({ type: 'done', id: job.id, text, isSilent, workMs: performance.now() - startedMs, peakAnonBytes });
  } catch (error) {
    const code = signal.aborted ? 'cancelled' : 'worker_failed';
    send({ type: 'failed', id: job.id, code, message: messageOf(error) });
  }
}

/** The life of a hot or a cold worker: context, weights, jobs until the parent lets go. */
export async function runWorker(setup: WorkerSetup): Promise<void> {
  process.title = `ref-${setup.kind}`;
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  process.on('SIGINT', () => undefined);
  yieldToFront();
  const running = new Map<number, AbortController>();
  let idleTimer: NodeJS.Timeout | undefined;
  const waitIdle = (): void => {
    if (setup.selfIdleMs !== null && running.size === 0) {
      idleTimer = setTimeout(() => process.exit(0), setup.selfIdleMs);
    }
  };
  const context = await openContext(setup.device, setup.kind, () => process.exit(4));
  const weights = await loadWeights(setup, context);
  process.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'job': {
        clearTimeout(idleTimer);
        const abort = new AbortController();
        running.set(message.id, abort);
        void work(message, setup, context, abort.signal).finally(() => {
          running.delete(message.id);
          waitIdle();
        });
        return;
      }
      case 'cancel':
        running.get(message.id)?.abort();
        return;
    }
  });
  // The listener above does not mention the weights, and what nobody mentions is collected.
  process.on('exit', () => weights.fill(0, 0, 1));
  waitIdle();
  send({ type: 'ready' });
}

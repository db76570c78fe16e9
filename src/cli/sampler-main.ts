import { setPriority } from 'node:os';
import { monotonicClock } from '../base/clock.ts';
import { BenchError, messageOf } from '../base/errors.ts';
import { parseCgroupPaths } from '../base/procfs.ts';
import type { OpenProbe } from '../model/probe.ts';
import { findTarget } from '../phases/launch/find-target.ts';
import { samplerHostView } from '../phases/sampler/host-view.ts';
import { localHostView } from '../phases/sampler/local-host-view.ts';
import { parseAddress, type SamplerStart, type SamplerTick, type ToSampler } from '../phases/sampler/messages.ts';
import { createPacker, type FromSamplerChild } from '../phases/sampler/packed-batch.ts';
import { createSampler, type Sampler } from '../phases/sampler/sampler.ts';
import { probes } from '../probes/index.ts';
import { targetFinders } from '../targets/index.ts';
import { assertReachable } from '../targets/socket/reachability.ts';

/** The sampler is a process of its own (PROTOCOL 18.6), above the generator, so that a busy machine delays it less; needs a right that we may not have. */
const priority = -5;

const stopping = new AbortController();
let sampler: Sampler | null = null;
let current: SamplerTick = { stage: '', kind: 'idle', quiesced: true };

function send(message: FromSamplerChild): void {
  if (process.connected) {
    process.send?.(message);
  }
}

async function start(options: SamplerStart): Promise<void> {
  const address = parseAddress(options.address);
  if (address.url !== null) {
    await assertReachable(address.url);
  }
  const host = samplerHostView(localHostView());
  const target = await findTarget(targetFinders, options.observe, address, host);
  const notObserved: { what: string; why: string }[] = [];
  const opened: { id: string; open: OpenProbe }[] = [];
  for (const probe of probes) {
    if (options.skipProbes.includes(probe.id)) {
      notObserved.push({ what: probe.id, why: 'left out on request' });
      continue;
    }
    const open = await probe.open(target);
    if ('unavailable' in open) {
      notObserved.push({ what: probe.id, why: open.unavailable });
    } else {
      opened.push({ id: probe.id, open });
    }
  }
  const ours = parseCgroupPaths(host.read('/proc/self/cgroup') ?? '');
  if (target.host !== null && target.cgroup.v1Memory === ours.v1Memory && target.cgroup.v2 === ours.v2) {
    notObserved.push({ what: 'a cgroup of the target alone', why: 'the harness runs in the same cgroup' });
  }
  send({ type: 'ready', view: { description: target.description, notObserved, cgroup: { ...target.cgroup } } });
  const pack = createPacker();
  sampler = createSampler({
    clock: monotonicClock(options.epochNs),
    probes: opened,
    intervalMs: options.intervalMs,
    tick: () => ({ stage: current.stage, stageKind: current.kind, quiesced: current.quiesced }),
    emit: (batch) => {
      send({ type: 'packed', batch: pack(batch) });
    },
    onEvent: (event) => {
      send({ type: 'event', event });
    },
    publishesCost: true,
    signal: stopping.signal,
  });
  const summary = await sampler;
  host.close();
  send({ type: 'done', summary });
  process.disconnect();
}

function fail(error: unknown): void {
  const known = error instanceof BenchError ? error : null;
  const text = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
  send({ type: 'failed', code: known?.code ?? null, message: text, hint: known?.hint ?? null });
  process.exitCode = 1;
}

process.on('message', (received: unknown) => {
  const message = received as ToSampler;
  switch (message.type) {
    case 'start':
      start(message.start).catch(fail);
      break;
    case 'tick':
      current = message.tick;
      break;
    case 'interval':
      sampler?.setIntervalMs(message.intervalMs);
      break;
    case 'stop':
      stopping.abort();
      break;
  }
});
// The parent is gone, or has let go: there is nobody left to sample for.
process.on('disconnect', () => {
  process.exit();
});
// Ctrl-C reaches the whole process group; the run must be sealed before the sampler ends.
process.on('SIGINT', () => undefined);

try {
  setPriority(priority);
} catch {
  // Samples then come a few milliseconds later under load, and their times say so.
}

import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { monotonicClock } from '../base/clock.ts';
import { BenchError } from '../base/errors.ts';
import { findTarget } from '../phases/launch/find-target.ts';
import { type MemoryLimit, openMemoryLimit } from '../phases/launch/memory-limit.ts';
import { localHostView } from '../phases/sampler/local-host-view.ts';
import { createSampler, type SampleBatch, type SamplerEvent } from '../phases/sampler/sampler.ts';
import { targetFinders } from '../targets/index.ts';
import { opened } from '../testing/open-probe.ts';
import { cgroupMemory } from './cgroup-memory.ts';
import { kernelLog } from './kernel-log.ts';
import { processMemory } from './process-memory.ts';

const mib = 1024 ** 2;
const limitBytes = 200 * mib;
const intervalMs = 100;
const hardLimitMs = 30_000;
const script = fileURLToPath(new URL('../testing/captured/growing-server.mjs', import.meta.url));

/** A group of our own, or why there can be none. */
async function tryLimit(): Promise<MemoryLimit | string> {
  if (process.platform !== 'linux') {
    return 'needs Linux';
  }
  try {
    const limit = await openMemoryLimit(limitBytes, `headroom-staged-${process.pid}`);
    if (limit.group !== null) {
      return limit;
    }
    await limit.release();
    return `needs a memory cgroup that can be made, not ${limit.how}`;
  } catch (error: unknown) {
    return error instanceof BenchError ? error.message : 'needs a memory cgroup that can be made';
  }
}

const limit = await tryLimit();
const reason = typeof limit === 'string' ? ` (skipped: ${limit})` : '';

afterAll(async () => {
  if (typeof limit !== 'string') {
    await limit.release();
  }
});

/** Starts the server inside the group, looks every 100 ms, lets it grow until it dies, and looks on for a second. */
async function watchItDie(group: MemoryLimit): Promise<{ batches: SampleBatch[]; events: SamplerEvent[] }> {
  const { command, args } = group.wrap(process.execPath, [script]);
  const child = execa(command, [...args], { reject: false, stdin: 'pipe', timeout: hardLimitMs });
  const stopping = new AbortController();
  const batches: SampleBatch[] = [];
  const events: SamplerEvent[] = [];
  try {
    const port = await new Promise<string>((resolve) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    const address = {
      url: new URL(`http://127.0.0.1:${port}`),
      healthPath: '/',
      readyPath: null,
      metricsUrl: null,
      deviceMonitor: null,
    };
    const target = await findTarget(targetFinders, { by: 'listening-socket' }, address, localHostView());
    const kernel = await kernelLog.open(target);
    const clock = monotonicClock();
    const sampler = createSampler({
      clock,
      probes: [
        { id: 'process-memory', open: await opened(processMemory, target) },
        { id: 'cgroup-memory', open: await opened(cgroupMemory, target) },
        ...('unavailable' in kernel ? [] : [{ id: 'kernel-log', open: kernel }]),
      ],
      intervalMs,
      tick: () => ({ stage: 'grow', stageKind: 'load', quiesced: false }),
      emit: (batch) => batches.push(batch),
      onEvent: (event) => events.push(event),
      signal: stopping.signal,
    });
    child.stdin.write('grow\n');
    await child;
    await clock.sleepUntil(clock.nowMs() + 1000);
    stopping.abort();
    await sampler;
    return { batches, events };
  } finally {
    child.kill('SIGKILL');
  }
}

describe('a real kill', () => {
  it.skipIf(typeof limit === 'string')(
    `is one row with its evidence, and the sampler keeps its beat${reason}`,
    async () => {
      const { batches, events } = await watchItDie(limit as MemoryLimit);
      const rows = events.filter((event) => event.kind === 'oom_kill');
      expect(rows).toHaveLength(1);
      const [row] = rows;
      expect(row?.subject).toContain('headroom-staged');
      expect(row?.detail).toMatch(/^1 more, 1 in all; .*peak \d+ of 209715200 bytes \((9[5-9]|100) %\)/);
      const gone = events.find((event) => event.kind === 'process_gone');
      expect(gone?.subject).toMatch(/^grower#\d+$/);
      expect(Math.abs((gone?.tMs ?? 0) - (row?.tMs ?? 0))).toBeLessThan(1000);
      const after = batches.filter((batch) => batch.tMs > (row?.tMs ?? 0));
      expect(after.length).toBeGreaterThan(3);
      const kills = after.at(-1)?.samples.find((sample) => sample.metric === 'oom_kills');
      expect(kills?.value).toBe(1);
    },
  );
});

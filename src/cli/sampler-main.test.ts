import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../base/clock.ts';
import type { Sample } from '../model/probe.ts';
import type { ObservedTarget } from '../model/target.ts';
import { findTarget } from '../phases/launch/find-target.ts';
import { localHostView } from '../phases/sampler/local-host-view.ts';
import { addressText, type SamplerStart } from '../phases/sampler/messages.ts';
import { type SamplerProcess, startSamplerProcess } from '../phases/sampler/process.ts';
import type { SampleBatch, SamplerEvent } from '../phases/sampler/sampler.ts';
import { processMemory } from '../probes/process-memory.ts';
import { targetFinders } from '../targets/index.ts';
import { assertReachable } from '../targets/socket/reachability.ts';

const serverScript = fileURLToPath(new URL('../testing/captured/tree-server.mjs', import.meta.url));
const compiledSampler = fileURLToPath(new URL('../../dist/cli/sampler-main.js', import.meta.url));
const isLinux = process.platform === 'linux';

const spawnServer = () => execaNode(serverScript, [], { reject: false, stdin: 'pipe', ipc: false });
const servers: ReturnType<typeof spawnServer>[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.stdin.end();
    await server;
  }
});

/** Starts a front with two workers, and gives its URL. */
async function startServer(): Promise<{ url: URL; pid: number }> {
  const server = spawnServer();
  servers.push(server);
  const port = await new Promise<string>((resolve) => {
    server.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString().trim());
    });
  });
  return { url: new URL(`http://127.0.0.1:${port}`), pid: server.pid ?? 0 };
}

/** A port that was free a moment ago. */
async function deadUrl(): Promise<URL> {
  const { url } = await startServer();
  const server = servers.pop();
  server?.stdin.end();
  await server;
  return url;
}

const pollMs = 25;
async function until(isTrue: () => boolean | Promise<boolean>, withinMs: number = 20_000): Promise<void> {
  const clock = monotonicClock();
  while (!(await isTrue())) {
    if (clock.nowMs() > withinMs) {
      throw new Error(`not within ${withinMs} ms`);
    }
    await clock.sleepUntil(clock.nowMs() + pollMs);
  }
}

const rest = { healthPath: '/', readyPath: null, metricsUrl: null, deviceMonitor: null };

function find(url: URL): Promise<ObservedTarget> {
  return findTarget(targetFinders, { by: 'listening-socket' }, { url, ...rest }, localHostView());
}

const treeValue = (samples: readonly Sample[], metric: string): number | null =>
  samples.find((sample) => sample.scope === 'tree' && sample.metric === metric)?.value ?? null;

describe.skipIf(!isLinux)('a real tree of processes', () => {
  it('is found by its port, sampled, and missed when a child is killed', async () => {
    const { url, pid } = await startServer();
    const target = await find(url);
    const roles = target.processes().map((process) => `${process.role}${process.isRoot ? ' root' : ''}`);
    expect(roles.sort()).toEqual(['tree-front root', 'tree-worker', 'tree-worker']);

    const probe = await processMemory.open(target);
    if ('unavailable' in probe) {
      throw new Error(probe.unavailable);
    }
    const tick = { tMs: 0, stage: 's', stageKind: 'idle', quiesced: true } as const;
    const before = await probe.read(tick);
    expect(before.events.map((event) => event.kind)).toEqual(['process_start', 'process_start', 'process_start']);
    expect(treeValue(before.samples, 'processes')).toBe(3);
    expect(treeValue(before.samples, 'rss_anon_bytes')).toBeGreaterThan(5_000_000);

    const victim = target.processes().find((process) => process.parentPid === pid);
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    const gone: string[] = [];
    await until(async () => {
      const { events } = await probe.read(tick);
      gone.push(...events.filter((event) => event.kind === 'process_gone').map((event) => event.subject));
      return gone.length > 0;
    });
    expect(gone).toEqual([`tree-worker#${victim?.pid}`]);
  });

  it('that is dead is told from one that lives in under 3 s', async () => {
    const url = await deadUrl();
    const clock = monotonicClock();
    await expect(find(url)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    await expect(assertReachable(url)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    expect(clock.nowMs()).toBeLessThan(3000);
  });
});

describe.skipIf(!isLinux || !existsSync(compiledSampler))('the sampler process (needs a build in dist/)', () => {
  interface Started {
    sampler: SamplerProcess;
    batches: SampleBatch[];
    events: SamplerEvent[];
    lost: string[];
  }

  async function startSampler(url: URL): Promise<Started> {
    const batches: SampleBatch[] = [];
    const events: SamplerEvent[] = [];
    const lost: string[] = [];
    const start: SamplerStart = {
      epochNs: monotonicClock().epochNs,
      observe: { by: 'listening-socket' },
      address: addressText({ url, ...rest }),
      intervalMs: 100,
      skipProbes: ['target-metrics'],
    };
    const sampler = await startSamplerProcess(compiledSampler, start, {
      onBatch: (batch) => batches.push(batch),
      onEvent: (event) => events.push(event),
      onLost: (reason) => lost.push(reason),
    });
    return { sampler, batches, events, lost };
  }

  it('samples the tree under the stage that it is told, and counts its samples', async () => {
    const { url } = await startServer();
    const { sampler, batches, lost } = await startSampler(url);
    expect(sampler.description).toContain('tree-front#');
    expect(sampler.notObserved).toContainEqual({ what: 'target-metrics', why: 'left out on request' });
    sampler.setTick({ stage: 'half', kind: 'load', quiesced: false });
    await until(() => batches.some((batch) => batch.stage === 'half'));
    await until(() =>
      batches.some((batch) => batch.samples.some((sample) => sample.metric === 'health_ok' && sample.value === 1)),
    );
    const summary = await sampler.stop();
    expect(summary?.expectedSamples).toBe(batches.length + (summary?.missedSamples ?? 0));
    expect(treeValue(batches.at(-1)?.samples ?? [], 'processes')).toBe(3);
    expect(batches.at(-1)?.samples.some((sample) => sample.metric === 'read_cost_ms')).toBe(true);
    expect(lost).toEqual([]);
  });

  it('says that the target is gone, and goes on', async () => {
    const { url } = await startServer();
    const { sampler, batches, events } = await startSampler(url);
    await until(() => batches.length > 0);
    servers[0]?.stdin.end();
    await until(() => events.some((event) => event.kind === 'target_gone'));
    const seen = batches.length;
    await until(() => batches.length > seen);
    await sampler.stop();
  });

  it('refuses a dead target with its own error', async () => {
    const url = await deadUrl();
    await expect(startSampler(url)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE', exitCode: 5 });
  });

  it('is reported as lost when it is killed', async () => {
    const { url } = await startServer();
    const { sampler, lost } = await startSampler(url);
    process.kill(sampler.pid, 'SIGKILL');
    await until(() => lost.length > 0);
    expect(lost).toEqual(['the sampler ended with signal SIGKILL']);
    expect(await sampler.stop()).toBeNull();
  });
});

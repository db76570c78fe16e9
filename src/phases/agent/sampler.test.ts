import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import { type CuttableLink, openCuttableLink } from '../../testing/cuttable-link.ts';
import { type FakeAgent, type FakeSampler, heard, order, startFakeAgent, until } from '../../testing/fake-agent.ts';
import type { RunningSampler } from '../sampler/messages.ts';
import { type AgentSamplerOptions, startAgentSampler } from './sampler.ts';
import type { AgentServerOptions } from './server.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

interface Joined {
  agent: FakeAgent;
  link: CuttableLink;
  sampler: RunningSampler;
  played: FakeSampler;
  said: ReturnType<typeof heard>;
}

async function join(
  over: Partial<AgentSamplerOptions> = {},
  serverOver: Partial<AgentServerOptions> = {},
): Promise<Joined> {
  const agent = await startFakeAgent(serverOver);
  closing.push(() => agent.server.close());
  const link = await openCuttableLink(agent.url);
  closing.push(() => link.close());
  const said = heard();
  const options = {
    agent: { url: link.url, token: null, ca: null },
    clock: monotonicClock(),
    order,
    quietMs: 400,
    exchangeEveryMs: 50,
    stopWithinMs: 5000,
    ...over,
  };
  const sampler = await startAgentSampler(options, said);
  const played = agent.samplers[0];
  if (played === undefined) {
    throw new Error('no sampler was started');
  }
  return { agent, link, sampler, played, said };
}

/** The client has given the old connections up and tries new ones. */
async function untilNoticed(link: CuttableLink): Promise<void> {
  const before = link.connections();
  await until(() => link.connections() > before);
}

const valuesOf = (said: Joined['said']): (number | null | undefined)[] =>
  said.batches.map((batch) => batch.samples[0]?.value);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a sampler on another host', () => {
  it('gives what that host sampled, on the clock of the run, and its counts at the end', async () => {
    const { sampler, played, said } = await join();
    expect(sampler.description).toBe('a played target');
    expect(sampler.cgroup).toEqual({ v1Memory: null, v2: '/played' });
    sampler.setTick({ stage: 'half', kind: 'load', quiesced: false });
    sampler.setIntervalMs(250);
    await until(() => played.ticks.length > 0 && played.intervalsMs.length > 0);
    played.sample();
    played.handlers.onEvent({ tMs: 5000, kind: 'oom_kill', subject: 'front#1', detail: 'killed\nby the kernel' });
    await until(() => said.batches.length > 0);
    const summary = await sampler.stop();
    expect(played.ticks).toEqual([{ stage: 'half', kind: 'load', quiesced: false }]);
    expect(played.intervalsMs).toEqual([250]);
    expect(said.batches[0]?.stage).toBe('half');
    expect(summary).toMatchObject({ expectedSamples: 1, missedSamples: 0, cpuSeconds: 0.5 });
    // One machine has one monotonic clock.
    expect(Math.abs(summary?.clock?.offsetMs ?? Number.NaN)).toBeLessThan(20);
    expect(summary?.clock?.exchanges).toBeGreaterThanOrEqual(8);
    expect(said.lost).toEqual([]);
  });

  it('loses nothing while the link is cut, and marks the time once', async () => {
    const { sampler, played, said, link } = await join();
    sampler.setTick({ stage: 'load', kind: 'load', quiesced: false });
    played.sample();
    await until(() => said.batches.length === 1);
    link.cut();
    for (let index = 0; index < 20; index += 1) {
      played.sample();
    }
    await untilNoticed(link);
    expect(said.batches).toHaveLength(1);
    link.mend();
    await until(() => said.batches.length === 21);
    played.sample();
    await until(() => said.batches.length === 22);
    expect(await sampler.stop()).toMatchObject({ expectedSamples: 22, missedSamples: 0 });
    expect(valuesOf(said)).toEqual(upTo(22));
    // Their own times, not that of their arrival.
    expect((said.batches[20]?.tMs ?? 0) - (said.batches[0]?.tMs ?? 0)).toBeLessThan(400);
    expect(said.events).toHaveLength(1);
    expect(said.events[0]).toMatchObject({ kind: 'gap', subject: 'agent' });
    expect(said.events[0]?.detail).toMatch(/^no link to the agent from \d\.\d s to \d\.\d s; nothing was lost$/);
  });

  it('says how many batches are gone if the agent could not keep them all', async () => {
    const { sampler, played, said, link } = await join({}, { ringBytes: 2000 });
    played.sample();
    await until(() => said.batches.length === 1);
    link.cut();
    for (let index = 0; index < 50; index += 1) {
      played.sample();
    }
    await untilNoticed(link);
    link.mend();
    await until(() => said.batches.some((batch) => batch.samples[0]?.value === 51));
    const arrived = said.batches.length;
    expect(arrived).toBeLessThan(30);
    expect(said.events[0]?.detail).toContain(`; ${51 - arrived} batches lost`);
    expect(await sampler.stop()).toMatchObject({ expectedSamples: 51, missedSamples: 51 - arrived });
    expect(said.events).toHaveLength(1);
  });

  it('is not taken for dead because we were busy ourselves', async () => {
    const { sampler, played, said } = await join();
    played.sample();
    await until(() => said.batches.length === 1);
    const busyUntilMs = performance.now() + 700;
    while (performance.now() < busyUntilMs) {
      // A generator that does not give way looks like this to the timers of its process.
    }
    played.sample();
    await until(() => said.batches.length === 2);
    expect(await sampler.stop()).toMatchObject({ expectedSamples: 2, missedSamples: 0 });
    expect(said.events).toEqual([]);
  });

  it('is lost with the sampler on that host', async () => {
    const { sampler, played, said } = await join();
    played.handlers.onLost('the sampler ended with signal SIGKILL');
    await until(() => said.lost.length > 0);
    expect(said.lost).toEqual(['the sampler ended with signal SIGKILL']);
    expect(await sampler.stop()).toBeNull();
  });

  it('is lost when the agent no longer knows the session', async () => {
    const { played, said, link } = await join({}, { idleMs: 30 });
    link.cut();
    await until(() => played.isStopped);
    link.mend();
    await until(() => said.lost.length > 0);
    expect(said.lost[0]).toBe('the agent no longer knows this session (status 404)');
  });

  it('says at the end that a link never came back', async () => {
    const { sampler, said, link } = await join({ stopWithinMs: 800 });
    link.cut();
    expect(await sampler.stop()).toBeNull();
    expect(said.events).toHaveLength(1);
    expect(said.events[0]?.detail).toMatch(/^no link to the agent from .*; what was sampled in it never arrived$/);
  });

  it('is told again after a cut what the load does, since the agent doubts it by then', async () => {
    const { sampler, played, link } = await join();
    sampler.setTick({ stage: 'rest', kind: 'lull', quiesced: true });
    await until(() => played.ticks.length === 1);
    link.cut();
    await untilNoticed(link);
    sampler.setTick({ stage: 'load', kind: 'load', quiesced: false });
    link.mend();
    await until(() => played.ticks.at(-1)?.stage === 'load');
    expect(played.ticks.map(({ stage }) => stage)).not.toContain('');
  });
});

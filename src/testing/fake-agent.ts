import { type Clock, monotonicClock } from '../base/clock.ts';
import { type AgentServer, type AgentServerOptions, startAgentServer } from '../phases/agent/server.ts';
import type { SamplerHandlers, SamplerStart, SamplerTick, SamplingOrder } from '../phases/sampler/messages.ts';
import type { SampleBatch, SamplerEvent, SamplerSummary } from '../phases/sampler/sampler.ts';

/** A sampler that samples when a test says so, and remembers what it was told. */
export interface FakeSampler {
  start: SamplerStart;
  handlers: SamplerHandlers;
  ticks: SamplerTick[];
  intervalsMs: number[];
  isStopped: boolean;
  batches: number;
  /** One batch, taken now. */
  sample(over?: Partial<SampleBatch>): void;
}

export interface FakeAgent {
  server: AgentServer;
  url: URL;
  samplers: FakeSampler[];
}

export const order: SamplingOrder = {
  observe: { by: 'listening-socket' },
  address: {
    url: 'http://127.0.0.1:8000/',
    healthPath: '/health',
    readyPath: null,
    metricsUrl: null,
    deviceMonitor: null,
  },
  intervalMs: 1000,
  skipProbes: [],
};

function fakeSampler(start: SamplerStart, handlers: SamplerHandlers): FakeSampler {
  const clock: Clock = monotonicClock(start.epochNs);
  const sampler: FakeSampler = {
    start,
    handlers,
    ticks: [],
    intervalsMs: [],
    isStopped: false,
    batches: 0,
    sample(over = {}) {
      sampler.batches += 1;
      handlers.onBatch({
        tMs: clock.nowMs(),
        stage: sampler.ticks.at(-1)?.stage ?? '',
        quality: 'ok',
        samples: [
          { probe: 'process-memory', scope: 'tree', instance: 'tree', metric: 'rss_bytes', value: sampler.batches },
        ],
        ...over,
      });
    },
  };
  return sampler;
}

/** A real server of an agent on loopback, over samplers that are played. */
export async function startFakeAgent(over: Partial<AgentServerOptions> = {}): Promise<FakeAgent> {
  const samplers: FakeSampler[] = [];
  const server = await startAgentServer({
    host: '127.0.0.1',
    port: 0,
    token: null,
    tls: null,
    heartbeatMs: 20,
    ownUrl: (url) => Promise.resolve(url.hostname === '127.0.0.1' ? url : null),
    startSampler(start, handlers) {
      const sampler = fakeSampler(start, handlers);
      samplers.push(sampler);
      const summary: SamplerSummary = {
        clock: null,
        expectedSamples: 0,
        missedSamples: 0,
        costMs: { p50: 1, p99: 2 },
        cpuSeconds: 0.5,
        rssPeakBytes: 1000,
      };
      return Promise.resolve({
        description: 'a played target',
        notObserved: [{ what: 'pss', why: 'left out on request' }],
        cgroup: { v1Memory: null, v2: '/played' },
        setTick: (tick) => {
          sampler.ticks.push(tick);
        },
        setIntervalMs: (intervalMs) => {
          sampler.intervalsMs.push(intervalMs);
        },
        stop() {
          sampler.isStopped = true;
          return Promise.resolve({ ...summary, expectedSamples: sampler.batches });
        },
      });
    },
    ...over,
  });
  return { server, url: new URL(`${over.tls ? 'https' : 'http'}://127.0.0.1:${server.port}`), samplers };
}

/** Handlers that keep what they are told. */
export function heard(): SamplerHandlers & { batches: SampleBatch[]; events: SamplerEvent[]; lost: string[] } {
  const batches: SampleBatch[] = [];
  const events: SamplerEvent[] = [];
  const lost: string[] = [];
  return {
    batches,
    events,
    lost,
    onBatch: (batch) => batches.push(batch),
    onEvent: (event) => events.push(event),
    onLost: (reason) => lost.push(reason),
  };
}

/** Looks again and again, and gives up after ten seconds. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const clock = monotonicClock();
  while (!(await isTrue())) {
    if (clock.nowMs() > 10_000) {
      throw new Error('not within 10 s');
    }
    await clock.sleepUntil(clock.nowMs() + 5);
  }
}

import { describe, expect, it } from 'vitest';
import { monotonicClock } from '../../base/clock.ts';
import type { Sample } from '../../model/probe.ts';
import { mib, profile, stage } from '../../testing/build.ts';
import type { SamplerHandlers } from '../sampler/messages.ts';
import type { CommandEnd, RunningCommand } from './command.ts';
import { gatherWatched, type WatchGatherOptions } from './gather.ts';

type Kept = { kind: string; stage: string; detail: string };

/** A command that ends when it is told to, and a sampler that samples when it is told to. */
function staged(over: Partial<WatchGatherOptions> = {}) {
  const events: Kept[] = [];
  const warnings: string[] = [];
  const passed: string[] = [];
  const ticks: string[] = [];
  let handlers: SamplerHandlers | null = null;
  let endCommand: (end: CommandEnd) => void = () => undefined;
  let samplerStops = 0;
  const interrupt = new AbortController();
  let onCommand: () => void = () => undefined;
  const options: WatchGatherOptions = {
    profile: profile({
      sampleIntervalMs: 50,
      stages: [stage('before', 'idle', 5), { ...stage('load', 'load', 0), load: null }, stage('after', 'idle', 5)],
    }),
    clock: monotonicClock(),
    recorder: {
      event: (_tMs: number, kind: string, stageName: string, _subject: string, detail: string) =>
        events.push({ kind, stage: stageName, detail }),
      samples: () => undefined,
      sync: () => undefined,
    } as unknown as WatchGatherOptions['recorder'],
    recordingFailure: () => null,
    runId: 'r',
    startSampler(given) {
      handlers = given;
      return Promise.resolve({
        description: 'pid 7',
        notObserved: [{ what: 'swap', why: 'there is none' }],
        cgroup: { v1Memory: null, v2: null },
        setTick: ({ stage: name, kind, quiesced }) => ticks.push(`${name} ${kind} ${String(quiesced)}`),
        setIntervalMs: () => undefined,
        stop: () => {
          samplerStops += 1;
          return Promise.resolve(null);
        },
      });
    },
    startCommand() {
      const ended = new Promise<CommandEnd>((resolve) => {
        endCommand = resolve;
      });
      const command: RunningCommand = {
        ended,
        stop: () => endCommand({ exitCode: null, signal: 'SIGTERM' }),
        pass(signal) {
          passed.push(signal);
          endCommand({ exitCode: null, signal });
        },
      };
      queueMicrotask(() => onCommand());
      return Promise.resolve(command);
    },
    clientProbes: [],
    guardRatio: 0.9,
    guardStops: false,
    hasTerminal: false,
    signal: interrupt.signal,
    onSampler: () => undefined,
    onWarning: (text) => warnings.push(text),
    ...over,
  };
  return {
    options,
    events,
    warnings,
    passed,
    ticks,
    interrupt,
    samplerStops: () => samplerStops,
    end: (exitCode: number) => endCommand({ exitCode, signal: null }),
    onCommand: (act: () => void) => {
      onCommand = act;
    },
    sampled: (samples: readonly Sample[]) =>
      handlers?.onBatch({
        tMs: 1,
        stage: 'load',
        quality: 'ok',
        samples: samples.map((sample) => ({ ...sample, probe: 'p' })),
      }),
    told: (kind: 'target_gone') => handlers?.onEvent({ tMs: 1, kind, subject: 'x', detail: 'gone' }),
  };
}

const nearLimit: readonly Sample[] = [
  { scope: 'host', instance: 'host', metric: 'mem_total_bytes', value: 10_000 * mib },
  { scope: 'host', instance: 'host', metric: 'mem_available_bytes', value: 9000 * mib },
  { scope: 'tree', instance: 'tree', metric: 'rss_anon_bytes', value: 9500 * mib },
];
const kinds = (events: readonly Kept[]) => events.map(({ kind }) => kind);

describe('a watched run', () => {
  it('rests, runs the command, rests again, and tells the sampler so', async () => {
    const run = staged();
    run.onCommand(() => run.end(0));
    const gathered = await gatherWatched(run.options);
    expect(run.ticks).toEqual(['before idle true', 'load load false', 'after idle true']);
    expect(gathered).toMatchObject({ status: 'completed', exitCause: null, command: { exitCode: 0 } });
    expect(kinds(run.events)).toEqual([
      'run_start',
      'probe_unavailable',
      ...['before', 'load', 'after'].flatMap(() => ['stage_start', 'stage_end']),
    ]);
    expect(run.events.find(({ detail }) => detail.includes('exit code 0'))?.stage).toBe('load');
  });

  it('only warns where the guard would stop a load of ours', async () => {
    const run = staged();
    run.onCommand(() => {
      run.sampled(nearLimit);
      run.sampled(nearLimit);
      run.end(0);
    });
    const { status } = await gatherWatched(run.options);
    expect(status).toBe('completed');
    expect(kinds(run.events).filter((kind) => kind.startsWith('guard'))).toEqual(['guard_would_stop']);
    expect(run.warnings).toEqual([expect.stringContaining('--guard-stop would end it here')]);
  });

  it('ends the command at the guard where that was asked for, and watches the target after it as planned', async () => {
    const run = staged({ guardStops: true });
    run.onCommand(() => run.sampled(nearLimit));
    const gathered = await gatherWatched(run.options);
    expect(gathered).toMatchObject({
      status: 'stopped',
      command: { signal: 'SIGTERM' },
    });
    expect(gathered.exitCause).toMatch(/; the load ended at 0:00, and the target was watched without load until 0:00$/);
    expect(run.ticks.at(-1)).toBe('after idle true');
    expect(kinds(run.events).filter((kind) => kind.startsWith('guard'))).toEqual(['guard_stop']);
    expect(run.events.at(-1)).toMatchObject({ kind: 'stage_end', stage: 'after' });
  });

  it('ends at once where memory goes on rising without the command', async () => {
    const run = staged({ guardStops: true });
    run.onCommand(() => {
      run.sampled(nearLimit);
      run.sampled(nearLimit.map((sample) => (sample.scope === 'tree' ? { ...sample, value: 9800 * mib } : sample)));
    });
    await gatherWatched(run.options);
    expect(run.events.find(({ kind }) => kind === 'guard_end')?.detail).toMatch(/rises though the load has ended/);
    expect(run.events.at(-1)).toMatchObject({ kind: 'stage_skipped', stage: 'after' });
  });

  it('never starts the command where memory is at the limit before', async () => {
    const run = staged({ guardStops: true });
    const { options } = run;
    const gathered = await gatherWatched({
      ...options,
      async startSampler(handlers) {
        const sampler = await options.startSampler(handlers);
        return { ...sampler, setTick: () => run.sampled(nearLimit) };
      },
    });
    expect(gathered).toMatchObject({ status: 'stopped', command: null });
  });

  it.each([
    { why: 'kill reaches only us', hasTerminal: false, signal: 'SIGINT', passed: ['SIGINT'] },
    { why: 'a terminal has told the command too', hasTerminal: true, signal: 'SIGINT', passed: [] },
    { why: 'no terminal sends that', hasTerminal: true, signal: 'SIGTERM', passed: ['SIGTERM'] },
  ])('passes $signal on unless it was heard: $why', async ({ hasTerminal, signal, passed }) => {
    const run = staged({ hasTerminal });
    run.onCommand(() => {
      run.interrupt.abort(signal);
      run.end(130);
    });
    const gathered = await gatherWatched(run.options);
    expect(run.passed).toEqual(passed);
    expect(gathered).toMatchObject({ status: 'aborted', exitCause: signal });
    expect(kinds(run.events)).toContain('signal');
  });

  it('tells once that the target is gone, and lets the command go on', async () => {
    const run = staged();
    run.onCommand(() => {
      run.told('target_gone');
      run.told('target_gone');
      run.end(0);
    });
    const { status } = await gatherWatched(run.options);
    expect(status).toBe('completed');
    expect(kinds(run.events).filter((kind) => kind === 'target_gone')).toHaveLength(1);
  });

  it.each([
    { why: 'before the command', failsAt: 'before', ticks: ['before idle true'] },
    { why: 'while it runs', failsAt: 'load', ticks: ['before idle true', 'load load false'] },
  ])('ends with what could not be written, $why, and leaves nothing running', async ({ failsAt, ticks }) => {
    const isFull = (): boolean => run.ticks.some((tick) => tick.startsWith(failsAt));
    const run = staged({ recordingFailure: () => (isFull() ? new Error('the disk is full') : null) });
    let hasEnded = false;
    run.onCommand(() => {
      hasEnded = true;
      run.end(0);
    });
    await expect(gatherWatched(run.options)).rejects.toThrow('the disk is full');
    expect(run.ticks).toEqual(ticks);
    expect(hasEnded).toBe(failsAt === 'load');
    expect(run.samplerStops()).toBe(1);
  });

  it('stops the sampler where the run cannot be told of it', async () => {
    const full = new Error('the disk is full');
    const run = staged({
      onSampler: () => {
        throw full;
      },
    });
    await expect(gatherWatched(run.options)).rejects.toThrow(full);
    expect(run.samplerStops()).toBe(1);
  });

  it('stops the sampler when the command cannot be started', async () => {
    const run = staged({ startCommand: () => Promise.reject(new Error('no such command')) });
    await expect(gatherWatched(run.options)).rejects.toThrow('no such command');
    expect(run.samplerStops()).toBe(1);
  });
});

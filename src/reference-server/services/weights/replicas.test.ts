import { describe, expect, it } from 'vitest';
import type { Child } from '../../children.ts';
import { unboundedCache } from '../../faults/unbounded-cache.ts';
import { knobValues } from '../../knobs.ts';
import { createPromptCache } from './prompt-cache.ts';
import { Replicas } from './replicas.ts';
import { weightsKnobs, weightsSettings } from './settings.ts';
import type { FromReplica, ReplicaSetup, ToReplica } from './workers/messages.ts';

const mib = 1024 ** 2;

/** A replica without a process; `die` ends it. */
function childIn(setup: ReplicaSetup, answers: boolean): Child & { die(how: string): void } {
  const cache = createPromptCache(setup.entryBytes, setup.cacheBytes);
  const { promise: exited, resolve: die } = withResolvers();
  let listener: (message: FromReplica) => void = () => undefined;
  return {
    pid: null,
    exited,
    die,
    end: () => die('SIGTERM'),
    onMessage: (heard) => {
      listener = heard;
      queueMicrotask(() => listener({ type: 'ready' }));
    },
    send: (message) => {
      const { id, key } = message as ToReplica;
      const { hit } = cache.look(key);
      if (answers) {
        listener({ type: 'looked', id, hit, size: cache.size() });
      }
    },
  };
}

function withResolvers(): { promise: Promise<string>; resolve(how: string): void } {
  let resolve: (how: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function replicasOf(setup: ReplicaSetup, answers = true) {
  const children: ReturnType<typeof childIn>[] = [];
  const lines: string[] = [];
  const replicas = new Replicas(
    2,
    setup,
    (line) => lines.push(line),
    (given) => {
      const child = childIn(given, answers);
      children.push(child);
      return child;
    },
  );
  await expect.poll(() => replicas.isReady).toBe(true);
  return { replicas, children, lines };
}

describe('unbounded-cache', () => {
  it.each([
    ['keeps an entry of every prompt in every replica', [], 6],
    ['with a cap, keeps as many as fit', ['cache-cap'], 4],
    ['with a cap above the limit, keeps every one', ['cache-cap-8192'], 6],
  ])('%s', async (_reason, fixes, entries) => {
    const small = { 'entry-mib': 1, ...(fixes.includes('cache-cap') ? { 'cache-mib': 4 } : {}) };
    const layers = [unboundedCache.knobs, ...fixes.map((name) => unboundedCache.fixes[name] ?? {}), small];
    const { replicas } = await replicasOf(weightsSettings(knobValues(weightsKnobs, layers, 1)));
    for (const prompt of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await replicas.look(prompt);
    }
    expect(replicas.size()).toEqual({ entries: 2 * entries, bytes: 2 * entries * mib });
    await replicas.look('f');
    expect(replicas).toMatchObject({ hits: 1, misses: 6 });
    expect(replicas.size().entries).toBe(2 * entries);
  });
});

describe('a replica that dies', () => {
  it('fails the calls that it was asked for, is replaced, and begins with an empty cache', async () => {
    const { replicas, children, lines } = await replicasOf({ entryBytes: 4096, cacheBytes: null }, false);
    const call = replicas.look('a');
    children[0]?.die('SIGKILL');
    await expect(call).rejects.toMatchObject({ status: 500, code: 'replica_died' });
    expect(replicas.isReady).toBe(false);
    await expect(replicas.look('a')).rejects.toMatchObject({ status: 503, code: 'replica_not_ready' });
    await expect.poll(() => [children.length, replicas.isReady]).toEqual([3, true]);
    expect(replicas.size()).toEqual({ entries: 0, bytes: 0 });
    expect(lines).toEqual([expect.stringContaining('is gone: SIGKILL')]);
  });

  it('is not replaced once the service stops', async () => {
    const { replicas, children, lines } = await replicasOf({ entryBytes: 4096, cacheBytes: null });
    await replicas.stop(1000);
    expect([children.length, lines.length]).toEqual([2, 0]);
  });

  it('is never asked where there is none', async () => {
    const replicas = new Replicas(0, { entryBytes: 1, cacheBytes: null }, () => undefined);
    await replicas.look('a');
    expect(replicas).toMatchObject({ isReady: true, hits: 0, misses: 0 });
  });
});

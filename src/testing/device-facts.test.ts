import { execaNode } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fact } from './device-facts/bench.ts';
import { buildFakeDriver, type FakeDriver, whyNoFakeDriver } from './fake-driver/build.ts';
import { transpile } from './transpile.ts';

const why = await whyNoFakeDriver();

describe.skipIf(why !== null)(`the facts of a device, dry${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let fake: FakeDriver;
  let script: ReturnType<typeof transpile>;
  const run = (env: Record<string, string>) =>
    execaNode(script.path, ['--small'], { env: { ...fake.env, ...env }, reject: false });

  beforeAll(async () => {
    fake = await buildFakeDriver();
    script = transpile('src/testing/device-facts.ts');
  });
  afterAll(() => {
    fake.remove();
    script.remove();
  });

  it('come one in a line, each with its figures, and the last names what they set', async () => {
    const { stdout, stderr, exitCode } = await run({ FAKE_CONTEXT_MIB: '90', FAKE_RESERVED_MIB: '70' });
    expect([stderr, exitCode]).toEqual(['', 0]);
    const facts = stdout.split('\n').map((line) => JSON.parse(line) as Fact);
    const names = facts.map(({ fact, name }) => (fact === 'kernel' ? `kernel ${String(name)}` : fact));
    expect([...new Set(names)]).toEqual([
      'driver',
      'context',
      'allocation',
      'granularity',
      'pinned',
      'pool',
      'out-of-memory',
      'module',
      'kernel logMel',
      'kernel matmul',
      'kernel normalise',
      'spin',
      'copies',
      'nvml-own-process',
      'nvml-cost',
      'nvidia-smi',
      'children',
      'kill',
      'all-killed',
      'virtual-defaults',
    ]);
    expect(facts.filter((fact) => 'error' in fact)).toEqual([]);
    const fact = (name: string): Fact | undefined => facts.find((one) => one.fact === name);
    expect(fact('context')).toMatchObject({ takenMib: 90, isOwnPidListed: true, ownMib: 90 });
    expect(fact('out-of-memory')).toMatchObject({ code: 2 });
    expect(fact('pool')).toMatchObject({
      thresholdZero: { reservedMib: 0, usedMib: 0 },
      thresholdAll: { reservedMib: 16, usedMib: 0 },
      trimmed: { reservedMib: 0, usedMib: 0 },
    });
    expect(fact('nvml-own-process')).toMatchObject({
      beforeMib: 92,
      heldMib: 124,
      freedMib: 92,
      othersMib: 0,
      unattributedMib: 0,
      utilizationPercent: 37,
      problems: [],
    });
    expect(fact('nvml-cost')).toMatchObject({ readings: 200, p50Us: expect.any(Number) as unknown });
    expect(fact('children')).toMatchObject({ children: 2, firstTakesMib: 122, allTakeMib: 244, listedPids: 2 });
    expect(fact('all-killed')).toMatchObject({ leftMib: 0 });
    expect(fact('virtual-defaults')).toEqual({
      fact: 'virtual-defaults',
      contextMib: 90,
      driverReserveMib: 70,
      granularityMib: 2,
      teardownMs: expect.any(Number) as unknown,
    });
  });

  it('end with one line where there is no device', async () => {
    const { stdout, stderr, exitCode } = await run({ FAKE_INIT_CODE: '100' });
    expect([stdout, stderr, exitCode]).toEqual(['', 'cuInit: 100 no CUDA device', 5]);
  });
});

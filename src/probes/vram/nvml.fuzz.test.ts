import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Library, NativeCall } from '../../base/native-library.ts';
import { fakeHost } from '../../testing/fake-host.ts';
import { targetOn, tickAt } from '../../testing/open-probe.ts';
import { openVram } from '../vram.ts';
import { openNvml } from './nvml.ts';

/** What a driver does at its next call: the code that it answers, and what it leaves in every out value. */
interface Answer {
  code: number;
  out: unknown;
  bytes: Uint8Array;
}

/** 0 is success, 7 that the room is too small; some are no codes at all. */
const code = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constantFrom(7, 1, 3, 4, 15, 999, -1));
const out = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 3 }) },
  fc.nat({ max: 200 }),
  fc.constantFrom(0n, 2n ** 64n - 1n, 2 ** 32 - 1, 100_000_000, null, undefined, Number.NaN, -1),
);
const answers: fc.Arbitrary<readonly Answer[]> = fc.array(
  fc.record({
    code,
    out,
    bytes: fc.oneof(fc.constant(new Uint8Array(96).fill(255)), fc.uint8Array({ maxLength: 2048 })),
  }),
  { minLength: 1, maxLength: 12 },
);

/** A library whose calls take these answers in turn, over and over; those named `missing` are not there. */
function driverOf(list: readonly Answer[], missing: readonly string[]): Library {
  let calls = 0;
  const call =
    (name: string): NativeCall =>
    (...values) => {
      const answer = list[calls % list.length];
      calls += 1;
      if (answer === undefined || name === 'nvmlErrorString') {
        return 'an error';
      }
      for (const value of values) {
        if (Array.isArray(value)) {
          value[0] = answer.out;
        } else if (Buffer.isBuffer(value)) {
          // A driver writes no more than the room that it was given.
          value.set(answer.bytes.subarray(0, value.length));
        }
      }
      // It starts, or there is nothing to read.
      return name === 'nvmlInit_v2' ? 0 : answer.code;
    };
  const func = (declaration: string): NativeCall => {
    const name = /nvml\w+/.exec(declaration)?.[0] ?? '';
    if (missing.some((part) => name.includes(part))) {
      throw new Error(`no ${name}`);
    }
    return call(name);
  };
  return { func } as unknown as Library;
}

const missing = fc.subarray(['_v3', 'Processes_v2', 'MemoryInfo_v2', 'UUID', 'Utilization']);
const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

describe('NVML, whatever the driver answers', () => {
  it('gives readings or a reason, and numbers that are some', async () => {
    await fc.assert(
      fc.asyncProperty(answers, missing, async (list, absent) => {
        const source = openNvml(driverOf(list, absent));
        const told = typeof source === 'string' ? { readings: [], problems: [source] } : await source.read(0);
        expect(numbersIn(told.readings).filter((value) => !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))).toEqual(
          [],
        );
        expect(told.problems.filter((problem) => problem === '' || problem.includes('\n'))).toEqual([]);
        expect(told.readings.filter(({ utilizationPercent }) => (utilizationPercent ?? 0) > 100)).toEqual([]);
        // What is missing has its reason.
        const isWhole = told.readings.every((reading) =>
          [reading.usedBytes, reading.utilizationPercent, reading.processes].every((value) => value !== null),
        );
        expect(isWhole || told.problems.length > 0).toBe(true);
      }),
    );
  });

  it('becomes samples without NaN, or a probe that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(answers, missing, async (list, absent) => {
        const open = () => Promise.resolve(openNvml(driverOf(list, absent)));
        const probe = await openVram(targetOn(fakeHost()), [{ name: 'NVML', tellsHostPids: true, open }]);
        const samples = 'unavailable' in probe ? [] : (await probe.read(tickAt(0))).samples;
        expect(samples.filter(({ value }) => value !== null && !Number.isFinite(value))).toEqual([]);
      }),
    );
  });
});

import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { killed } from './cases/killed.ts';
import { type FaultCase, stage } from './fault-case.ts';
import { benchScript } from './programs.ts';
import { openScratch, type Scratch } from './scratch.ts';

let scratch: Scratch;
let place: Parameters<typeof stage>[1];
beforeAll(() => {
  // A worker of the tests may not call process.exit.
  scratch = openScratch({ end: () => process.kill(process.pid, 'SIGKILL') });
  place = { scratch: scratch.folder, random: createRandom(String(process.pid)) };
});
afterAll(() => scratch.close());

/** About what a run takes on an idle machine: on a busy one it is killed earlier, which is as good. */
const whole = { startMs: 2000, workMs: 5000 };

// The whole suite is `npm run test:faults`.
describe.skipIf(!existsSync(benchScript))(
  'bench run, killed at three random moments (needs the build in dist/)',
  () => {
    it('leaves a folder that is read back each time, with every row accounted for', async () => {
      const outcome = await stage(killed(3, whole), place, () => undefined);
      expect(outcome).toMatchObject({ times: 3, held: 3, broken: [] });
    });
  },
);

describe('a fault of the suite', () => {
  const fault: FaultCase = {
    id: 'x',
    fault: 'x',
    mustHold: 'y',
    times: 3,
    atOnce: 2,
    missing: () => null,
    once(once, nth) {
      once.staged(nth === 2 ? 'late' : 'early');
      return nth === 1 ? Promise.reject(new Error('boom')) : Promise.resolve(nth === 2 ? ['torn'] : []);
    },
  };

  it('counts what held and keeps what did not, an exception too', async () => {
    const { held, times, broken } = await stage(fault, place, () => undefined);
    expect([held, times]).toEqual([1, 3]);
    expect(broken.some((text) => text.includes('boom'))).toBe(true);
    expect(broken).toContain('x 3: torn');
  });

  it('counts what its times came to', async () => {
    const { staged } = await stage(fault, place, () => undefined);
    expect([...staged]).toEqual([
      ['early', 2],
      ['late', 1],
    ]);
  });

  it('is left out with its reason where the host cannot stage it', async () => {
    const outcome = await stage({ ...fault, missing: () => 'it needs root' }, place, () => undefined);
    expect(outcome).toMatchObject({ times: 0, held: 0, skipped: 'it needs root' });
  });
});

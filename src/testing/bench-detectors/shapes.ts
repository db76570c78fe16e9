import type { Random } from '../../base/random.ts';
import { autoregressive, normal, randomWalk } from './noise.ts';
import { sawtooth } from './silence.ts';

/** What a simulated server holds, in MiB above its base of 500. */
export interface Held {
  /** At rest after load r, r = 0 for the first one. */
  floors: readonly number[];
  /** What comes and goes at rest, by seconds of the run. */
  within?: (second: number) => number;
  /** Pages of files that its reads left behind, after load r: they can be dropped at any time. */
  fileCache?: readonly number[];
  /** Load before whose begin it was started anew. */
  restartBefore?: number;
  /** Share of samples that are missing. */
  missing?: number;
  /** Whether no sample was taken, by seconds of the run. */
  isMissing?: (second: number) => boolean;
}

/** `loads` loads, of which those from `newInputsFrom` on send other inputs; `rounds` is the length of a series. */
export interface Life {
  loads: number;
  rounds: number;
  newInputsFrom: number;
}

export interface Shape {
  name: string;
  isLeak: boolean;
  /** Most confirmed false alarms for each run, or the least recall by rounds. */
  goal: { atMost: number } | { atLeast: Readonly<Record<number, number>> };
  /** The detector that has to see it. */
  seenBy?: 'growth-with-load' | 'growth-with-inputs';
  held(random: Random, life: Life): Held;
}

/** MiB, as in a run of a mid-sized server. */
export const baseMebibytes = 500;
const singleGoal = { atMost: 0.01 } as const;
const steady = (random: Random, loads: number): number[] => autoregressive(random, loads, 0.5, 5);
const add = (...parts: readonly (readonly number[])[]): number[] =>
  (parts[0] ?? []).map((_, index) => parts.reduce((sum, part) => sum + (part[index] ?? 0), 0));
const perLoad = (loads: number, value: (load: number) => number): number[] =>
  Array.from({ length: loads }, (_, load) => value(load));

function warmUp(mebibytes: number, tauOf: (life: Life) => number): Shape['held'] {
  return (random, life) => ({
    floors: add(
      perLoad(life.loads, (load) => mebibytes * (1 - Math.exp(-load / tauOf(life)))),
      autoregressive(random, life.loads, 0, 3),
    ),
  });
}

const harmless: readonly Shape[] = [
  {
    name: 'flat, white noise of 3 MiB',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({ floors: autoregressive(random, loads, 0, 3) }),
  },
  {
    name: 'flat, AR(1) .5 of 5 MiB',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({ floors: steady(random, loads) }),
  },
  {
    name: 'flat, AR(1) .8 of 8 MiB',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({ floors: autoregressive(random, loads, 0.8, 8) }),
  },
  {
    name: "a collector's sawtooth of 60 MiB",
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => {
      // No longer than half of the quiet time: the rule for floors asks for at least one whole period.
      const periodS = 2 + 4 * random.real();
      const phase = random.real();
      return {
        floors: autoregressive(random, loads, 0, 3),
        within: (second) => 60 * ((second / periodS + phase) % 1),
      };
    },
  },
  {
    name: "a collector's slow sawtooth of 60 MiB, 10 to 60 s",
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({
      floors: autoregressive(random, loads, 0, 3),
      within: sawtooth(random, 60, 10 + 50 * random.real(), loads * 20),
    }),
  },
  {
    name: 'warm-up of 80 MiB over half of the rounds',
    isLeak: false,
    goal: singleGoal,
    held: warmUp(80, ({ rounds }) => rounds / 2),
  },
  {
    name: 'warm-up as long as the rounds',
    isLeak: false,
    goal: { atMost: 0.025 },
    held: warmUp(80, ({ rounds }) => rounds),
  },
  {
    name: 'plateau that grows with the largest input',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => {
      let largest = 0;
      const plateau = perLoad(loads, () => {
        for (let request = 0; request < 10; request += 1) {
          largest = Math.max(largest, 40 * Math.exp(0.5 * normal(random)));
        }
        return largest;
      });
      return { floors: add(plateau, autoregressive(random, loads, 0, 3)) };
    },
  },
  {
    name: 'two steps of 40 MiB',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => {
      const steps = [random.below(loads), random.below(loads)];
      return {
        floors: add(
          perLoad(loads, (load) => 40 * steps.filter((at) => load >= at).length),
          autoregressive(random, loads, 0, 3),
        ),
      };
    },
  },
  {
    name: "an allocator's shrinking steps",
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => {
      let held = 0;
      let step = 40;
      const arenas = perLoad(loads, () => {
        if (random.real() < 0.5) {
          held += step;
          step *= 0.7;
        }
        return held;
      });
      return { floors: add(arenas, autoregressive(random, loads, 0, 3)) };
    },
  },
  {
    name: 'a restart in the middle',
    isLeak: false,
    goal: singleGoal,
    held: (random, life) => {
      const restartBefore = 1 + random.below(life.loads - 1);
      const sinceStart = (load: number): number => (load >= restartBefore ? load - restartBefore : load);
      return {
        floors: add(
          perLoad(life.loads, (load) => 40 * (1 - Math.exp(-sinceStart(load) / 2))),
          autoregressive(random, life.loads, 0, 3),
        ),
        restartBefore,
      };
    },
  },
  {
    name: 'flat, a third of the samples missing',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({ floors: steady(random, loads), missing: 0.33 }),
  },
  {
    name: 'flat, no samples for half a minute, three times',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => {
      const gaps = Array.from({ length: 3 }, () => loads * 15 * random.real());
      return {
        floors: steady(random, loads),
        isMissing: (second) => gaps.some((from) => second >= from && second < from + 30),
      };
    },
  },
  {
    name: 'page cache of 50 MiB more a round',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({
      floors: autoregressive(random, loads, 0, 3),
      fileCache: perLoad(loads, (load) => 50 * load),
    }),
  },
  {
    name: 'random walk of 4 MiB a round',
    isLeak: false,
    goal: singleGoal,
    held: (random, { loads }) => ({ floors: randomWalk(random, loads, 4) }),
  },
];

const leakOf = (share: number, atLeast: Record<number, number>): Shape => ({
  name: `leak of ${share} % a round`,
  isLeak: true,
  goal: { atLeast },
  seenBy: 'growth-with-load',
  held: (random, { loads }) => ({
    floors: add(
      perLoad(loads, (load) => (load * share * baseMebibytes) / 100),
      steady(random, loads),
    ),
  }),
});

const leaks: readonly Shape[] = [
  leakOf(0.1, {}),
  leakOf(0.5, {}),
  leakOf(1, {}),
  leakOf(2, { 8: 0.9, 12: 0.99 }),
  leakOf(5, { 8: 0.9, 12: 0.99 }),
  {
    name: 'leak of 2 % a round and warm-up of 80 MiB',
    isLeak: true,
    goal: { atLeast: {} },
    seenBy: 'growth-with-load',
    held: (random, { loads }) => ({
      floors: add(
        perLoad(loads, (load) => 10 * load + 80 * (1 - Math.exp(-load / 2))),
        steady(random, loads),
      ),
    }),
  },
  {
    name: 'lumpy leak of 30 MiB in 40 % of the rounds',
    isLeak: true,
    goal: { atLeast: {} },
    seenBy: 'growth-with-load',
    held: (random, { loads }) => {
      let held = 0;
      const lumps = perLoad(loads, () => {
        held += random.real() < 0.4 ? 30 : 0;
        return held;
      });
      return { floors: add(lumps, autoregressive(random, loads, 0, 3)) };
    },
  },
  {
    name: 'ramp of 10 % a round, to the limit',
    isLeak: true,
    goal: { atLeast: { 8: 0.99, 12: 0.99 } },
    seenBy: 'growth-with-load',
    held: (random, { loads }) => ({
      floors: add(
        perLoad(loads, (load) => 50 * load),
        steady(random, loads),
      ),
    }),
  },
  {
    name: 'cache of 25 MiB more for each round of new inputs',
    isLeak: true,
    goal: { atLeast: { 8: 0.9, 12: 0.9 } },
    seenBy: 'growth-with-inputs',
    held: (random, { loads, newInputsFrom }) => ({
      floors: add(
        perLoad(loads, (load) => 25 * Math.max(0, load - newInputsFrom + 1)),
        steady(random, loads),
      ),
    }),
  },
];

export const shapes: readonly Shape[] = [...harmless, ...leaks];

import type { PredictionResult } from './prediction.ts';
import type { SilentResult } from './silence.ts';
import type { ShapeResult } from './simulate.ts';

/** Of a whole run on the harmless mix, over all detectors. */
const mixGoal = 0.005;
const withinGoal = 0.9;
const coverageGoal = { from: 0.93, to: 0.99 };

const percent = (ratio: number | null): string => (ratio === null ? 'n/a' : `${(100 * ratio).toFixed(1)} %`);
const met = (isMet: boolean | null): string => (isMet === null ? '' : isMet ? 'met' : '**not met**');

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** null = no goal for this length. */
export function isShapeMet({ shape, rounds, runs, failed, seen }: ShapeResult): boolean | null {
  if ('atMost' in shape.goal) {
    return failed / runs <= shape.goal.atMost;
  }
  const least = shape.goal.atLeast[rounds];
  return least === undefined ? null : seen / runs >= least;
}

interface FalseAlarms {
  failed: number;
  runs: number;
  isMet: boolean;
}

/** Over all runs of harmless shapes, of rounds and of silence. */
export function falseAlarms(results: readonly ShapeResult[], silences: readonly SilentResult[]): FalseAlarms {
  const harmless = [
    ...results.filter(({ shape }) => !shape.isLeak),
    ...silences.filter(({ shape }) => shape.goal !== null && 'atMost' in shape.goal),
  ];
  const failed = harmless.reduce((sum, result) => sum + result.failed, 0);
  const runs = harmless.reduce((sum, result) => sum + result.runs, 0);
  return { failed, runs, isMet: failed / runs <= mixGoal };
}

/** null = no goal. */
export function isSilenceMet({ shape, runs, failed, seen }: SilentResult): boolean | null {
  if (shape.goal === null) {
    return null;
  }
  return 'atMost' in shape.goal ? failed / runs <= shape.goal.atMost : seen / runs >= shape.goal.atLeast;
}

/** What is held in silence, harmless or not. */
export function silenceTable(results: readonly SilentResult[]): string {
  const rows = results.map((result) => {
    const { shape, runs, failed, seen, suspected } = result;
    const isHarmless = shape.goal !== null && 'atMost' in shape.goal;
    const goal =
      shape.goal === null
        ? ''
        : 'atMost' in shape.goal
          ? `<= ${percent(shape.goal.atMost)}`
          : `>= ${percent(shape.goal.atLeast)}`;
    const fails = isHarmless ? failed : seen;
    return [shape.name, `${runs}`, percent(fails / runs), goal, met(isSilenceMet(result)), percent(suspected / runs)];
  });
  return markdown(['held in silence', 'runs', 'fails', 'goal', '', 'growth-without-load fails or warns'], rows);
}

/** Harmless shapes: how many runs any detector failed. `together` counts the runs of silence in. */
export function harmlessTable(results: readonly ShapeResult[], together: FalseAlarms): string {
  const harmless = results.filter(({ shape }) => !shape.isLeak);
  const rows = harmless.map((result) => {
    const { shape, rounds, runs, failed, warned, inconclusive } = result;
    const goal = 'atMost' in shape.goal ? `<= ${percent(shape.goal.atMost)}` : '';
    return [
      shape.name,
      `${rounds}`,
      `${runs}`,
      percent(failed / runs),
      goal,
      met(isShapeMet(result)),
      percent(warned / runs),
      percent(inconclusive / runs),
    ];
  });
  const { failed, runs, isMet } = together;
  const total = [
    'together, with the silences',
    '',
    `${runs}`,
    percent(failed / runs),
    `<= ${percent(mixGoal)}`,
    met(isMet),
    '',
    '',
  ];
  return markdown(['harmless shape', 'rounds', 'runs', 'fails', 'goal', '', 'warns', 'inconclusive'], [...rows, total]);
}

/** Shapes that have to be seen. */
export function leakTable(results: readonly ShapeResult[]): string {
  const rows = results
    .filter(({ shape }) => shape.isLeak)
    .map((result) => {
      const { shape, rounds, runs, seen, suspected } = result;
      const least = 'atLeast' in shape.goal ? shape.goal.atLeast[rounds] : undefined;
      return [
        shape.name,
        `${rounds}`,
        `${runs}`,
        percent(seen / runs),
        least === undefined ? '' : `>= ${percent(least)}`,
        met(isShapeMet(result)),
        percent(suspected / runs),
      ];
    });
  return markdown(['shape that grows', 'rounds', 'runs', 'fails', 'goal', '', 'fails or warns'], rows);
}

export function isPredictionMet({ withinRatio, coveredRatio }: PredictionResult): boolean {
  return withinRatio >= withinGoal && coveredRatio >= coverageGoal.from && coveredRatio <= coverageGoal.to;
}

/** Time to the limit, asked at half of the way. */
export function predictionTable(results: readonly PredictionResult[]): string {
  const rows = results.map((result) => [
    result.memory === 0 ? 'white noise' : `AR(1) ${result.memory}`,
    `${result.runs}`,
    percent(result.answered / result.runs),
    percent(result.medianErrorRatio),
    percent(result.p90ErrorRatio),
    percent(result.withinRatio),
    percent(result.coveredRatio),
    met(isPredictionMet(result)),
  ]);
  return markdown(
    [
      'ramp to the limit',
      'runs',
      'answered',
      'error p50',
      'error p90',
      `within 15 % (>= ${percent(withinGoal)})`,
      `interval covers (${percent(coverageGoal.from)} to ${percent(coverageGoal.to)})`,
      '',
    ],
    rows,
  );
}

import { createRandom } from '../../base/random.ts';
import { decide } from '../../computed/gate/decide.ts';
import { historySession } from '../../computed/gate/history-session.ts';
import type { GateConstants, GateDecision } from '../../model/gate.ts';
import type { HistoryLine } from '../../model/history.ts';
import { nightOf, peakRuns } from '../gate-nights.ts';
import { nightNoise, sessionValues } from './noise.ts';

export const nights = 60;
export const stepNight = 40;
export const creepNight = 20;

/** How the level of the server goes over the nights; `from`: the first night on which it is another. */
export interface Scenario {
  name: string;
  from: number | null;
  level(night: number): number;
}

const step = (share: number): Scenario => ({
  name: `a step of ${Math.round(100 * share)} % at night ${stepNight}`,
  from: stepNight,
  level: (night) => (night < stepNight ? 1 : 1 + share),
});

export const scenarios: readonly Scenario[] = [
  { name: 'no change', from: null, level: () => 1 },
  step(0.05),
  step(0.1),
  step(0.2),
  {
    name: `0.6 % more a night from night ${creepNight}`,
    from: creepNight,
    level: (night) => (night < creepNight ? 1 : 1.006 ** (night - creepNight + 1)),
  },
];

/** Of one series of nights: which of them were red, and how many second sessions were run. */
interface Outcome {
  redNights: readonly number[];
  confirmations: number;
  judged: number;
}

export interface Measured {
  scenario: Scenario;
  series: number;
  /** Nights whose level was as at first and that could be red; of them, red ones. */
  quietNights: number;
  falseAlarms: number;
  /** Series with a red night within so many nights of the change, as shares; null without a change. */
  foundWithin: Readonly<Record<1 | 3 | 7, number>> | null;
  /** Series with a red night at any time after the change; null without one. */
  found: number | null;
  confirmationsPerHundredNights: number;
}

/** One series of nights through the gate as a user has it: a suspect is followed by a second session. */
function simulateSeries(scenario: Scenario, seed: string, constants: GateConstants): Outcome {
  const random = createRandom(seed);
  const history: HistoryLine[] = [];
  const redNights: number[] = [];
  let confirmations = 0;
  let judged = 0;
  for (let night = 0; night < nights; night += 1) {
    const shared = nightNoise(random);
    const draw = (): readonly number[] => sessionValues(scenario.level(night), shared, random);
    const tonight = nightOf(night, draw());
    const input = { night: tonight, confirmation: [], history, others: [], constants, confirm: 'auto' } as const;
    let decision: GateDecision = decide(input);
    if (decision.needsConfirmation) {
      confirmations += 1;
      decision = decide({ ...input, confirmation: peakRuns(draw(), `second-${night}`) });
    }
    judged += night >= constants.calibration.minSessions ? 1 : 0;
    if (decision.state === 'fail') {
      redNights.push(night);
    }
    history.push(historySession(tonight, decision));
  }
  return { redNights, confirmations, judged };
}

/** Change points never decide and take most of the time, so they are left out here. */
export function measureScenario(scenario: Scenario, count: number, given: GateConstants): Measured {
  const constants = { ...given, changePoints: { ...given.changePoints, minBefore: nights + 1 } };
  const outcomes = Array.from({ length: count }, (_, index) =>
    simulateSeries(scenario, `bench-gate ${scenario.name} ${index}`, constants),
  );
  const { from } = scenario;
  const quietEnd = from ?? nights;
  const quietNights = count * Math.max(0, quietEnd - constants.calibration.minSessions);
  const isFound = (days: number): number =>
    outcomes.filter(({ redNights }) => redNights.some((night) => night >= quietEnd && night < quietEnd + days)).length /
    count;
  return {
    scenario,
    series: count,
    quietNights,
    falseAlarms: outcomes.reduce((sum, { redNights }) => sum + redNights.filter((night) => night < quietEnd).length, 0),
    foundWithin: from === null ? null : { 1: isFound(1), 3: isFound(3), 7: isFound(7) },
    found: from === null ? null : isFound(nights),
    confirmationsPerHundredNights:
      (100 * outcomes.reduce((sum, { confirmations }) => sum + confirmations, 0)) /
      Math.max(
        1,
        outcomes.reduce((sum, { judged }) => sum + judged, 0),
      ),
  };
}

import { formatBytes, formatDuration, formatRate, formatShare } from '../../base/units.ts';
import { virtualClock } from '../../base/virtual-clock.ts';
import { simulatedEngine, usualServer } from '../../engines/simulated/simulated.ts';
import { type Simulation, simulatePlan } from '../../phases/gather/simulate-plan.ts';
import { compilePlan, planSummary } from '../../phases/plan/plan.ts';
import type { Prepared } from '../../phases/plan/prepare.ts';
import { plugIns } from '../lists.ts';
import { type PlanOptions, prepareProfile } from '../prepare-profile.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { readTemplateFile, tryOneRequest } from '../wire-options.ts';

/** Of `bench plan` alone. */
export interface PlanCommandOptions extends PlanOptions {
  template?: string;
  simulate: boolean;
  simulateSlots?: number;
  simulateSpeed?: number;
}

/** Before anything is sent: what this run will not tell, however it ends. */
export function printWarnings({ warnings }: Pick<Prepared, 'warnings'>, terminal: Pick<Terminal, 'err'>): void {
  for (const warning of warnings) {
    terminal.err(`warning: ${warning}`);
  }
}

export function printPlan(prepared: Prepared, asJson: boolean, terminal: Terminal): void {
  const summary = planSummary(prepared.plan, prepared.corpus, prepared.profile);
  if (asJson) {
    terminal.out(JSON.stringify(summary));
    return;
  }
  const scale = summary.scale === 1 ? '' : `, scale ${summary.scale}`;
  terminal.out(`${summary.profile}: ${summary.question}`);
  terminal.out(`corpus ${summary.corpus.name}, ${summary.corpus.items} items, seed ${summary.seed}${scale}`);
  terminal.out('');
  for (const stage of summary.stages) {
    const load = stage.executor === null ? 'no load' : [stage.executor, ...stage.rates].join(' ');
    const requests =
      stage.requests === null ? (stage.executor === null ? '' : stage.requestsKnown) : `${stage.requests} requests`;
    terminal.out(
      `  ${stage.name.padEnd(14)} ${stage.kind.padEnd(9)} ${formatDuration(stage.durationMs).padStart(12)}  ${[load, requests].filter((text) => text !== '').join(', ')}`,
    );
  }
  const { search } = summary;
  if (search !== null) {
    terminal.out(
      `  ${'search'.padEnd(14)} ${'load'.padEnd(9)} ${formatDuration(search.longestMs).padStart(12)}  ${search.fromVus} to ${search.toVus} VUs, at most ${search.mostSteps} steps with their lulls`,
    );
  }
  terminal.out('');
  terminal.out(
    `at most ${formatDuration(summary.durationMs)}, at most ${formatBytes(summary.peakBytesInFlight)} of bodies in flight`,
  );
  terminal.out(`known before the run: ${summary.knownRequests} requests, ${formatBytes(summary.knownBytes)}`);
  terminal.out(`profile ${summary.profileHash}`);
  terminal.out(`corpus  ${summary.corpus.digest}`);
  terminal.out(`plan    ${summary.planHash}`);
}

/** What the simulation takes the server to be; nothing of it is measured. */
interface Assumptions {
  slots: number;
  speed: number;
}

function assumptionsOf({ simulateSlots, simulateSpeed }: PlanCommandOptions): Assumptions {
  return {
    slots: Math.max(1, simulateSlots ?? usualServer.slots),
    speed: simulateSpeed ?? 1000 / usualServer.msPerAudioSecond,
  };
}

async function simulate(prepared: Prepared, { slots, speed }: Assumptions): Promise<Simulation> {
  const { profile, corpus, plan, adapter } = prepared;
  const perUnitMs = 1000 / speed;
  return await simulatePlan({
    profile,
    corpus,
    plan,
    adapter,
    compile: (stages) =>
      compilePlan({ profile: { ...profile, stages, search: null }, corpus, executors: plugIns.executors }),
    engine: simulatedEngine({ ...usualServer, slots, msPerAudioSecond: perUnitMs, msPerMebibyte: perUnitMs }),
    clock: virtualClock(),
  });
}

const columns = [
  'stage',
  'lasts',
  'offered',
  'achieved',
  'in flight',
  'planned',
  'ok',
  'dropped',
  'timeouts',
  'let go',
  'p95',
];

function line(cells: readonly string[]): string {
  return `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(16) : cell.padStart(10))).join(' ')}`.trimEnd();
}

function printSimulation(simulation: Simulation, { slots, speed }: Assumptions, terminal: Terminal): void {
  terminal.out('');
  terminal.out('simulated: nothing was sent, and none of this is a measurement');
  terminal.out(`assumed: ${slots} requests at a time (--simulate-slots), each ${usualServer.baseMs} ms and`);
  terminal.out(`  ${speed} audio-seconds per second (--simulate-speed; MiB per second for what has no length);`);
  terminal.out('  the others wait in one queue without an end; memory is not simulated');
  terminal.out('');
  terminal.out(line(columns));
  for (const stage of simulation.stages) {
    const isLoaded = stage.offeredPerSecond !== null;
    const ifLoaded = (text: string): string => (isLoaded ? text : '');
    terminal.out(
      line([
        stage.name,
        formatDuration(stage.durationMs),
        ifLoaded(formatRate(stage.offeredPerSecond)),
        ifLoaded(formatRate(stage.achievedPerSecond)),
        String(stage.mostInFlight),
        ...[stage.planned, stage.answered, stage.dropped, stage.timeouts, stage.cancelled].map((count) =>
          ifLoaded(String(count)),
        ),
        stage.p95Ms === null ? '' : formatDuration(stage.p95Ms),
      ]),
    );
  }
  for (const name of simulation.skipped) {
    terminal.out(`  ${name}: skipped, since the stage that its rate refers to was not answered`);
  }
  const { search } = simulation;
  if (search !== null) {
    const last =
      search.lastGoodVus === null ? 'no step kept its bounds' : `${search.lastGoodVus} at once kept the bounds`;
    terminal.out(`search: ${last}; ${search.why}`);
    for (const { vus, achievedPerSecond, p95Ms, errorRatio, verdict } of search.steps) {
      const figures = [
        formatRate(achievedPerSecond),
        `p95 ${formatDuration(p95Ms)}`,
        `${formatShare(errorRatio)} failed`,
      ];
      terminal.out(`  ${String(vus).padStart(5)} at once: ${verdict.padEnd(6)} ${figures.join(', ')}`);
    }
  }
}

export async function planCommand(profileName: string, options: PlanCommandOptions): Promise<number> {
  const prepared = await prepareProfile(profileName, options);
  tryOneRequest(prepared, {
    model: '',
    check: 'auto',
    path: null,
    stream: false,
    template: readTemplateFile(options.template),
  });
  const terminal = openTerminal();
  printWarnings(prepared, terminal);
  if (!options.simulate) {
    printPlan(prepared, options.json, terminal);
    return 0;
  }
  const assumptions = assumptionsOf(options);
  const simulation = await simulate(prepared, assumptions);
  if (options.json) {
    terminal.out(
      JSON.stringify({
        ...planSummary(prepared.plan, prepared.corpus, prepared.profile),
        simulation: { assumptions, ...simulation },
      }),
    );
  } else {
    printPlan(prepared, false, terminal);
    printSimulation(simulation, assumptions, terminal);
  }
  return 0;
}

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { detectors } from '../../detectors/index.ts';
import { parseProfile, scaleProfile } from '../../model/parse-profile.ts';
import type { FaultExpectation } from '../../reference-server/faults/fault.ts';
import { faults } from '../../reference-server/faults/index.ts';
import { nameOf, type RealRun, realRuns } from '../fault-runs/real-runs.ts';

/** Full: the profile of the fault's expectation, its durations times `scale`. Short: that of the short real runs. */
export type PaperLength = { kind: 'full'; scale: number } | { kind: 'short' };

/** One run of the table; what it needs is known before any run begins. */
export interface PaperRun {
  incident: string;
  fault: string;
  isFaulty: boolean;
  /** Names the length too, so that runs of two lengths share a folder and are never taken for one another. */
  runId: string;
  profile: string;
  /** null: no limit is set. */
  limitMib: number | null;
  /** Of `bench run`, without the places to write to. */
  args: readonly string[];
  /** Sum of all stages; a drain or a burst may end sooner. */
  plannedMs: number;
}

/** Run by npm, so from the root of the repository. */
const shortFolder = resolve('src', 'testing', 'fault-runs');

export const incidents: readonly string[] = [...new Set(realRuns.map(({ incident }) => incident))];

/** Goes into the ids of runs and the header of the table. */
export function lengthText(length: PaperLength): string {
  return length.kind === 'short' ? 'short' : `x${length.scale}`;
}

function expectationOf({ fault, memoryLimitMib }: RealRun): FaultExpectation {
  const found = faults
    .find(({ id }) => id === fault)
    ?.expected.find((expectation) => expectation.memoryLimitMib === memoryLimitMib);
  if (found === undefined) {
    throw new Error(`the fault ${fault} expects nothing at ${memoryLimitMib} MiB`);
  }
  return found;
}

function plannedMs(path: string, scale: number): number {
  const ids = detectors.map(({ id }) => id);
  const { stages } = scaleProfile(parseProfile(readFileSync(path, 'utf8'), path, ids), scale);
  return stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function fullArgs({ knobs = {}, adapter, corpus }: FaultExpectation, scale: number): readonly string[] {
  return [
    ...Object.entries(knobs).flatMap(([knob, value]) => ['--knob', `${knob}=${value}`]),
    ...(adapter === undefined ? [] : ['--adapter', adapter]),
    ...(corpus === undefined ? [] : ['--corpus', corpus]),
    ...(scale === 1 ? [] : ['--scale', String(scale)]),
  ];
}

function paperRun(run: RealRun, length: PaperLength): PaperRun {
  const { incident, fault, isFaulty } = run;
  const expectation = expectationOf(run);
  const isShort = length.kind === 'short';
  const path = isShort ? join(shortFolder, `${fault}.yaml`) : resolve('profiles', `${expectation.profile}.yaml`);
  const scale = isShort ? 1 : length.scale;
  const limitMib = isShort ? run.limitMib : expectation.memoryLimitMib;
  const device = expectation.deviceMib === undefined ? [] : ['--vram', `${expectation.deviceMib}MiB`];
  const limit = limitMib === null ? [] : ['--memory-limit', `${limitMib}MiB`];
  const target = ['--target', `reference:${fault}${isFaulty ? '' : '+fixed'}`, '--device', 'virtual', '--guard', 'off'];
  const profile = isShort ? path : expectation.profile;
  return {
    incident,
    fault,
    isFaulty,
    runId: `${nameOf(run)}-${lengthText(length)}`,
    profile,
    limitMib,
    args: [profile, ...target, ...device, ...limit, ...(isShort ? run.args : fullArgs(expectation, scale))],
    plannedMs: plannedMs(path, scale),
  };
}

/** Faulty and fixed of each named incident, in the order of the incidents. */
export function paperRuns(named: readonly string[], length: PaperLength): readonly PaperRun[] {
  return realRuns.filter(({ incident }) => named.includes(incident)).map((run) => paperRun(run, length));
}

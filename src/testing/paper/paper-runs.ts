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
  /** Size of an input as a part of that of the incident, and of the limit too; 1 where the host has the memory. */
  part: number;
  /** Of `bench run`, without the places to write to. */
  args: readonly string[];
  /** Sum of all stages; a drain or a burst may end sooner. */
  plannedMs: number;
}

/** Run by npm, so from the root of the repository. */
const shortFolder = resolve('src', 'testing', 'fault-runs');

/** What needs more memory than most hosts have, once more with a sixth of the pixels under a sixth of the limit. */
const smaller: Readonly<Record<string, { part: number; corpus: string }>> = {
  'prefetch-shm': { part: 1 / 6, corpus: resolve('src', 'testing', 'paper', 'sixth-photos.yaml') },
};

export const incidents: readonly string[] = [...new Set(realRuns.map(({ incident }) => incident))];

/** Goes into the ids of runs and the header of the table. */
export function lengthText(length: PaperLength): string {
  return length.kind === 'short' ? 'short' : `x${length.scale}`;
}

/** Of inputs that are smaller than in the incident. */
export const partText = (part: number): string => `1-of-${Math.round(1 / part)}`;

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

function fullArgs(
  { knobs = {}, adapter }: FaultExpectation,
  corpus: string | undefined,
  scale: number,
): readonly string[] {
  return [
    ...Object.entries(knobs).flatMap(([knob, value]) => ['--knob', `${knob}=${value}`]),
    ...(adapter === undefined ? [] : ['--adapter', adapter]),
    ...(corpus === undefined ? [] : ['--corpus', corpus]),
    ...(scale === 1 ? [] : ['--scale', String(scale)]),
  ];
}

/** null: a short run, or one whose own sizes fit. */
function smallerOf({ fault, memoryLimitMib }: RealRun, length: PaperLength, hostMib: number) {
  const fits = memoryLimitMib === null || memoryLimitMib <= hostMib;
  return length.kind === 'short' || fits ? null : (smaller[fault] ?? null);
}

function paperRun(run: RealRun, length: PaperLength, hostMib: number): PaperRun {
  const { incident, fault, isFaulty } = run;
  const expectation = expectationOf(run);
  const isShort = length.kind === 'short';
  const path = isShort ? join(shortFolder, `${fault}.yaml`) : resolve('profiles', `${expectation.profile}.yaml`);
  const scale = isShort ? 1 : length.scale;
  const shrunk = smallerOf(run, length, hostMib);
  const part = shrunk?.part ?? 1;
  const wholeMib = isShort ? run.limitMib : expectation.memoryLimitMib;
  const limitMib = wholeMib === null ? null : Math.round(wholeMib * part);
  const device = expectation.deviceMib === undefined ? [] : ['--vram', `${expectation.deviceMib}MiB`];
  const limit = limitMib === null ? [] : ['--memory-limit', `${limitMib}MiB`];
  const target = ['--target', `reference:${fault}${isFaulty ? '' : '+fixed'}`, '--device', 'virtual', '--guard', 'off'];
  const profile = isShort ? path : expectation.profile;
  const corpus = shrunk?.corpus ?? expectation.corpus;
  return {
    incident,
    fault,
    isFaulty,
    runId: `${nameOf(run)}-${lengthText(length)}${part === 1 ? '' : `-${partText(part)}`}`,
    profile,
    limitMib,
    part,
    args: [profile, ...target, ...device, ...limit, ...(isShort ? run.args : fullArgs(expectation, corpus, scale))],
    plannedMs: plannedMs(path, scale),
  };
}

/** Faulty and fixed of each named incident, in the order of the incidents, as large as `hostMib` of memory allow. */
export function paperRuns(named: readonly string[], length: PaperLength, hostMib: number): readonly PaperRun[] {
  return realRuns.filter(({ incident }) => named.includes(incident)).map((run) => paperRun(run, length, hostMib));
}

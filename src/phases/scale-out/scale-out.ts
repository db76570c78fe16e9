import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { writeBodies } from '../../engines/k6/bodies.ts';
import { k6 } from '../../engines/k6/k6.ts';
import { scriptData, scriptText } from '../../engines/k6/script.ts';
import { placeShared, sharePlan } from '../../engines/k6/shared-plan.ts';
import { splitAddress } from '../../engines/k6/target-address.ts';
import type { AdapterOptions } from '../../model/adapter.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import type { Prepared } from '../plan/prepare.ts';
import {
  agent,
  bodiesName,
  configMap,
  dataName,
  type ManifestFacts,
  manifestText,
  needsVolume,
  scriptName,
  storage,
  testRun,
} from './manifests.ts';
import { readmeText } from './readme.ts';

export const sharedPlanName = 'plan.json';
/** About 3 kB of k6's JSON for each request (measured), and packed a tenth of it; room for both. */
const resultBytesPerRequest = 3000;

/** What `bench merge` must know of a plan that was sent elsewhere; it holds no secret. */
export interface SharedPlanFile {
  headroom: 'scale-out';
  toolVersion: string;
  runners: number;
  profile: ResolvedProfile;
  profileHash: string;
  planHash: string;
  corpus: Pick<Manifest['corpus'], 'name' | 'recipe' | 'digest'>;
  adapter: string;
  adapterOptions: AdapterOptions;
  targetUrl: string;
}

export interface ScaleOutOptions {
  prepared: Prepared;
  runners: number;
  target: URL;
  adapterOptions: AdapterOptions;
  outFolder: string;
  k6Image: string;
  benchImage: string;
  toolVersion: string;
  signal: AbortSignal;
}

/** A segment's flags in k6's words: of three parts, `1/3:2/3` and the sequence `0,1/3,2/3,1`. */
export function segmentFlags(index: number, count: number): string {
  const at = (n: number): string => (n === 0 ? '0' : n === count ? '1' : `${n}/${count}`);
  const sequence = Array.from({ length: count + 1 }, (_, n) => at(n)).join();
  return `--execution-segment ${at(index)}:${at(index + 1)} --execution-segment-sequence ${sequence}`;
}

function labelOf(profile: string): string {
  return `headroom-${profile}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 50)
    .replace(/-+$/, '');
}

function refuseWhatK6Lacks({ plan, adapter, profile }: Prepared): void {
  const answer = k6.keeps(plan, adapter);
  if (profile.search !== null || profile.neighbour !== null) {
    throw new BenchError('ENGINE_CANNOT_KEEP_PLAN', `The profile ${profile.name} has a search or a neighbour.`, {
      hint: 'Both need one process that sees the answers: use bench run.',
    });
  }
  if (!answer.keeps) {
    throw new BenchError('ENGINE_CANNOT_KEEP_PLAN', `k6 cannot keep this plan: ${answer.why}.`, {
      hint: 'Change the executors of the profile, or leave the stage out with --only.',
    });
  }
}

/**
 * plan -> one script for all runners + data + bodies -> TestRun, volumes, agent, README, plan.json
 * Writes files and sends nothing. Throws ENGINE_CANNOT_KEEP_PLAN, USAGE or NO_SPACE.
 */
export async function scaleOut(options: ScaleOutOptions): Promise<{ folder: string; volumeNeeded: boolean }> {
  const { prepared, runners, adapterOptions, outFolder } = options;
  const { adapter, plan, profile } = prepared;
  refuseWhatK6Lacks(prepared);
  if (adapter.kind !== 'call') {
    throw new TypeError(`k6 cannot serve ${adapter.id}`);
  }
  const stages = sharePlan(plan, runners);
  const placed = placeShared(stages, adapter, adapterOptions, runners);
  const { baseUrl } = splitAddress(options.target);
  const script = { planHash: plan.hash, baseUrl, stages: placed.stages, places: placed.bodies.places };
  const texts = { [scriptName]: scriptText(script, `./${dataName}`), [dataName]: scriptData(script) };
  const requests = stages.reduce((sum, { draft }) => sum + (draft?.rows.length ?? 0), 0);
  const facts: ManifestFacts = {
    name: labelOf(profile.name),
    runners,
    memoryBytes: placed.memoryBytes,
    inputBytes:
      placed.rowTable.length +
      placed.bodies.bytes +
      Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    k6Image: options.k6Image,
    benchImage: options.benchImage,
    resultBytes: requests * resultBytesPerRequest,
  };
  const write = folderWriter(outFolder);
  write(sharedPlanName, `${JSON.stringify(planFile(options), null, 2)}\n`);
  for (const [name, text] of Object.entries(texts)) {
    write(name, text);
  }
  await writeBodies(placed, join(outFolder, bodiesName), options.signal);
  write('testrun.yaml', manifestText([testRun(facts)]));
  write('storage.yaml', manifestText(storage(facts)));
  write('agent.yaml', manifestText(agent(facts)));
  if (!needsVolume(facts)) {
    write('configmap.yaml', manifestText([configMap(facts.name, texts, readFileSync(join(outFolder, bodiesName)))]));
  }
  const segments = { flags: Array.from({ length: runners }, (_, index) => segmentFlags(index, runners)) };
  const told = { profile: profile.name, targetUrl: baseUrl, planHash: plan.hash, requests, segments };
  write('README.md', readmeText({ ...facts, ...told }));
  return { folder: outFolder, volumeNeeded: needsVolume(facts) };
}

function planFile({ prepared, runners, adapterOptions, target, toolVersion }: ScaleOutOptions): SharedPlanFile {
  return {
    headroom: 'scale-out',
    toolVersion,
    runners,
    profile: prepared.profile,
    profileHash: prepared.profileHash,
    planHash: prepared.plan.hash,
    corpus: { name: prepared.corpus.name, recipe: prepared.recipe, digest: prepared.corpus.digest },
    adapter: prepared.adapter.id,
    adapterOptions,
    targetUrl: splitAddress(target).baseUrl,
  };
}

/** Never over what is there: a folder of an earlier plan would be mixed with this one. */
function folderWriter(folder: string): (name: string, text: string) => void {
  return (name, text) => {
    try {
      makeFolder(folder);
      writeFileSync(join(folder, name), text, { flag: 'wx' });
    } catch (error: unknown) {
      const code = systemCodeOf(error) ?? 'unknown';
      throw new BenchError(
        code === 'EEXIST' ? 'USAGE' : 'NO_SPACE',
        `${join(folder, name)} cannot be written: ${code}.`,
        {
          hint: 'Give --out a folder that is new and can be written.',
          cause: error,
        },
      );
    }
  };
}

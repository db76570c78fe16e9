import { findById } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import type { Adapter } from '../../model/adapter.ts';
import type { Corpus, CorpusGenerator } from '../../model/corpus.ts';
import type { LoadEngine } from '../../model/engine.ts';
import { parseProfile, profileHash, scaleProfile } from '../../model/parse-profile.ts';
import type { Executor, Plan } from '../../model/plan.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import { openCorpus } from '../corpus/open-corpus.ts';
import type { CompileStages } from '../gather/capacity-search.ts';
import { type PreparedNeighbour, prepareNeighbour } from '../gather/neighbour.ts';
import { compilePlan } from './plan.ts';
import { shortStages } from './short-stages.ts';

/** All lists of plug-ins that preparation chooses from. */
export interface PlugIns {
  generators: readonly CorpusGenerator[];
  executors: readonly Executor[];
  adapters: readonly Adapter[];
  engines: readonly LoadEngine[];
  detectorIds: readonly string[];
}

export interface PrepareOptions {
  profile: { text: string; fileName: string };
  /** Reads a recipe by name: the user's folder first, then the package's. */
  readRecipe(name: string): { text: string; fileName: string };
  scale: number;
  seed: number | null;
  corpus: string | null;
  adapter: string | null;
  only: readonly string[] | null;
  timeoutMs: number | null;
  sampleIntervalMs: number | null;
  engine: string;
  plugIns: PlugIns;
}

export interface Prepared {
  profile: ResolvedProfile;
  profileHash: string;
  corpus: Corpus;
  /** What the corpus was asked for by: its name, or the file of its recipe. */
  recipe: string;
  plan: Plan;
  /** Compiles stages that a search adds, with all else as in the profile. */
  compile: CompileStages;
  /** null: the profile has none. */
  neighbour: PreparedNeighbour | null;
  adapter: Adapter;
  engine: LoadEngine;
  engineVersion: string;
  engineWhy: string;
  /** What this run will not tell, since its stages are too short for it; a sentence each. */
  warnings: readonly string[];
}

function withOverrides(profile: ResolvedProfile, options: PrepareOptions): ResolvedProfile {
  const { only, timeoutMs } = options;
  const unknown = only?.find((name) => profile.stages.every((stage) => stage.name !== name));
  if (unknown !== undefined) {
    throw new BenchError('UNKNOWN_NAME', `The profile ${profile.name} has no stage "${unknown}".`, {
      hint: `Its stages: ${profile.stages.map((stage) => stage.name).join(', ')}.`,
    });
  }
  return {
    ...profile,
    corpus: options.corpus ?? profile.corpus,
    adapter: options.adapter ?? profile.adapter,
    seed: options.seed ?? profile.seed,
    sampleIntervalMs: options.sampleIntervalMs ?? profile.sampleIntervalMs,
    // The search is no stage that one could name, and takes longer than any.
    search: only === null ? profile.search : null,
    stages: profile.stages
      .filter((stage) => only === null || only.includes(stage.name))
      .map((stage) => (timeoutMs === null ? stage : { ...stage, timeoutMs })),
  };
}

function refuseLostReferences(plan: Plan): void {
  const names = new Set<string>();
  for (const planned of plan.stages) {
    const lost = planned.refersTo.find((name) => !names.has(name));
    if (lost !== undefined) {
      throw new BenchError(
        'USAGE',
        `Stage "${planned.stage.name}" takes its rate from stage "${lost}", which --only leaves out.`,
        {
          hint: `Add ${lost} to --only.`,
        },
      );
    }
    names.add(planned.stage.name);
  }
}

/** `auto` takes the first engine that keeps the plan honestly; a named one must keep it. */
async function chooseEngine(
  id: string,
  plan: Plan,
  adapter: Adapter,
  engines: readonly LoadEngine[],
): Promise<{ engine: LoadEngine; version: string; why: string }> {
  if (id !== 'auto') {
    const engine = findById('engine', engines, id);
    const answer = engine.keeps(plan, adapter);
    if (!answer.keeps) {
      throw new BenchError('ENGINE_CANNOT_KEEP_PLAN', `The engine ${id} cannot keep this plan: ${answer.why}.`, {
        hint: 'Use --engine auto.',
      });
    }
    return { engine, version: (await engine.preflight()).version, why: 'asked for by --engine' };
  }
  const reasons: string[] = [];
  for (const engine of engines.filter((one) => one.isOnlyByName !== true)) {
    const answer = engine.keeps(plan, adapter);
    if (answer.keeps) {
      const why = ['auto: the first that keeps this plan', ...reasons].join('; ');
      return { engine, version: (await engine.preflight()).version, why };
    }
    reasons.push(`not ${engine.id}: ${answer.why}`);
  }
  throw new BenchError('ENGINE_CANNOT_KEEP_PLAN', `No engine keeps this plan: ${reasons.join('; ')}.`, {
    hint: 'Change the executors of the profile.',
  });
}

function neighbourOf({ neighbour, seed }: ResolvedProfile, options: PrepareOptions): PreparedNeighbour | null {
  if (neighbour === null) {
    return null;
  }
  const recipe = options.readRecipe(neighbour.corpus);
  const corpus = openCorpus(recipe.text, recipe.fileName, options.plugIns.generators);
  return prepareNeighbour(neighbour, corpus, options.plugIns.adapters, seed);
}

/** profile text -> strict parse -> scale, overrides -> corpus -> plan -> engine. Sends nothing. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { plugIns } = options;
  const parsed = parseProfile(options.profile.text, options.profile.fileName, plugIns.detectorIds);
  const at = (scale: number): ResolvedProfile => withOverrides(scaleProfile(parsed, scale), options);
  const asked = at(options.scale);
  const recipe = options.readRecipe(asked.corpus);
  const corpus = openCorpus(recipe.text, recipe.fileName, plugIns.generators);
  // Where its recipe lies on this machine is no part of what is asked: elsewhere the same run has the same hash.
  const profile = { ...asked, corpus: corpus.name };
  const adapter = findById('adapter', plugIns.adapters, profile.adapter);
  const foreign = corpus.items.find((item) => !adapter.accepts.some((prefix) => item.mediaType.startsWith(prefix)));
  if (foreign !== undefined) {
    throw new BenchError(
      'USAGE',
      `The adapter ${adapter.id} cannot carry ${foreign.mediaType} of the corpus ${corpus.name}.`,
      {
        hint: `It carries ${adapter.accepts.join(', ')}.`,
      },
    );
  }
  const { executors } = plugIns;
  const plan = compilePlan({ profile, corpus, executors });
  const compile: CompileStages = (stages) =>
    compilePlan({ profile: { ...profile, stages, search: null }, corpus, executors });
  refuseLostReferences(plan);
  const chosen = await chooseEngine(options.engine, plan, adapter, plugIns.engines);
  return {
    profile,
    profileHash: profileHash(profile, corpus.digest),
    corpus,
    recipe: asked.corpus,
    plan,
    compile,
    neighbour: neighbourOf(profile, options),
    adapter,
    engine: chosen.engine,
    engineVersion: chosen.version,
    engineWhy: chosen.why,
    warnings: shortStages(at, options.scale),
  };
}

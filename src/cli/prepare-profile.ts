import { type Prepared, prepare } from '../phases/plan/prepare.ts';
import { readYaml } from './library.ts';
import { plugIns } from './lists.ts';

/** What every command that compiles a plan takes. */
export interface PlanOptions {
  corpus?: string;
  adapter?: string;
  seed?: number;
  scale: number;
  only?: readonly string[];
  timeout?: number;
  engine: string;
  json: boolean;
}

/** A profile by name or path, with what the command line says otherwise. */
export async function prepareProfile(
  profileName: string,
  options: Omit<PlanOptions, 'json'> & { interval?: number },
): Promise<Prepared> {
  return await prepare({
    profile: readYaml('profiles', profileName),
    readRecipe: (name) => readYaml('corpora', name),
    scale: options.scale,
    seed: options.seed ?? null,
    corpus: options.corpus ?? null,
    adapter: options.adapter ?? null,
    only: options.only ?? null,
    timeoutMs: options.timeout ?? null,
    sampleIntervalMs: options.interval ?? null,
    engine: options.engine,
    plugIns,
  });
}

import { planSummary } from '../../phases/plan.ts';
import { type Prepared, prepare } from '../../phases/prepare.ts';
import { readYaml } from '../library.ts';
import { plugIns } from '../lists.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

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

export function printPlan(prepared: Prepared, asJson: boolean, terminal: Terminal): void {
  const summary = planSummary(prepared.plan, prepared.corpus, prepared.profile);
  terminal.out(asJson ? JSON.stringify(summary) : JSON.stringify(summary, null, 2));
}

export async function planCommand(profileName: string, options: PlanOptions): Promise<number> {
  const prepared = await prepare({
    profile: readYaml('profiles', profileName),
    readRecipe: (name) => readYaml('corpora', name),
    scale: options.scale,
    seed: options.seed ?? null,
    corpus: options.corpus ?? null,
    adapter: options.adapter ?? null,
    only: options.only ?? null,
    timeoutMs: options.timeout ?? null,
    sampleIntervalMs: null,
    engine: options.engine,
    plugIns,
  });
  printPlan(prepared, options.json, openTerminal());
  return 0;
}

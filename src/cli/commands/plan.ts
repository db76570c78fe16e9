import { formatBytes, formatDuration } from '../../base/units.ts';
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
  terminal.out('');
  terminal.out(
    `at most ${formatDuration(summary.durationMs)}, at most ${formatBytes(summary.peakBytesInFlight)} of bodies in flight`,
  );
  terminal.out(`known before the run: ${summary.knownRequests} requests, ${formatBytes(summary.knownBytes)}`);
  terminal.out(`profile ${summary.profileHash}`);
  terminal.out(`corpus  ${summary.corpus.digest}`);
  terminal.out(`plan    ${summary.planHash}`);
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadEngine } from '../model/engine.ts';
import { bodyCases } from './engine-contract/body-cases.ts';
import { clientCases } from './engine-contract/client-cases.ts';
import { connectionCases } from './engine-contract/connection-cases.ts';
import type { ContractCase } from './engine-contract/contract-case.ts';
import { deathCases } from './engine-contract/death-cases.ts';
import { EngineTrial } from './engine-contract/engine-trial.ts';
import { loadCases } from './engine-contract/load-cases.ts';
import { replyCases } from './engine-contract/reply-cases.ts';

const contractCases: readonly ContractCase[] = [
  ...loadCases,
  ...replyCases,
  ...bodyCases,
  ...deathCases,
  ...connectionCases,
  ...clientCases,
];

/** Those that share their time first: they wait more than they work. */
const inOrder = contractCases.toSorted((a, b) => Number(a.runsAlone ?? false) - Number(b.runsAlone ?? false));

/** A process that is started for each stage needs a while. */
const patienceMs = 30_000;

/**
 * Stamps are held against real time, and a host that others keep busy for a moment is no fault of an engine: a case
 * is broken if it fails again and again.
 */
const retries = 2;

export interface ContractOptions {
  /** Cases that the engine refuses, each with words of its reason. */
  cannot?: Readonly<Record<string, string>>;
  /** Cases in which it is known to differ and refuses nothing; they are skipped by name. */
  differs?: Readonly<Record<string, string>>;
  /** For an engine whose own processes would fight for the processors. */
  oneByOne?: boolean;
  /** Why the engine cannot be tried here at all, so that every case is skipped by name; null if it can. */
  missing?: string | null;
}

/**
 * Every engine passes this suite against the sink. One that cannot keep a case refuses its plan with a reason, and
 * the suite asserts that. `bench:load --matrix` reads the titles.
 */
export function describeEngineContract(
  engine: LoadEngine,
  { cannot = {}, differs = {}, oneByOne = false, missing = null }: ContractOptions = {},
): void {
  const unknown = [...Object.keys(cannot), ...Object.keys(differs)].filter(
    (id) => !contractCases.some((contractCase) => contractCase.id === id),
  );
  if (unknown.length > 0) {
    throw new Error(`The contract has no case ${unknown.join(', ')}.`);
  }
  describe(`the engine contract, kept by ${engine.id}`, () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'headroom-engine-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    for (const contractCase of inOrder) {
      const { id, title } = contractCase;
      const refused = cannot[id];
      const difference = differs[id];
      const skipped = missing ?? contractCase.skipped?.(engine.id) ?? null;
      const test = oneByOne || contractCase.runsAlone === true ? it : it.concurrent;
      if (difference !== undefined) {
        test.skip(`${title} [differs: ${difference}]`);
      } else if (missing === null && refused !== undefined) {
        test(`${title} [refused: ${refused}]`, { timeout: patienceMs }, async () => {
          expect(await new EngineTrial(engine, contractCase, folder).refusal()).toContain(refused);
        });
      } else if (skipped !== null) {
        test.skip(`${title} [skipped: ${skipped}]`);
      } else {
        test(title, { timeout: patienceMs, retry: retries }, async () => {
          const trial = new EngineTrial(engine, contractCase, folder);
          await contractCase.run(trial).finally(() => trial.release());
        });
      }
    }
  });
}

import type { Manifest } from '../../model/manifest.ts';
import type { RunResult } from '../../model/result.ts';
import { resultSchema } from '../../model/schemas/result-schema.ts';
import { overallVerdict } from '../analyze/analyze.ts';
import { Faults, type RuleAnswer } from './verify-faults.ts';
import { schemaFaults } from './verify-schema.ts';

export interface ResultFacts {
  result: RunResult;
  manifest: Manifest;
  /** SHA-256 of every sealed file as it is now. */
  digests: Readonly<Record<string, string>>;
  /** Rows of requests.csv by outcome; null: the table could not be read. */
  counts: ReadonlyMap<string, number> | null;
}

/** `result.json` against the files that it was derived from. */
export function verifyResult(facts: ResultFacts): RuleAnswer[] {
  const schema = schemaFaults('result.json', resultSchema, facts.result);
  return schema.state === 'holds'
    ? [schema, sources(facts), sums(facts), valid(facts), verdict(facts), weighed(facts)]
    : [schema];
}

function sources({ result, manifest, digests }: ResultFacts): RuleAnswer {
  const faults = new Faults('8.3', 'result.json was derived from these files');
  if (result.runId !== manifest.runId) {
    faults.add(`result.json is of the run ${result.runId}, manifest.json of ${manifest.runId}.`);
  }
  for (const name of new Set([...Object.keys(result.sources), ...Object.keys(digests)])) {
    if (result.sources[name] !== digests[name]) {
      faults.add(`result.json was made from another ${name}. Make it anew: bench analyze RUN.`);
    }
  }
  return faults.answer();
}

function sums({ result, manifest, counts }: ResultFacts): RuleAnswer {
  const faults = new Faults('5.1', 'the outcomes of the result sum to the requests that were planned');
  const { planned, outcomes } = result.requests;
  const sum = Object.values(outcomes).reduce((all, count) => all + count, 0);
  const expected = manifest.measured?.planned ?? planned;
  if (sum !== planned || planned !== expected) {
    faults.add(`result.json: ${sum} outcomes of ${planned} requests, and ${expected} were planned.`);
  }
  for (const [outcome, count] of counts ?? []) {
    const said = outcomes[outcome as keyof typeof outcomes];
    if (said !== count) {
      faults.add(`result.json counts ${said} ${outcome}, requests.csv ${count}.`);
    }
  }
  return faults.answer();
}

/** A search of an older bench confirmed nothing, and was judged without that. */
function searchOf({ search }: RunResult): RunResult['search'] {
  return search?.confirmedVus === undefined ? null : search;
}

/** Before this text a run that a signal had cut was judged as one that had come to its end. */
function isJudgedWhole({ protocol }: Manifest): boolean {
  return protocol == null || /^(0|1\.[0-3]$)/.test(protocol.version);
}

function verdict({ result, manifest }: ResultFacts): RuleAnswer {
  const faults = new Faults('7.2', 'the verdict follows from the findings');
  const follows = overallVerdict(result.findings, manifest.profile.requires, {
    status: isJudgedWhole(manifest) ? 'completed' : result.status,
    requests: result.requests,
    search: searchOf(result),
  });
  if (follows !== result.verdict) {
    faults.add(`result.json says ${result.verdict}, its findings give ${follows}.`);
  }
  return faults.answer();
}

function valid({ result: { validity } }: ResultFacts): RuleAnswer {
  const faults = new Faults('6.1', 'a run is invalid for reasons that are told, and valid without any');
  if ((validity.state === 'invalid') !== validity.reasons.length > 0) {
    faults.add(`result.json says ${validity.state} with ${validity.reasons.length} reasons.`);
  }
  return faults.answer();
}

function weighed({ result, manifest }: ResultFacts): RuleAnswer {
  const faults = new Faults('7.4', 'a finding counts as the profile says');
  for (const { detector, verdict: said } of result.findings) {
    const threshold = manifest.profile.thresholds[detector] ?? 'fail';
    const isAgainst = threshold === 'off' ? said !== 'not-applicable' : threshold === 'warn' && said === 'fail';
    if (isAgainst) {
      faults.add(`result.json says ${said} of ${detector}, which the profile sets to ${threshold}.`);
    }
  }
  const { codes = null, reasons } = result.validity;
  if (codes !== null && codes.length !== reasons.length) {
    faults.add(`result.json has ${codes.length} codes for ${reasons.length} reasons of its validity.`);
  }
  return faults.answer();
}

import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { isWatched } from '../../computed/watched.ts';
import type { Detector } from '../../model/detector.ts';
import type { Manifest } from '../../model/manifest.ts';
import { typedColumns } from '../../store/column-types.ts';
import { migrationFile } from '../../store/migration-file.ts';
import { type RunFolder, readManifest, readResult } from '../../store/run-folder.ts';
import { checkSeal, digests } from '../../store/seal.ts';
import { analyzeFolder } from '../analyze/folder.ts';
import { shippedProtocol } from '../shipped-protocol.ts';
import { verifyDerived } from './verify-derived.ts';
import { Faults, notChecked, type RuleAnswer } from './verify-faults.ts';
import { verifyManifest } from './verify-manifest.ts';
import { verifyPublication } from './verify-publication.ts';
import { NeighbourRules, RequestRules } from './verify-requests.ts';
import { verifyResult } from './verify-result.ts';
import { EventRules, SampleRules } from './verify-samples.ts';
import { StageRules } from './verify-stages.ts';
import { verifyTable } from './verify-table.ts';

const sendingKinds: readonly string[] = ['warmup', 'load', 'canary'];

export interface RunVerification {
  runId: string;
  status: Manifest['status'];
  /** No rule is broken. */
  isSound: boolean;
  rules: readonly RuleAnswer[];
}

/**
 * folder -> seal -> manifest and profile -> tables, a row at a time -> result.json
 *        -> where all of these hold, the result derived anew -> one answer a rule (PROTOCOL 8.8)
 * Changes nothing. Throws RESULT_UNREADABLE only if the manifest cannot be read, or is of another schema.
 */
export async function verifyRun(folder: RunFolder, detectors: readonly Detector[]): Promise<RunVerification> {
  const manifest = readManifest(folder);
  const rules: RuleAnswer[] = [
    await seal(folder, manifest),
    files(folder, manifest),
    ...verifyManifest({
      manifest,
      profileText: existsSync(folder.profile) ? readFileSync(folder.profile, 'utf8') : null,
      isMigrated: existsSync(migrationFile(folder)),
      detectorIds: detectors.map(({ id }) => id),
      protocol: shippedProtocol(),
    }),
  ];
  // Tables mean nothing without the profile that they are of.
  const canGoOn = rules.every(({ clause, state }) => clause !== '8.6' || state === 'holds');
  if (canGoOn) {
    const requests = requestRules(manifest);
    rules.push(...(await tables(folder, manifest, requests)));
    rules.push(...(await result({ folder, manifest, counts: requests.counts, detectors, isWhole: holds(rules) })));
  }
  return {
    runId: folder.runId,
    status: manifest.status,
    isSound: holds(rules),
    rules,
  };
}

function holds(rules: readonly RuleAnswer[]): boolean {
  return rules.every(({ state }) => state !== 'broken');
}

async function seal(folder: RunFolder, { status }: Manifest): Promise<RuleAnswer> {
  const faults = new Faults('8.3', 'every file is as it was sealed');
  const { sealed, differences } = await checkSeal(folder);
  if (!sealed) {
    const isReadable = status !== 'running' && existsSync(folder.result);
    const remedy = isReadable ? 'What was recovered stays so.' : `Make it readable: bench recover ${folder.runId}.`;
    const when = status === 'running' || status === 'aborted' ? 'its end' : 'its seal';
    faults.add(`The run is not sealed: it was killed before ${when}. ${remedy}`);
  }
  for (const { file, difference } of differences) {
    faults.add(`${difference}: ${file}`);
  }
  return faults.answer();
}

function files(folder: RunFolder, manifest: Manifest): RuleAnswer {
  const faults = new Faults('8.1', 'the files of a run are there');
  const { profile, requests, samples, events, neighbour, result: resultFile } = folder;
  const expected = [profile, requests, samples, events, resultFile];
  if (manifest.profile.neighbour !== null) {
    expected.push(neighbour);
  }
  for (const path of expected.filter((one) => !existsSync(one))) {
    const remedy = path === resultFile ? ` Make it: bench analyze ${folder.runId}.` : '';
    faults.add(`missing: ${basename(path)}.${remedy}`);
  }
  return faults.answer();
}

function requestRules(manifest: Manifest): RequestRules {
  const { profile, measured } = manifest;
  const isOurs = !isWatched(manifest) && profile.search === null;
  const sending = profile.stages.filter(({ kind }) => sendingKinds.includes(kind)).map(({ name }) => name);
  return new RequestRules({ stages: isOurs ? new Set(sending) : null, planned: measured?.planned ?? null });
}

async function tables(folder: RunFolder, manifest: Manifest, requests: RequestRules): Promise<RuleAnswer[]> {
  const { profile, measured } = manifest;
  const silent = new Set(profile.stages.filter(({ kind }) => kind === 'silence').map(({ name }) => name));
  const isJoined = measured?.clock != null;
  const samples = new SampleRules({ isJoined, silent, intervalMs: profile.sampleIntervalMs });
  const events = new EventRules(measured !== null);
  const stages = new StageRules(manifest);
  const neighbour = new NeighbourRules(silent);
  const items = new Set<string>();
  const unknown = new Faults('8.1', 'every item that was sent is in items.csv');
  const answers: RuleAnswer[] = [];
  const read = async (
    path: string,
    columns: keyof typeof typedColumns,
    onRow: Parameters<typeof verifyTable>[0]['onRow'],
  ) => {
    if (existsSync(path)) {
      answers.push(await verifyTable({ path, columns: typedColumns[columns], onRow }));
    }
  };
  await read(folder.items, 'items', (row) => items.add(row.text('item_id')));
  await read(folder.requests, 'requests', (row) => {
    requests.row(row);
    if (items.size > 0 && !items.has(row.text('item_id'))) {
      unknown.add(`${row.place}: the item ${row.text('item_id')} is not in items.csv.`);
    }
  });
  await read(folder.neighbour, 'requests', (row) => neighbour.row(row));
  await read(folder.samples, 'samples', (row) => samples.row(row));
  await read(folder.events, 'events', (row) => {
    events.row(row);
    stages.row(row);
  });
  const itemRule =
    items.size > 0
      ? unknown.answer()
      : notChecked('8.1', 'every item that was sent is in items.csv', 'The run has no items.csv.');
  const own = [...requests.answers(), itemRule, ...samples.answers(), ...events.answers(), ...stages.answers()];
  return [...answers, ...own, ...(profile.neighbour === null ? [] : [neighbour.answer()])];
}

interface ResultContext {
  folder: RunFolder;
  manifest: Manifest;
  counts: ReadonlyMap<string, number>;
  detectors: readonly Detector[];
  /** No rule is broken so far: of other tables nothing is derived that means anything. */
  isWhole: boolean;
}

async function result({ folder, manifest, counts, detectors, isWhole }: ResultContext): Promise<RuleAnswer[]> {
  if (!existsSync(folder.result)) {
    return [];
  }
  try {
    const read = readResult(folder);
    const rules = verifyResult({ result: read, manifest, digests: await digests(folder), counts });
    const publication = holds(rules) ? [verifyPublication(manifest, read)] : [];
    return isWhole && holds(rules)
      ? [...rules, verifyDerived(read, await analyzeFolder(folder, detectors)), ...publication]
      : [...rules, ...publication];
  } catch (error: unknown) {
    const faults = new Faults('8.6', 'result.json can be read');
    faults.add(messageOf(error));
    return [faults.answer()];
  }
}

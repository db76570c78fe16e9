import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../model/artifacts.ts';
import type { Manifest } from '../model/manifest.ts';
import { profileHash, toYaml } from '../model/parse-profile.ts';
import type { RequestRecord } from '../model/record.ts';
import { schemaVersion } from '../model/result.ts';
import { conclude } from '../phases/analyze/conclude.ts';
import { CsvAppender } from '../store/append-csv.ts';
import { eventColumns, eventRow, requestColumns, requestRow, sampleColumns } from '../store/columns.ts';
import type { CsvValue } from '../store/csv-line.ts';
import { createRunFolder, type RunFolder, writeManifest, writeResolvedProfile } from '../store/run-folder.ts';
import { event, profile, record } from './build.ts';
import { manifest } from './build-manifest.ts';

export interface RunContent {
  runId?: string;
  manifest?: Partial<Manifest>;
  records?: Iterable<RequestRecord>;
  samples?: Iterable<CsvValue[]>;
  events?: readonly RunEvent[];
}

const scratches: string[] = [];

/** A folder for runs, removed by `removeScratch`. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'headroom-runs-'));
  scratches.push(path);
  return path;
}

export function removeScratch(): void {
  for (const path of scratches.splice(0)) {
    rmSync(path, { recursive: true, force: true });
  }
}

const corpusDigest = 'c'.repeat(64);

function wholeManifest(runId: string, rows: number, over: Partial<Manifest>): Manifest {
  const resolved = over.profile ?? profile();
  const base = manifest();
  return {
    ...base,
    schemaVersion,
    runId,
    profile: resolved,
    profileHash: profileHash(resolved, corpusDigest),
    planHash: 'b'.repeat(64),
    corpus: { ...base.corpus, digest: corpusDigest },
    measured: base.measured === null ? null : { ...base.measured, planned: rows },
    ...over,
  };
}

/** A run of the present schema with every file; not sealed, and without a result. */
export function writeRun(outFolder: string, content: RunContent = {}): RunFolder {
  const records = content.records ?? [0, 1, 2].map((seq) => record(seq, { plannedMs: 30_000 + seq * 1000 }));
  const folder = createRunFolder(outFolder, content.runId ?? 'a-run');
  const requests = new CsvAppender(folder.requests, requestColumns);
  for (const one of records) {
    requests.append(requestRow(one));
  }
  requests.close();
  const written = wholeManifest(folder.runId, requests.rows, content.manifest ?? {});
  writeManifest(folder, written);
  writeResolvedProfile(folder, toYaml(written.profile));
  const samples = new CsvAppender(folder.samples, sampleColumns);
  for (const row of content.samples ?? [[0, 'base', 'host-memory', 'host', 'host', 'mem_total_bytes', 1024, 'ok']]) {
    samples.append(row);
  }
  samples.close();
  const events = new CsvAppender(folder.events, eventColumns);
  (content.events ?? [event(0, 'run_start'), event(150_000, 'run_end')]).forEach((one) => {
    events.append(eventRow(one));
  });
  events.close();
  return folder;
}

/** The same, sealed and with its result; no detector judges it. */
export async function writeSealedRun(outFolder: string, content: RunContent = {}): Promise<RunFolder> {
  const folder = writeRun(outFolder, content);
  await conclude(folder, [], { isAnonymized: false });
  return folder;
}

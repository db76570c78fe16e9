import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { nearestName } from '../base/by-id.ts';
import { BenchError, systemCodeOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { isPathPart } from '../base/path-part.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RunResult } from '../model/result.ts';
import { schemaVersion } from '../model/result.ts';
import { replaceOrSay, writeOrSay } from './write-or-say.ts';

/** The first schema that this bench reads as it is; older ones come by way of `bench migrate`. */
const oldestVersion = '0.2';

/** Where the parts of one run lie (PROTOCOL 8.1). */
export interface RunFolder {
  runId: string;
  path: string;
  manifest: string;
  profile: string;
  items: string;
  requests: string;
  /** Requests to the neighbour, in the same columns; only of a run that has one. */
  neighbour: string;
  samples: string;
  events: string;
  result: string;
  seal: string;
  logs: string;
  /** Of what an engine writes by itself; made by the engine. */
  engine: string;
}

export function runFolderAt(path: string): RunFolder {
  const at = (name: string): string => join(path, name);
  return {
    runId: basename(path),
    path,
    manifest: at('manifest.json'),
    profile: at('profile.resolved.yaml'),
    items: at('items.csv'),
    requests: at('requests.csv'),
    neighbour: at('neighbour.csv'),
    samples: at('samples.csv'),
    events: at('events.csv'),
    result: at('result.json'),
    seal: at('SHA256SUMS'),
    logs: at('logs'),
    engine: at('engine'),
  };
}

/** Creates the folder of a new run; an existing one is never reused. */
export function createRunFolder(outFolder: string, runId: string): RunFolder {
  const path = resolve(outFolder, runId);
  try {
    makeFolder(outFolder);
    mkdirSync(path);
    mkdirSync(join(path, 'logs'));
  } catch (error: unknown) {
    if (systemCodeOf(error) === 'EEXIST') {
      throw new BenchError('USAGE', `A run "${runId}" is already in ${outFolder}.`, {
        hint: 'Give another --run-id.',
        cause: error,
      });
    }
    throw new BenchError(
      'NO_SPACE',
      `The results folder ${path} cannot be written: ${systemCodeOf(error) ?? 'unknown'}.`,
      {
        hint: 'Give a writable folder with --out.',
        cause: error,
      },
    );
  }
  return runFolderAt(path);
}

/** A run by its path, or by its id inside `outFolder`. */
export function findRunFolder(name: string, outFolder: string): RunFolder {
  for (const path of [resolve(name), resolve(outFolder, name)]) {
    if (existsSync(join(path, 'manifest.json'))) {
      refuseNoFiles(path);
      return runFolderAt(path);
    }
  }
  const bare = [resolve(name), resolve(outFolder, name)].find((path) => existsSync(path));
  if (bare !== undefined) {
    throw new BenchError('RESULT_UNREADABLE', `${bare} holds no manifest.json, so it is no run that can be read.`, {
      hint: 'A run that was killed before its manifest stood has measured nothing.',
    });
  }
  const known = listRunIds(outFolder);
  const near = nearestName(name, known);
  throw new BenchError('RESULT_UNREADABLE', `There is no run "${name}" (no manifest.json there).`, {
    hint: near === null ? `Runs in ${outFolder}: ${latest(known)}.` : `Did you mean "${near}"?`,
  });
}

/** A link may lead to whatever else its reader may read, and a pipe never ends; no bench writes either. */
function refuseNoFiles(path: string): void {
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) {
      throw new BenchError('RESULT_UNREADABLE', `${join(entry.parentPath, entry.name)} is neither file nor folder.`, {
        hint: 'A run holds nothing else: do not trust this folder.',
      });
    }
  }
}

/** So many names are read before they are looked through. */
const mostNamed = 5;

function latest(known: readonly string[]): string {
  const older = known.length - mostNamed;
  return `${known.slice(-mostNamed).join(', ') || 'none'}${older > 0 ? `, and ${older} older` : ''}`;
}

/** Ids of the runs in a folder, oldest first. */
export function listRunIds(outFolder: string): readonly string[] {
  const folder = resolve(outFolder);
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'manifest.json')))
    .sort();
}

/** Replaces the manifest: temporary file beside it, fsync, rename. */
export function writeManifest(folder: RunFolder, manifest: Manifest): void {
  replaceOrSay(folder.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
}

export function readManifest(folder: RunFolder): Manifest {
  const manifest = readAnyManifest(folder);
  const version = manifest.schemaVersion;
  if (versionNumber(version) < versionNumber(oldestVersion)) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${folder.runId} has schema ${version}; this bench reads ${oldestVersion} and later ones.`,
      { hint: `Bring it to ${schemaVersion} with: bench migrate ${folder.runId}` },
    );
  }
  return manifest as unknown as Manifest;
}

interface Versioned {
  readonly [name: string]: unknown;
  schemaVersion: string;
  runId?: unknown;
  session?: unknown;
}

/** The manifest as it stands in the file, of any older schema too. */
export function readAnyManifest(folder: RunFolder): Versioned {
  return readVersioned(folder.manifest);
}

/** A JSON file of a run, whatever its schema up to this one's major version. Throws RESULT_UNREADABLE. */
function readVersioned(path: string): Versioned {
  const read = readJson(path);
  if (typeof read !== 'object' || read === null || !('schemaVersion' in read)) {
    throw namesNoSchema(path);
  }
  const { schemaVersion: version } = read;
  if (typeof version !== 'string') {
    throw namesNoSchema(path);
  }
  refuseNewer(path, version);
  const versioned = { ...read, schemaVersion: version };
  refuseOtherPlaces(path, versioned);
  return versioned;
}

/** Pages and decisions are named by these; a folder from elsewhere must not choose another place for them. */
function refuseOtherPlaces(path: string, { runId, session }: Versioned): void {
  const sessionId = typeof session === 'object' && session !== null && 'id' in session ? session.id : undefined;
  for (const [name, id] of Object.entries({ runId, 'session.id': sessionId })) {
    if (id !== undefined && !isPathPart(id)) {
      throw new BenchError('RESULT_UNREADABLE', `${path}: ${name} cannot name a file.`, {
        hint: 'No bench writes such an id: do not trust this folder.',
      });
    }
  }
}

function namesNoSchema(path: string): BenchError {
  return new BenchError('RESULT_UNREADABLE', `${path} names no schemaVersion, so it is no file of a run.`, {
    hint: 'Check the folder with: bench verify RUN',
  });
}

export function writeResult(folder: RunFolder, result: RunResult): void {
  replaceOrSay(folder.result, `${JSON.stringify(result)}\n`);
}

export function readResult(folder: RunFolder): RunResult {
  if (!existsSync(folder.result)) {
    throw new BenchError('RESULT_UNREADABLE', `${folder.path} has no result.json yet.`, {
      hint: `Make it with: bench analyze ${folder.runId}`,
    });
  }
  return readVersioned(folder.result) as unknown as RunResult;
}

export function writeResolvedProfile(folder: RunFolder, yaml: string): void {
  writeOrSay(folder.profile, () => writeFileSync(folder.profile, yaml));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error: unknown) {
    throw new BenchError('RESULT_UNREADABLE', `${path} cannot be read as JSON.`, {
      hint: 'Check the folder with: bench verify RUN',
      cause: error,
    });
  }
}

/** `1.2` to 1.002: versions in their order. */
function versionNumber(version: string): number {
  const [major = Number.NaN, minor = 0] = String(version).split('.').map(Number);
  return major + minor / 1000;
}

/** A newer minor schema only adds, a newer major one breaks (PROTOCOL 8.6). */
function refuseNewer(path: string, version: string): void {
  const number = versionNumber(version);
  if (Number.isNaN(number)) {
    throw namesNoSchema(path);
  }
  if (Math.floor(number) > Math.floor(versionNumber(schemaVersion))) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${path} has schema ${version}; this bench reads up to ${schemaVersion}.`,
      {
        hint: 'Use a newer headroom to read it.',
      },
    );
  }
}

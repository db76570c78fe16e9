import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir, hostname, release, tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { Manifest } from '../../model/manifest.ts';
import { toYaml } from '../../model/parse-profile.ts';
import type { ResolvedProfile } from '../../model/profile.ts';
import type { RunResult } from '../../model/result.ts';
import { CsvAppender } from '../../store/append-csv.ts';
import { typedColumns } from '../../store/column-types.ts';
import type { CsvValue } from '../../store/csv-line.ts';
import { readTable } from '../../store/read-table.ts';
import { type RunFolder, readManifest, writeManifest, writeResolvedProfile } from '../../store/run-folder.ts';
import { Aliases, type KnownNames } from './anonymize-names.ts';

/** Columns that hold texts of the target or of the machine; all others are our own words. */
const maskedColumns: Readonly<Record<keyof typeof typedColumns, readonly string[]>> = {
  requests: ['item_id', 'error_code', 'route'],
  samples: ['instance', 'metric'],
  events: ['subject', 'detail'],
  items: ['item_id'],
};

/**
 * manifest -> known names -> manifest, resolved profile, tables, logs and engine files with the names replaced.
 * Must come before the seal (PROTOCOL 8.11), and before the result is derived; what it returns masks what is derived.
 */
export async function anonymizeRun(folder: RunFolder): Promise<Aliases> {
  const manifest = readManifest(folder);
  const aliases = new Aliases(knownNames(manifest));
  const profile = maskProfile(manifest.profile, aliases);
  const leftOut = await maskLooseFiles(folder, aliases);
  writeManifest(folder, maskManifest({ ...manifest, profile }, leftOut, aliases));
  if (existsSync(folder.profile) && profile !== manifest.profile) {
    writeResolvedProfile(folder, toYaml(profile));
  }
  await maskTable(folder.items, 'items', aliases);
  await maskTable(folder.requests, 'requests', aliases);
  await maskTable(folder.neighbour, 'requests', aliases);
  await maskTable(folder.samples, 'samples', aliases);
  await maskTable(folder.events, 'events', aliases);
  return aliases;
}

/** A detector that threw tells where this program lies. */
export function anonymizeResult(result: RunResult, aliases: Aliases): RunResult {
  return {
    ...result,
    runtimeErrors: result.runtimeErrors.map(({ where, stack }) => ({ where, stack: aliases.mask(stack) })),
  };
}

const hostOption = /^--?(?:host|hostname|server)$/;

/** Folders on the way to the groups of this process, 64-digit ids among them; none where there is no /proc. */
function ownGroups(): readonly string[] {
  try {
    const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
    return lines.flatMap((line) => (line.split(':').slice(2).join(':') || '').split('/'));
  } catch {
    return [];
  }
}

/** This machine's names, and those that the run itself was told. */
function knownNames(manifest: Manifest): KnownNames {
  const text = JSON.stringify([
    manifest.argv,
    manifest.target,
    manifest.engine,
    manifest.subject,
    manifest.notObserved,
  ]);
  const urlHosts = [...text.matchAll(/[a-z]{2,10}:\/\/(?:[^/@\s"]{0,200}@)?([^\s:/"'\\?#]{1,253})/gi)];
  const accounts = [...text.matchAll(/(?<![\w.@/*-])([\w.-]{1,64})@([A-Za-z][\w.-]{0,252})/g)];
  const registry = /^([^/]+\.[^/]+|[^/]+:\d+)\//.exec(manifest.subject.image ?? '')?.[1]?.replace(/:\d+$/, '');
  const named = manifest.argv.flatMap((argument, index) =>
    hostOption.test(manifest.argv[index - 1] ?? '') ? [argument.replace(/:\d+$/, '')] : [],
  );
  const own = hostname();
  return {
    hosts: [
      own,
      own.split('.')[0] ?? '',
      ...urlHosts.map(([, host]) => host ?? ''),
      ...accounts.map(([, , host]) => host ?? ''),
      registry ?? '',
      ...named,
    ],
    groups: ownGroups(),
    kernelRelease: release(),
    users: [userInfo().username, basename(homedir()), ...accounts.map(([, user]) => user ?? '')],
    pathRoots: [homedir(), process.cwd(), tmpdir(), process.argv[1] ?? ''].map((path) => path.split('/')[1] ?? ''),
  };
}

function maskAll<T>(value: T, aliases: Aliases): T {
  if (typeof value === 'string') {
    return aliases.mask(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map((held: unknown) => maskAll(held, aliases)) as T;
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, maskAll(held, aliases)])) as T;
  }
  return value;
}

/** Words that programs compare stay as they are. */
function maskManifest(manifest: Manifest, leftOut: readonly string[], aliases: Aliases): Manifest {
  const { target, engine } = manifest;
  const notes = leftOut.map((what) => ({
    what,
    why: 'left out: it is no text, so that names in it cannot be replaced',
  }));
  return {
    ...manifest,
    exitCause: maskAll(manifest.exitCause, aliases),
    argv: maskAll(manifest.argv, aliases),
    corpus: maskAll(manifest.corpus, aliases),
    subject: maskAll(manifest.subject, aliases),
    engine: { ...engine, why: aliases.mask(engine.why) },
    target: { ...maskAll(target, aliases), kind: target.kind, fault: target.fault, fixes: target.fixes },
    host: maskAll(manifest.host, aliases),
    hostClass: aliases.mask(manifest.hostClass),
    comparability: maskAll(manifest.comparability, aliases),
    notObserved: maskAll([...manifest.notObserved, ...notes], aliases),
  };
}

/** The same object if nothing in it had to be replaced, so that its hash stays true. */
function maskProfile(profile: ResolvedProfile, aliases: Aliases): ResolvedProfile {
  const question = aliases.mask(profile.question);
  const path = profile.neighbour?.path ?? null;
  const maskedPath = path === null ? null : aliases.mask(path);
  if (question === profile.question && maskedPath === path) {
    return profile;
  }
  const neighbour = profile.neighbour === null ? null : { ...profile.neighbour, path: maskedPath };
  return { ...profile, question, neighbour };
}

async function maskTable(path: string, table: keyof typeof typedColumns, aliases: Aliases): Promise<void> {
  if (!existsSync(path)) {
    return;
  }
  const columns = typedColumns[table];
  const masked = new Set(maskedColumns[table]);
  const names = columns.map(({ name }) => name);
  const fresh = `${path}.masked`;
  const csv = new CsvAppender(fresh, names);
  await readTable(path, names, (fields) => {
    csv.append(
      columns.map(({ name, type }, index): CsvValue => {
        const text = fields[index] ?? '';
        if (masked.has(name)) {
          return aliases.mask(text);
        }
        // As a text a negative number would be taken for a formula.
        return (type === 'number' || type === 'whole') && text !== '' ? Number(text) : text;
      }),
    );
  });
  csv.close();
  renameSync(fresh, path);
}

/** Logs and what engines wrote; returns the names of files that are no text, and are removed. */
async function maskLooseFiles(folder: RunFolder, aliases: Aliases): Promise<string[]> {
  const leftOut: string[] = [];
  for (const place of [folder.logs, folder.engine].filter((one) => existsSync(one))) {
    const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
      .map((name) => join(place, name))
      .filter((path) => statSync(path).isFile());
    for (const path of files) {
      const masked = join(dirname(path), aliases.mask(basename(path)));
      if (await isText(path)) {
        await maskLines(path, masked, aliases);
      } else {
        rmSync(path);
        leftOut.push(join(basename(place), basename(masked)));
      }
    }
  }
  return leftOut;
}

async function isText(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0);
    return !buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await file.close();
  }
}

async function maskLines(path: string, masked: string, aliases: Aliases): Promise<void> {
  const fresh = `${path}.masked`;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  await pipeline(async function* () {
    for await (const line of lines) {
      yield `${aliases.mask(line)}\n`;
    }
  }, createWriteStream(fresh));
  rmSync(path);
  renameSync(fresh, masked);
}

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CorpusItem } from '../../model/corpus.ts';
import type { ItemOutcome, MadeFile } from './work.ts';

export const manifestName = 'manifest.jsonl';

const headerSchema = z.object({
  corpus: z.string(),
  digest: z.string(),
  generator: z.string(),
  version: z.number(),
  seed: z.number(),
  count: z.number(),
  node: z.string(),
});
/** Line 1: which corpus it is, and what made it. */
export type ManifestHeader = z.infer<typeof headerSchema>;

const fileSchema = z.object({ id: z.string(), file: z.string(), bytes: z.number(), sha256: z.string() });
const itemSchema = fileSchema.extend({ index: z.int().min(0), attachments: z.array(fileSchema).optional() });
const closingSchema = z.strictObject({ complete: z.literal(true), count: z.number() });

export interface ManifestFile extends MadeFile {
  file: string;
}

export interface FolderManifest {
  header: ManifestHeader;
  /** By index: the item's file, then those of its attachments. A later line of an item replaces an earlier one. */
  items: ReadonlyMap<number, readonly ManifestFile[]>;
  /** Only then is the folder the whole corpus. */
  isComplete: boolean;
  /** Where the last line that counts ends: a torn line and the closing line lie behind. */
  keptBytes: number;
  /** Number of the first line that cannot be read, from 1; null: all can. */
  tornLine: number | null;
}

export function manifestPath(folder: string): string {
  return join(folder, manifestName);
}

/** One item as it was written, with its traits and what proves a reply. */
export function itemLine(item: CorpusItem, { index, files }: ItemOutcome, attachments: readonly CorpusItem[]): string {
  const entry = (of: CorpusItem, made: MadeFile | undefined): object => ({
    id: of.id,
    file: of.fileName,
    bytes: made?.bytes,
    sha256: made?.sha256,
    traits: of.traits,
    ...(Object.keys(of.truth).length === 0 ? {} : { truth: of.truth }),
  });
  const along = attachments.map((attachment, place) => entry(attachment, files[place + 1]));
  return `${JSON.stringify({
    index,
    ...entry(item, files[0]),
    ...(along.length === 0 ? {} : { attachments: along }),
  })}\n`;
}

export function closingLine(count: number): string {
  return `${JSON.stringify({ complete: true, count })}\n`;
}

const readBytes = 1_048_576;
const newline = 10;

/** Whole lines and where each ends; a last line without its newline is not whole, so it is left out. */
function* wholeLines(file: number): Generator<{ text: string; end: number }, number, void> {
  const buffer = Buffer.alloc(readBytes);
  let open: Buffer[] = [];
  let at = 0;
  for (;;) {
    const length = readSync(file, buffer, 0, readBytes, at);
    if (length === 0) {
      return open.reduce((all, part) => all + part.length, 0);
    }
    let start = 0;
    for (let stop = buffer.indexOf(newline); stop >= 0 && stop < length; stop = buffer.indexOf(newline, start)) {
      open.push(buffer.subarray(start, stop));
      yield { text: Buffer.concat(open).toString('utf8'), end: at + stop + 1 };
      open = [];
      start = stop + 1;
    }
    open.push(Buffer.from(buffer.subarray(start, length)));
    at += length;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type ManifestLine =
  | { kind: 'item'; index: number; files: readonly ManifestFile[] }
  | { kind: 'closing' }
  | { kind: 'torn' };

function lineOf(text: string): ManifestLine {
  const value = jsonOf(text);
  if (closingSchema.safeParse(value).success) {
    return { kind: 'closing' };
  }
  const item = itemSchema.safeParse(value);
  if (!item.success) {
    return { kind: 'torn' };
  }
  const { index, attachments = [], ...own } = item.data;
  return {
    kind: 'item',
    index,
    files: [own, ...attachments].map(({ file, bytes, sha256 }) => ({ file, bytes, sha256 })),
  };
}

/**
 * The manifest of a built folder up to the first line that cannot be read, for a kill may tear the last one.
 * null: there is none. `header` null: its first line is not ours.
 */
export function readFolderManifest(folder: string): FolderManifest | { header: null } | null {
  const path = manifestPath(folder);
  if (!existsSync(path)) {
    return null;
  }
  const file = openSync(path, 'r');
  try {
    const lines = wholeLines(file);
    const first = lines.next();
    const header = headerSchema.safeParse(first.done === true ? null : jsonOf(first.value.text));
    if (first.done === true || !header.success) {
      return { header: null };
    }
    const items = new Map<number, readonly ManifestFile[]>();
    let keptBytes = first.value.end;
    let isComplete = false;
    let lineNumber = 1;
    for (let step = lines.next(); ; step = lines.next()) {
      lineNumber += 1;
      if (step.done === true) {
        return { header: header.data, items, isComplete, keptBytes, tornLine: step.value === 0 ? null : lineNumber };
      }
      const line = lineOf(step.value.text);
      if (line.kind === 'torn') {
        return { header: header.data, items, isComplete: false, keptBytes, tornLine: lineNumber };
      }
      isComplete = line.kind === 'closing';
      if (line.kind === 'item') {
        items.set(line.index, line.files);
        keptBytes = step.value.end;
      }
    }
  } finally {
    closeSync(file);
  }
}

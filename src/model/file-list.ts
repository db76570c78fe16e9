import { z } from 'zod';
import { BenchError } from '../base/errors.ts';
import { mediaTypes } from '../base/media-facts.ts';

/** No way out of the folder: a list may come from elsewhere. */
function staysInFolder(file: string): boolean {
  return file.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
}

const listedFileSchema = z.strictObject({
  file: z.string().refine(staysInFolder, 'must be a path within the folder, with slashes'),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hex digits'),
  mediaType: z.enum(mediaTypes),
  traits: z.record(z.string(), z.number().nonnegative()),
  text: z.string().min(1).optional(),
});

/** One of the user's own files, as a line of NAME.files.jsonl knows it. */
export interface ListedFile {
  /** Within the folder of the recipe, with slashes. */
  file: string;
  bytes: number;
  sha256: string;
  mediaType: string;
  traits: Readonly<Record<string, number>>;
  /** What is said in a recording; null if nobody wrote it down. */
  text: string | null;
}

/** The line of a file, without its line end. */
export function formatListedFile({ text, ...file }: ListedFile): string {
  return JSON.stringify(text === null ? file : { ...file, text });
}

function parseLine(line: string, place: string): ListedFile {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error: unknown) {
    throw new BenchError('RECIPE_INVALID', `${place}: the line is not JSON.`, {
      hint: 'The file holds one JSON object per line; make it anew with `bench corpus import`.',
      cause: error,
    });
  }
  const parsed = listedFileSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.map(String).join('.') ?? '';
    throw new BenchError(
      'RECIPE_INVALID',
      `${place}${path === '' ? '' : ` ${path}`}: ${issue?.message ?? 'is invalid'}.`,
      {
        hint: 'A line holds file, bytes, sha256, mediaType, traits and perhaps text.',
      },
    );
  }
  return { ...parsed.data, text: parsed.data.text ?? null };
}

/** The files of a list in its order; empty lines are passed over. Throws RECIPE_INVALID with file and line. */
export function parseFileList(text: string, fileName: string): ListedFile[] {
  return text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, `${fileName}:${index + 1}`)]));
}

import { join } from 'node:path';
import { BenchError, systemCodeOf } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { replaceFile } from '../../base/replace-file.ts';
import type { ExportedFile, Exporter } from '../../model/exporter.ts';
import { type ExportPlaces, readExportInput } from './input.ts';

/**
 * run folders -> results of one session
 *             -> its decision and the nights before it, where there are any
 *             -> exporter -> files
 * Nothing is written.
 */
export function exportSession(places: ExportPlaces, exporter: Exporter): readonly ExportedFile[] {
  const answer = exporter.write(readExportInput(places));
  if ('unexportable' in answer) {
    throw new BenchError('USAGE', `This cannot be told in the form ${exporter.id}: ${answer.unexportable}.`, {
      hint: 'junit, markdown and openmetrics take every session.',
    });
  }
  return answer.files;
}

/** Puts the files into a folder, which is made where it is missing. Returns their paths. */
export function writeExport(folder: string, files: readonly ExportedFile[]): readonly string[] {
  try {
    makeFolder(folder);
    return files.map(({ name, text }) => {
      const path = join(folder, name);
      replaceFile(path, text);
      return path;
    });
  } catch (error: unknown) {
    throw new BenchError('NO_SPACE', `${folder} cannot be written: ${systemCodeOf(error) ?? 'unknown'}.`, {
      hint: 'Give a writable folder with --out.',
      cause: error,
    });
  }
}

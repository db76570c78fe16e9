import { findById } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import { exporters } from '../../exporters/index.ts';
import { exportSession, writeExport } from '../../phases/export/export.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

export interface ExportCommandOptions {
  format: string;
  results: string;
  out?: string;
  decision?: string;
  history?: string;
}

/** One file goes to stdout, unless it shall be kept; several need a folder. */
export async function exportCommand(
  runs: readonly string[],
  options: ExportCommandOptions,
  terminal: Pick<Terminal, 'out' | 'err'> = openTerminal(),
): Promise<number> {
  const exporter = findById('export format', exporters, options.format);
  const files = exportSession(
    {
      runs,
      outFolder: options.results,
      decisionFile: options.decision ?? null,
      historyFile: options.history ?? null,
    },
    exporter,
  );
  if (options.out !== undefined) {
    for (const path of writeExport(options.out, files)) {
      terminal.out(path);
    }
    return 0;
  }
  const [only, ...others] = files;
  if (only === undefined || others.length > 0) {
    throw new BenchError('USAGE', `${exporter.id} makes ${files.length} files, which stdout cannot hold.`, {
      hint: 'Give a folder with --out.',
    });
  }
  terminal.out(only.text.replace(/\n$/, ''));
  return 0;
}

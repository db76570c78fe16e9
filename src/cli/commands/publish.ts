import { publish } from '../../phases/publish/publish.ts';
import { sections } from '../../sections/index.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { readGateConstants } from './gate-constants.ts';

export interface PublishCommandOptions {
  out: string;
  results: string;
  history: readonly string[];
  gates?: string;
  rawLinks: boolean;
  json: boolean;
}

/** Writes the static site, and prints what it holds. */
export async function publishCommand(
  options: PublishCommandOptions,
  terminal: Pick<Terminal, 'out' | 'err'> = openTerminal(),
): Promise<number> {
  const published = await publish({
    outFolder: options.results,
    historyFiles: options.history.length === 0 ? null : options.history,
    reportsFolder: options.out,
    constants: readGateConstants(options.gates ?? null),
    sections,
    linksRawData: options.rawLinks,
    tell: (sentence) => terminal.err(sentence),
  });
  const { rows, series, rendered, kept } = published;
  terminal.out(
    options.json
      ? JSON.stringify({ ...published, index: `${options.out}/index.html` })
      : `${options.out}/index.html: ${rows} runs and nights, ${series} series, ${rendered} pages rendered, ${kept} as they were`,
  );
  return 0;
}

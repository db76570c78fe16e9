import type { Command } from 'commander';
import { wholeNumber } from './option-values.ts';
import { outlined } from './outline.ts';

const itemsHelp = 'a part: 0-99, 7 or 3,5,9';

/** The sub-commands of `bench corpus`; each is imported when it runs. */
export function addCorpusCommands(program: Command, onExit: (code: number) => void): void {
  const corpus = outlined(program, 'corpus');
  corpus
    .command('list')
    .description('all corpora with their size')
    .action(async () => {
      const { corpusListCommand } = await import('./commands/corpus-list.ts');
      onExit(await corpusListCommand());
    });
  corpus
    .command('inspect <name>')
    .description('what a corpus holds, with histograms')
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { json: boolean }) => {
      const { corpusInspectCommand } = await import('./commands/corpus-inspect.ts');
      onExit(await corpusInspectCommand(name, options));
    });
  corpus
    .command('build <name>')
    .description('writes a corpus as files; goes on where a build was cut off')
    .option('--out <folder>', 'where the files go (default: .cache/corpora/NAME)')
    .option('--items <items>', itemsHelp)
    .action(async (name: string, options: { out?: string; items?: string }) => {
      const { corpusBuildCommand } = await import('./commands/corpus-build.ts');
      onExit(await corpusBuildCommand(name, options));
    });
  corpus
    .command('verify <name> [folder]')
    .description('makes every byte again and compares it with the recipe, and with a built folder')
    .option('--items <items>', itemsHelp)
    .action(async (name: string, folder: string | undefined, options: { items?: string }) => {
      const { corpusVerifyCommand } = await import('./commands/corpus-verify.ts');
      onExit(await corpusVerifyCommand(name, folder ?? null, options));
    });
  corpus
    .command('digest <name>')
    .description('prints the digest of a corpus')
    .action(async (name: string) => {
      const { corpusDigestCommand } = await import('./commands/corpus.ts');
      onExit(await corpusDigestCommand(name));
    });
  corpus
    .command('cat <name> <index>')
    .description('streams one item to stdout')
    .option('--range <start-end>', 'a part of its bytes; END is not included')
    .action(async (name: string, index: string, options: { range?: string }) => {
      const { corpusCatCommand } = await import('./commands/corpus.ts');
      onExit(await corpusCatCommand(name, wholeNumber(index), options));
    });
  corpus
    .command('fit <source>')
    .description('writes a recipe with the lengths, sizes and shapes of a folder, a CSV file or an access log')
    .requiredOption('--name <name>', 'name of the new corpus')
    .option('--out <file>', 'where the recipe goes; - is stdout (default: corpora/NAME.yaml, else stdout)')
    .option('--buckets <n>', 'parts of the distribution, at most', wholeNumber)
    .option('--count <n>', 'items of the recipe (default: as many as the source has)', wholeNumber)
    .option('--column <name>', 'column or field that counts (default: chosen by its name)')
    .option('--kind <kind>', 'audio, images or text, where the source holds several')
    .option('--title <title>', 'what it stands for, in one line')
    .option('--licence <text>', 'terms under which the made bytes may be passed on', 'Apache-2.0')
    .option('--force', 'overwrites a recipe of that name', false)
    .action(async (source: string, options: object) => {
      const { corpusFitCommand } = await import('./commands/corpus-fit.ts');
      onExit(await corpusFitCommand(source, options as Parameters<typeof corpusFitCommand>[1]));
    });
  corpus
    .command('import <folder>')
    .description('registers files of your own as a corpus: WAV, FLAC, JPEG, PNG or text')
    .requiredOption('--name <name>', 'name of the new corpus')
    .option('--to <corpus>', 'puts recordings together to the lengths of this corpus')
    .option('--out <folder>', 'where the recipe goes (default: corpora, else here)')
    .option('--kind <kind>', 'audio, images or text, where the folder holds several')
    .option('--title <title>', 'what it stands for, in one line')
    .option('--licence <text>', 'terms of the files', 'as the imported files')
    .option('--force', 'overwrites a recipe of that name', false)
    .action(async (folder: string, options: object) => {
      const { corpusImportCommand } = await import('./commands/corpus-import.ts');
      onExit(await corpusImportCommand(folder, options as Parameters<typeof corpusImportCommand>[1]));
    });
}

import { benchArguments, type CommandLine, commandLinesOf, simpleCommandsOf } from './command-lines.ts';
import type { Page } from './pages.ts';
import { isBareName } from './parse-command.ts';

/** A command, and every place that documents it. */
export interface DocumentedCommand {
  command: string;
  /** `page:line` */
  places: readonly string[];
}

/** What a code in a text begins with if it is a command, and not a name. */
const callsProgram = /^(?:(?:npx bench|bench|npm|node|curl|otava|bencher) |(?:headroom\/)?\.ci\/)/;
/** What a job of a workflow may run; the rest of such a script is the shell's own. */
const callsOurs = /^(?:(?:npx bench|bench) |(?:headroom\/)?\.ci\/)/;

/** Codes in lines and cells of tables, outside of blocks; the line is that of the page. */
function codeLinesOf({ path, text }: Page): CommandLine[] {
  const blank = text.replaceAll(/^```\w*\n[\s\S]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ' '));
  return blank
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => ({ page: path, line: index + 1, text: code })),
    );
}

/** Lines of the scripts in YAML blocks, as far as they call us. */
function jobLinesOf({ path, text }: Page): CommandLine[] {
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(({ index, 1: block = '' }) => {
    const first = text.slice(0, index).split('\n').length + 1;
    return block.split('\n').flatMap((line, offset) => {
      const code = line.replace(/^\s*(?:- )?(?:run: )?/, '').trim();
      return callsOurs.test(code) ? [{ page: path, line: first + offset, text: code }] : [];
    });
  });
}

/** A command and not the name of one: it has arguments, or is whole without. Of a program that is fed, the program. */
function commandsOfCode(code: string): string[] {
  const fed = /^source <\((.*)\)$/.exec(code)?.[1] ?? code;
  if (!callsProgram.test(fed)) {
    return [];
  }
  const words = benchArguments(fed);
  return words !== null && isBareName(words) ? [] : simpleCommandsOf(fed);
}

/** All commands of all pages, each once: fenced, of a job, in a cell of a table, or in a line. */
export function documentedCommands(pages: readonly Page[]): DocumentedCommand[] {
  const found = [
    ...commandLinesOf(pages).flatMap((line) => simpleCommandsOf(line.text).map((command) => ({ line, command }))),
    ...pages.flatMap(jobLinesOf).flatMap((line) => simpleCommandsOf(line.text).map((command) => ({ line, command }))),
    ...pages.flatMap(codeLinesOf).flatMap((line) => commandsOfCode(line.text).map((command) => ({ line, command }))),
  ].map(({ line, command }) => ({ place: `${line.page}:${line.line}`, command }));
  const places = new Map<string, string[]>();
  for (const { place, command } of found) {
    places.set(command, [...(places.get(command) ?? []), place]);
  }
  return [...places].map(([command, at]) => ({ command, places: [...new Set(at)] }));
}

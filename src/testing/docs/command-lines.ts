import { type Block, blocksOf, type Page } from './pages.ts';

/** One line of a shell block, with its continuations. */
export interface CommandLine {
  page: string;
  line: number;
  text: string;
}

/** The lines of a block that a shell would run: no comments, no blank ones. */
function linesOf({ page, line, text }: Block): CommandLine[] {
  const lines: CommandLine[] = [];
  let open: CommandLine | null = null;
  for (const [index, part] of text.trimEnd().split('\n').entries()) {
    const command: CommandLine = open ?? { page, line: line + index, text: '' };
    const whole = `${command.text}${part.trim().replace(/\\$/, '')}`;
    open = part.endsWith('\\') ? { ...command, text: whole } : null;
    if (open === null && whole !== '' && !whole.startsWith('#')) {
      lines.push({ ...command, text: whole });
    }
  }
  return lines;
}

export function commandLinesOf(pages: readonly Page[]): CommandLine[] {
  return pages
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'sh')
    .flatMap(linesOf);
}

/** Words as a shell would split them; of quotes only the pairs without escapes, which is all that the pages use. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  );
}

/** The simple commands of a line: parted at `&&`, `||`, `|` and `;`, without what is redirected. */
export function simpleCommandsOf(text: string): string[] {
  const pieces = text.match(/'[^']*'|"[^"]*"|&&|\|\||[|;]|[^'"&|;]+|&/g) ?? [];
  const commands = [''];
  for (const piece of pieces) {
    if (['&&', '||', '|', ';'].includes(piece)) {
      commands.push('');
    } else {
      commands.push(`${commands.pop() ?? ''}${piece}`);
    }
  }
  return commands
    .map((command) => command.replaceAll(/\s\d?>>?\s*\S+/g, '').trim())
    .filter((command) => command !== '');
}

/** The arguments of `bench`, however it is called; null: another program. */
export function benchArguments(command: string): string[] | null {
  const words = wordsOf(command).filter((word, index, all) => !/^[A-Z_]+=/.test(word) || index >= all.indexOf('bench'));
  const [first, second, ...rest] = words;
  if (first === 'bench') {
    return words.slice(1);
  }
  return (first === 'npx' && second === 'bench') || (first === 'node' && second === 'src/bench.js') ? rest : null;
}

/** Names of the scripts that a text runs by npm. */
export function npmScriptsIn(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run )?((?<=run )[a-z][\w:-]*|test\b)/g)].map(([, name = '']) => name);
}

import { BenchError } from '../../base/errors.ts';

/** What only a shell understands; between quotes it is text. */
const shellOnly = /[|&;<>`()]/;
const assignment = /^[A-Za-z_]\w*=/;

function fail(what: string, hint: string): never {
  throw new BenchError('USAGE', `--exec: ${what}`, { hint });
}

function refuseExpansion(text: string, index: number): void {
  if (text[index] === '$' && /[\w{(@*#?$!-]/.test(text[index + 1] ?? '')) {
    fail(
      `"${text.slice(index, index + 12)}" would need a shell, and none is used.`,
      `Write the value itself, quote it with '…', or write: sh -c '…'`,
    );
  }
}

/** From an opening double quote to its closing one; a backslash counts only before what it can hide. */
function readDoubleQuoted(text: string, from: number): { value: string; end: number } {
  let value = '';
  let index = from;
  while (index < text.length && text[index] !== '"') {
    refuseExpansion(text, index);
    if (text[index] === '\\' && /["\\$`]/.test(text[index + 1] ?? '')) {
      index += 1;
    }
    value += text[index] ?? '';
    index += 1;
  }
  return { value, end: index };
}

/**
 * The words of a command line by the quoting rules of the POSIX shell (IEEE 1003.1, 2.2), without a shell:
 * quotes and backslashes, but no variables, globs, pipes or redirections. NAME=value before the command is
 * given to `env`. Throws USAGE for a quote that does not end, for an empty line and for what needs a shell.
 */
export function splitCommandLine(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (/\s/.test(character)) {
      if (word !== null) {
        words.push(word);
      }
      word = null;
    } else if (character === "'") {
      const end = text.indexOf("'", index + 1);
      if (end < 0) {
        fail(`the quote at character ${index + 1} does not end.`, "Close it with ' or write \\' for a bare one.");
      }
      word = (word ?? '') + text.slice(index + 1, end);
      index = end;
    } else if (character === '"') {
      const { value, end } = readDoubleQuoted(text, index + 1);
      if (end >= text.length) {
        fail(`the quote at character ${index + 1} does not end.`, 'Close it with " or write \\" for a bare one.');
      }
      word = (word ?? '') + value;
      index = end;
    } else if (character === '\\' && index + 1 < text.length) {
      index += 1;
      word = (word ?? '') + (text[index] ?? '');
    } else {
      if (shellOnly.test(character)) {
        fail(`"${character}" would need a shell, and none is used.`, `Quote it if it is meant, or write: sh -c '…'`);
      }
      refuseExpansion(text, index);
      word = (word ?? '') + character;
    }
  }
  if (word !== null) {
    words.push(word);
  }
  if (words.length === 0 || words.every((entry) => assignment.test(entry))) {
    fail('there is no command in it.', "For example --exec 'python3 server.py --port 8000'.");
  }
  return assignment.test(words[0] ?? '') ? ['env', ...words] : words;
}

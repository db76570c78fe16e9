import type { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { splitCommandLine } from '../phases/launch/split-command-line.ts';
import { createProgram } from './program.ts';
import { missingOptionHint, nameFaultyOptions, slipHint } from './slips.ts';

// Each example would add its listener to the one stdout.
vi.mock('./closed-pipe.ts', () => ({ tolerateClosedPipe: () => undefined }));

type Path = readonly string[];

const below = (command: Command, path: Path): readonly { path: Path; command: Command }[] =>
  command.commands.flatMap((child) => {
    const here = [...path, child.name()];
    return [{ path: here, command: child }, ...below(child, here)];
  });

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut(part) {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const examplesIn = (help: string): readonly string[] =>
  (/\nExamples:\n((?: {2}.*\n?)+)/.exec(help)?.[1] ?? '')
    .replaceAll(/ \\\n +/g, ' ')
    .split('\n')
    .flatMap((line) => line.trim() || []);

/** The words of bench in an example; what a shell does around them is left out. */
function wordsOf(example: string): readonly string[] {
  const call = example
    .replace(/^.*<\((.*)\)$/, '$1')
    .replace(/ > .*$/, '')
    .replace(/ {3,}.*$/, '');
  const [tool, ...words] = splitCommandLine(call);
  expect(tool).toBe('bench');
  return words;
}

/** What ran instead of the command, with nothing done. */
async function parsedPath(words: readonly string[]): Promise<string> {
  const program = createProgram(() => undefined);
  let ran = '';
  for (const { path, command } of below(program, [])) {
    command.exitOverride();
    if (command.commands.length === 0) {
      command.action(() => {
        ran = path.join(' ');
      });
    }
  }
  await program.parseAsync([...words], { from: 'user' });
  return ran;
}

const tree = below(
  createProgram(() => undefined),
  [],
).map(({ path, command }) => ({
  name: path.join(' '),
  help: helpOf(command),
}));
const root = helpOf(createProgram(() => undefined));

describe('help', () => {
  it.each(tree)('of $name has an example', ({ help }) => {
    expect(examplesIn(help).length).toBeGreaterThan(0);
  });

  it.each(tree.flatMap(({ name, help }) => examplesIn(help).map((example) => ({ name, example }))))(
    'shows what can be typed: $example',
    async ({ name, example }) => {
      expect(await parsedPath(wordsOf(example))).toContain(name);
    },
  );

  it('of the program shows what can be typed', async () => {
    const examples = examplesIn(root);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      expect(await parsedPath(wordsOf(example))).not.toBe('');
    }
  });

  it.each([{ name: '', help: root }, ...tree])('of bench $name stays within 80 columns', ({ help }) => {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('of the program says what every exit code means', () => {
    expect(root).toMatch(/0 +ok.* 1 .* 2 +usage.* 3 .*5 .*70/s);
  });
});

describe('a slip', () => {
  it.each([
    { argv: ['rnu', 'smoke'], meant: 'run' },
    { argv: ['corpus', 'inspekt', 'x'], meant: 'inspect' },
    { argv: ['plan', 'smoke', '--sede', '1'], meant: '--seed' },
    { argv: ['agent', '--lisen', '127.0.0.1:1'], meant: '--listen' },
  ])('in $argv suggests $meant', async ({ argv, meant }) => {
    const program = createProgram(() => undefined);
    let said = '';
    for (const command of [program, ...below(program, []).map((entry) => entry.command)]) {
      command.exitOverride().configureOutput({
        writeErr(text) {
          said += text;
        },
      });
    }
    await expect(program.parseAsync(argv, { from: 'user' })).rejects.toThrow();
    expect(said).toContain(`Did you mean ${meant}?`);
  });

  it.each([
    { why: 'the slip', argv: ['run', 'smoke', '--traget=reference'], says: 'Did you mean --target?' },
    { why: 'bench.yaml where there is none', argv: ['run', 'smoke', '--json'], says: 'bench init' },
    { why: 'no option of the watched command', argv: ['watch', '--', 'x', '--traget'], says: 'bench watch --help' },
  ])('beside a missing option names $why', ({ argv, says }) => {
    expect(
      missingOptionHint(
        createProgram(() => undefined),
        argv,
      ),
    ).toContain(says);
  });
});

describe('the line after a slip', () => {
  it.each([
    { argv: ['list'], code: 'commander.missingArgument', says: 'For example: bench list profiles' },
    { argv: ['corpus', 'inspect'], code: 'commander.missingArgument', says: 'For example: bench corpus inspect' },
    { argv: ['run', '--nonsense'], code: 'commander.unknownOption', says: 'See bench run --help.' },
    { argv: ['run', 'a', 'b'], code: 'commander.excessArguments', says: 'See bench run --help.' },
    { argv: ['nonsense'], code: 'commander.unknownCommand', says: 'See bench --help.' },
    { argv: ['run', 'smoke'], code: 'commander.missingMandatoryOptionValue', says: 'bench init' },
    { argv: ['run'], code: 'commander.invalidArgument', says: null },
  ])('of $argv ($code) is $says', ({ argv, code, says }) => {
    const hint = slipHint(
      createProgram(() => undefined),
      argv,
      code,
    );
    expect(hint).toEqual(says === null ? null : expect.stringContaining(says));
  });

  it.each([
    { argv: ['run', 'smoke', '--target', 'reference', '--scale', 'abc'], says: '--scale "abc" is not a positive' },
    { argv: ['serve', '--memory-limit', 'much'], says: '--memory-limit "much" is not a size' },
    { argv: ['run', 'smoke', '--target', 'reference', '--guard', '95'], says: '--guard "95" is neither' },
    { argv: ['run', 'smoke', '--target', 'reference', '--timeout', '5'], says: '--timeout "5" is not a duration' },
  ])('names the option of a value that it cannot take: $says', async ({ argv, says }) => {
    const program = createProgram(() => undefined);
    nameFaultyOptions(program);
    const refused: unknown = await program.parseAsync(argv, { from: 'user' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringMatching(new RegExp(`^${says}`)) as string });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config-file.ts';
import { createProgram } from './program.ts';
import { environmentName, type Settings, settingCommands, withSettings } from './settings.ts';

const program = () => createProgram(() => undefined);

function settingsOf(argv: readonly string[], yaml: string | null, environment: NodeJS.ProcessEnv = {}): Settings {
  const tree = program();
  const file = yaml === null ? null : parseConfig(yaml, 'bench.yaml', tree);
  return withSettings(tree, argv, { file, environment });
}

describe('withSettings', () => {
  it.each([
    {
      why: 'the file fills in',
      yaml: 'target: http://a:1',
      environment: {},
      argv: ['run', 'smoke'],
      target: 'http://a:1',
    },
    {
      why: 'the environment beats the file',
      yaml: 'target: http://a:1',
      environment: { BENCH_TARGET: 'http://b:2' },
      argv: ['run', 'smoke'],
      target: 'http://b:2',
    },
    {
      why: 'a flag beats both',
      yaml: 'target: http://a:1',
      environment: { BENCH_TARGET: 'http://b:2' },
      argv: ['run', 'smoke', '--target', 'http://c:3'],
      target: 'http://c:3',
    },
    {
      why: 'an empty variable says nothing',
      yaml: 'target: http://a:1',
      environment: { BENCH_TARGET: '' },
      argv: ['run', 'smoke'],
      target: 'http://a:1',
    },
    {
      why: 'the section of the command beats what is shared',
      yaml: 'target: http://a:1\nrun:\n  target: http://d:4',
      environment: {},
      argv: ['run', 'smoke'],
      target: 'http://d:4',
    },
    {
      why: 'the section of another command is not ours',
      yaml: 'target: http://a:1\nwatch:\n  target: http://d:4',
      environment: {},
      argv: ['run', 'smoke'],
      target: 'http://a:1',
    },
  ])('takes the target that counts: $why', async ({ yaml, environment, argv, target }) => {
    const tree = program();
    let seen: unknown = null;
    const run = tree.commands.find((command) => command.name() === 'run');
    run?.action((_profile: string, options: { target: string }) => {
      seen = options.target;
    });
    await tree.parseAsync([...settingsOf(argv, yaml, environment).argv], { from: 'user' });
    expect(seen).toBe(target);
  });

  it.each([
    { why: 'a number', yaml: 'scale: 0.1', words: ['--scale=0.1'] },
    { why: 'a flag that is set', yaml: 'strict: true', words: ['--strict'] },
    { why: 'a flag that is not', yaml: 'strict: false', words: [] },
    { why: 'a list', yaml: 'header: [ "A: 1", "B: 2" ]', words: ['--header=A: 1', '--header=B: 2'] },
    { why: 'one text for a list', yaml: 'no-probe: psi', words: ['--no-probe=psi'] },
    { why: 'an option that this command has not', yaml: 'records: k6.json', words: [] },
    { why: 'the word off, which YAML 1.2 reads as a text', yaml: 'guard: off', words: ['--guard=off'] },
    { why: 'an empty file', yaml: '# nothing yet\n', words: [] },
  ])('makes arguments of $why', ({ yaml, words }) => {
    expect(settingsOf(['run', 'smoke'], yaml).argv).toEqual(['run', ...words, 'smoke']);
  });

  it('replaces a list by the flags, and does not add to it', () => {
    const argv = ['run', 'smoke', '--header', 'C: 3'];
    expect(settingsOf(argv, 'header: "A: 1"').argv).toEqual(argv);
  });

  it('does not take an option of the watched command for one of ours', () => {
    const settings = settingsOf(['watch', '--', 'load', '--target', 'x'], 'target: http://a:1');
    expect(settings.argv).toEqual(['watch', '--target=http://a:1', '--', 'load', '--target', 'x']);
  });

  it('lets the environment switch off a flag of the file', () => {
    expect(settingsOf(['run', 'smoke'], 'strict: true', { BENCH_STRICT: 'false' }).argv).toEqual(['run', 'smoke']);
  });

  it('names what it took and where from, and no value', () => {
    const settings = settingsOf(['run', 'smoke'], 'scale: 0.5', { BENCH_HEADER: 'Authorization: Bearer sk-1' });
    expect(settings.taken).toEqual(['scale of bench.yaml', 'header of BENCH_HEADER']);
  });

  it('runs the profile of the file where none is named', async () => {
    const tree = program();
    const file = parseConfig('profile: smoke\ntarget: reference', 'bench.yaml', tree);
    const seen: string[] = [];
    tree.commands.find((command) => command.name() === 'run')?.action((profile: string) => void seen.push(profile));
    for (const argv of [['run'], ['run', 'soak-8h']]) {
      await tree.parseAsync([...withSettings(tree, argv, { file, environment: {} }).argv], { from: 'user' });
    }
    expect(seen).toEqual(['smoke', 'soak-8h']);
  });

  it.each([['serve'], ['scale-out', 'smoke'], ['corpus', 'list']])(
    'leaves %s alone, whose options mean something else',
    (...argv) => {
      expect(settingsOf(argv, 'target: http://a:1\nout: r', { BENCH_OUT: 'x', BENCH_PORT: '1' }).argv).toEqual(argv);
    },
  );

  it.each([
    { why: 'a flag that is neither', environment: { BENCH_STRICT: 'maybe' }, says: 'BENCH_STRICT="maybe" is neither' },
    { why: 'a size that is none', environment: { BENCH_MEMORY_LIMIT: 'much' }, says: 'BENCH_MEMORY_LIMIT: "much"' },
  ])('refuses a variable with $why, by its name', ({ environment, says }) => {
    expect(() => settingsOf(['run', 'smoke'], null, environment)).toThrow(says);
  });

  it('keeps every text as it is, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const { argv } = settingsOf(['run', 'smoke'], null, { BENCH_MODEL: text });
        const tree = program();
        const run = tree.commands.find((command) => command.name() === 'run');
        run?.action(() => undefined);
        tree.parse([...argv, '--target', 'reference'], { from: 'user' });
        expect(run?.getOptionValue('model')).toBe(text);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the names of settings', () => {
  it('give every option of a command a variable of its own', () => {
    const tree = program();
    for (const command of tree.commands.filter((candidate) => settingCommands.includes(candidate.name()))) {
      const names = command.options.map(environmentName);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe('parseConfig', () => {
  it.each([
    {
      why: 'a slip in a key',
      yaml: 'scale: 1\ntraget: reference',
      says: 'bench.yaml:2:1 traget: there is no key',
      hint: 'target',
    },
    {
      why: 'a slip in a section',
      yaml: 'capacity:\n  limt: 1GiB',
      says: 'bench.yaml:2:3 capacity.limt: there is no key',
      hint: 'limit',
    },
    {
      why: 'a text for a flag',
      yaml: 'strict: yes please',
      says: 'bench.yaml:1:1 strict: Write true or false here',
      hint: '',
    },
    {
      why: 'a list for a text',
      yaml: 'target: [a, b]',
      says: 'bench.yaml:1:1 target: Write a text or a number',
      hint: '',
    },
    {
      why: 'a value for a section',
      yaml: 'capacity: 5',
      says: 'bench.yaml:1:1 capacity: Write options of bench capacity',
      hint: '',
    },
    { why: 'YAML that is none', yaml: 'target: "http', says: 'bench.yaml:1:', hint: 'Mend the YAML' },
    { why: 'a list at the top', yaml: '- a', says: 'bench.yaml:1:1', hint: 'keys are the options' },
  ])('refuses $why with its place and what is meant', ({ yaml, says, hint }) => {
    expect(() => parseConfig(yaml, 'bench.yaml', program())).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining(says) as unknown,
        hint: expect.stringContaining(hint) as unknown,
      }),
    );
  });

  it('names the place of a value that the flag would refuse', () => {
    expect(() => settingsOf(['run', 'smoke'], 'scale: 1\nmemory-limit: much')).toThrow(
      'bench.yaml:2:1 memory-limit: "much" is not a size.',
    );
  });
});

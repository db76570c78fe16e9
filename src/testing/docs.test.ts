import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { itemOf, unknowing } from '../adapters/answers/reply.fixture.ts';
import { genericJson } from '../adapters/generic-json.ts';
import { genericMultipart } from '../adapters/generic-multipart.ts';
import { adapters } from '../adapters/index.ts';
import { faults } from '../reference-server/faults/index.ts';
import { benchArguments, commandLinesOf, npmScriptsIn, simpleCommandsOf, wordsOf } from './docs/command-lines.ts';
import { blocksOf, codesOf, filesOf, linksOf, readPages } from './docs/pages.ts';
import { everyOption, whyNotMentioned, whyNotParsed } from './docs/parse-command.ts';
import { documentedCommands } from './docs/text-commands.ts';
import { filledIn, wayOf, ways } from './docs/ways.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = readPages(root);
const lines = commandLinesOf(pages);
const commands = documentedCommands(pages).map(({ command, places }) => ({ at: places.join(' '), command }));
const readme = pages.find(({ path }) => path === 'README.md') ?? { path: 'README.md', text: '' };
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe('a documented command', () => {
  it.each(commands.filter(({ command }) => benchArguments(command) !== null))(
    '$command ($at) is one that bench takes',
    async ({ command }) => {
      const way = wayOf(command);
      const filled = way === null ? command : filledIn(command, way);
      expect(await whyNotParsed(benchArguments(filled) ?? [])).toBeNull();
    },
  );

  it.each(commands)('$command ($at) has a row that says how npm run test:docs runs it', ({ command }) => {
    expect(wayOf(command)?.why).toMatch(/./);
  });

  it('is what each row is there for', () => {
    const used = new Set(commands.map(({ command }) => wayOf(command)));
    expect(ways.filter((way) => !used.has(way)).map(({ matches }) => String(matches))).toEqual([]);
  });

  it('is there on more pages than the first', () => {
    expect(new Set(lines.map(({ page }) => page)).size).toBeGreaterThan(2);
  });

  it('may stand in a block, a job, a cell or a line, and counts once', () => {
    const text = [
      'Say `bench list faults`, or `bench verify` for short, or `source <(npx bench completion bash)`.',
      '```sh',
      'bench list faults && bench plan smoke',
      '```',
      '| `bench report RUN` | `bench.yaml` is no command, `npm run graph` is |',
      '```yaml',
      '- run: .ci/nightly smoke',
      '- run: |',
      '    npx bench publish',
      '    cat index.html',
      '```',
      '',
    ].join('\n');
    expect(documentedCommands([{ path: 'a.md', text }])).toEqual([
      { command: 'bench list faults', places: ['a.md:3', 'a.md:1'] },
      { command: 'bench plan smoke', places: ['a.md:3'] },
      { command: '.ci/nightly smoke', places: ['a.md:7'] },
      { command: 'npx bench publish', places: ['a.md:9'] },
      { command: 'npx bench completion bash', places: ['a.md:1'] },
      { command: 'bench report RUN', places: ['a.md:5'] },
      { command: 'npm run graph', places: ['a.md:5'] },
    ]);
  });
});

describe('a mention in the text', () => {
  const mentions = pages.flatMap((page) =>
    codesOf(page)
      .filter((code) => /^(npx )?bench [a-z]/.test(code))
      .map((code) => ({ at: page.path, code })),
  );

  it.each(mentions)('$code ($at) names commands and options that are there', ({ code }) => {
    const words = wordsOf(code.replaceAll(/[[\]]/g, ''));
    expect(whyNotMentioned(benchArguments(words.join(' ')) ?? [])).toBeNull();
  });

  it('of an npm script names one of package.json', () => {
    const named = pages.flatMap(({ path, text }) => npmScriptsIn(text).map((script) => ({ path, script })));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  it('of an option in the first page names one of bench', () => {
    const known = everyOption();
    const named = codesOf(readme).flatMap((code) => /^--[a-z][a-z-]*/.exec(code)?.[0] ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });
});

describe('a file on a page', () => {
  const files = filesOf(pages);
  const named = new Set(lines.flatMap(({ text }) => /--template (\S+)/.exec(text)?.[1] ?? []));

  it('is there for each template that a command names', () => {
    expect(files.map(({ name }) => name).toSorted()).toEqual([...named].toSorted());
  });

  it.each(files)('$name is a template that its adapter takes', ({ name, text }) => {
    const adapter = text.includes('\nparts:') ? genericMultipart : genericJson;
    const item = itemOf('an item', { sha256: '00' });
    const wire = adapter.request(item, { ...unknowing, template: { text, fileName: name } });
    expect(wire.segments.some((segment) => 'item' in segment)).toBe(true);
  });
});

describe('a page', () => {
  it.each(pages.flatMap((page) => linksOf(page).map((target) => ({ at: page.path, target }))))(
    '$at links to $target, which is there',
    ({ at, target }) => {
      expect(existsSync(join(root, dirname(at), target))).toBe(true);
    },
  );

  it.each(pages.filter(({ path }) => path.endsWith('README.md')))('$path leads on to another one', (page) => {
    expect(linksOf(page).some((target) => target.endsWith('.md'))).toBe(true);
  });

  it('says of each block what it is, and shell blocks are sh', () => {
    const others = pages.flatMap(blocksOf).filter(({ language }) => !['sh', 'yaml', 'text', 'json'].includes(language));
    expect(others.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});

describe('the first page', () => {
  it('starts with one command that sets up and runs the main job, and has one that sets up and runs the tests', () => {
    const setups = lines.filter(({ page, text }) => page === 'README.md' && text.startsWith('npm ci'));
    expect(setups.map(({ text }) => text)).toEqual([
      'npm ci && npx bench run longform-sustained --target reference --scale 0.1',
      'npm ci && npm test',
    ]);
  });

  it('counts profiles, corpora, wire formats and faults as they are', () => {
    const countOf = (folder: string): number =>
      readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml')).length;
    const counted = [...readme.text.matchAll(/(?<![\d.-])(\d+) (?=profiles|corpora|wire formats|faults)([a-z]+)/g)].map(
      ([, count, what]) => `${count} ${what}`,
    );
    expect(counted.toSorted()).toEqual(
      [
        `${countOf('profiles')} profiles`,
        `${countOf('corpora')} corpora`,
        `${adapters.length} wire`,
        `${faults.filter(({ id }) => id !== 'none').length} faults`,
      ].toSorted(),
    );
  });

  it('is short', () => {
    expect(readme.text.split('\n').length).toBeLessThanOrEqual(200);
  });
});

describe('the reader of commands', () => {
  it.each([
    { text: 'npm ci && npx bench list faults', parts: ['npm ci', 'npx bench list faults'], why: 'parts at &&' },
    { text: "bench run a --exec 'x && y'", parts: ["bench run a --exec 'x && y'"], why: 'keeps what is quoted whole' },
    { text: 'bench export R --format junit > a.xml', parts: ['bench export R --format junit'], why: 'drops redirects' },
    { text: 'a 2>/dev/null | b', parts: ['a', 'b'], why: 'parts at a pipe' },
  ])('$why', ({ text, parts }) => {
    expect(simpleCommandsOf(text)).toEqual(parts);
  });

  it.each([
    { command: 'npx bench run x', words: ['run', 'x'], why: 'npx' },
    { command: 'node src/bench.js list faults', words: ['list', 'faults'], why: 'node' },
    { command: 'BENCH_OUT=runs bench list faults', words: ['list', 'faults'], why: 'a variable before it' },
    { command: "bench run x --header 'A: b'", words: ['run', 'x', '--header', 'A: b'], why: 'quotes' },
    { command: 'benchmark run', words: null, why: 'another program' },
  ])('finds the arguments of bench: $why', ({ command, words }) => {
    expect(benchArguments(command)).toEqual(words);
  });

  it.each([
    { words: ['run', 'smoke'], why: /--target/ },
    { words: ['run', 'smoke', '--target', 'x', '--scael', '2'], why: /--scael/ },
    { words: ['rnu'], why: /rnu/ },
    { words: ['run', 'smoke', '--target', 'x', '--memory-limit', 'lots'], why: /lots/ },
  ])('refuses $words', async ({ words, why }) => {
    expect(await whyNotParsed(words)).toMatch(why);
    expect(whyNotMentioned(['history', 'forget'])).toBe('history has no command forget');
    expect(whyNotMentioned(['report', 'RUN', '--frame'])).toBe('report has no option --frame');
  });

  it('joins a line that goes on', () => {
    const page = { path: 'a.md', text: 'x\n```sh\n# why\nbench run a \\\n  --scale 2\n\nbench list faults\n```\n' };
    expect(commandLinesOf([page])).toEqual([
      { page: 'a.md', line: 4, text: 'bench run a --scale 2' },
      { page: 'a.md', line: 7, text: 'bench list faults' },
    ]);
  });
});

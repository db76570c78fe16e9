import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../cli/program.ts';
import { detectors } from '../detectors/index.ts';
import { parseProfile } from '../model/parse-profile.ts';
import { parseRecipe } from '../model/parse-recipe.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const text = read('PROTOCOL.md');
const detectorIds = detectors.map(({ id }) => id);

const sections = [...text.matchAll(/^## (\d+)\. /gm)].map(([, number = '']) => number);
const clauses = [...text.matchAll(/^(\d+(?:\.\d+)+) /gm)].map(([, number = '']) => number);
const known = new Set([...sections, ...clauses]);

/** Cells of the rows of the first table after a text. */
function tableAfter(mark: string): string[][] {
  const after = text.slice(text.indexOf(`\n${mark}`));
  const table = /(?:^\|.*\n)+/m.exec(after)?.[0] ?? '';
  const cellsOf = (row: string): string[] => row.split('|').map((cell) => cell.trim());
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => cellsOf(row).slice(1, -1));
}

/** One citation may name several clauses: `PROTOCOL 1.6 and 4.1`. */
const citation = /PROTOCOL(?:\.md)?,? (?:clauses? )?(\d+(?:\.\d+)*(?:(?:,| and| or| to) \d+(?:\.\d+)*)*)/g;

interface Citation {
  file: string;
  number: string;
}

const ownFile = relative(root, fileURLToPath(import.meta.url));

function citedIn(file: string): Citation[] {
  return [...read(file).matchAll(citation)].flatMap(([, numbers = '']) =>
    (numbers.match(/\d+(?:\.\d+)*/g) ?? []).map((number) => ({ file, number })),
  );
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|md|ya?ml|sh)$|^[^.]+$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => file !== ownFile && !file.includes('captured') && !file.includes('golden'));
}

const cited = ['src', 'profiles', 'corpora', 'results', '.ci', '.github'].flatMap(filesUnder).flatMap(citedIn);

const verifySources = readdirSync(join(root, 'src/phases/sealed')).filter((name) => /^verify-[a-z]+\.ts$/.test(name));
/** The first argument of each rule of `bench verify`. */
const verified = new Set(
  verifySources.flatMap((name) =>
    [...read(`src/phases/sealed/${name}`).matchAll(/(?:new Faults|notChecked)\(\s*'(\d+(?:\.\d+)+)'/g)].map(
      ([, number = '']) => number,
    ),
  ),
);

const checks = tableAfter('22.1').flatMap(([numbers = '', by = '']) =>
  numbers.split(', ').map((number) => ({ number, by: [...by.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name) })),
);

describe('the clauses of PROTOCOL.md', () => {
  it('have numbers of their own, in order, each in its section', () => {
    expect(new Set(clauses).size).toBe(clauses.length);
    const bySize = clauses.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    expect(clauses).toEqual(bySize);
    expect(sections).toEqual(sections.map((_, index) => String(index + 1)));
    expect(clauses.filter((number) => !sections.includes(number.split('.')[0] ?? ''))).toEqual([]);
  });

  it('refer to clauses that are there', () => {
    const inner = [...text.matchAll(/\((\d+\.\d+(?:\.\d+)?(?:, \d+\.\d+(?:\.\d+)?)*)\)/g)];
    const numbers = inner.flatMap(([, list = '']) => list.split(', '));
    expect(numbers.length).toBeGreaterThan(30);
    expect(numbers.filter((number) => !known.has(number))).toEqual([]);
  });

  it('are there wherever one is cited', () => {
    expect(cited.length).toBeGreaterThan(40);
    expect(cited.filter(({ number }) => !known.has(number))).toEqual([]);
  });

  it('have a line in the change log for the version of the title', () => {
    const version = /^# .* version (\d+\.\d+)\n/.exec(text)?.[1] ?? 'none';
    expect(text.slice(text.indexOf('## Change log'))).toContain(`\n- ${version}: `);
  });
});

const commands = createProgram(() => undefined).commands.map((command) => command.name());

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

function whyNoCheck(name: string): string | null {
  if (name.startsWith('bench ')) {
    return commands.includes(name.split(' ')[1] ?? '') ? null : 'no command';
  }
  if (name.startsWith('npm run ')) {
    return name.slice('npm run '.length) in scripts ? null : 'no script';
  }
  if (name.startsWith('src/')) {
    return !name.endsWith('.test.ts') ? 'no test' : existsSync(join(root, name)) ? null : 'no file';
  }
  return detectorIds.includes(name) ? null : 'no detector';
}

describe('what checks a clause', () => {
  it('is named for clauses that are there, each in one row', () => {
    const numbers = checks.map(({ number }) => number);
    expect(numbers.length).toBeGreaterThan(60);
    expect(numbers.filter((number) => !clauses.includes(number))).toEqual([]);
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
    expect(checks.filter(({ by }) => by.length === 0)).toEqual([]);
  });

  it.each([...new Set(checks.flatMap(({ by }) => by))])('%s exists', (name) => {
    expect(whyNoCheck(name)).toBeNull();
  });

  it.each([
    { name: 'bench cheer', why: 'no command' },
    { name: 'npm run cheer', why: 'no script' },
    { name: 'src/testing/nothing.test.ts', why: 'no file' },
    { name: 'src/model/manifest.ts', why: 'no test' },
    { name: 'bad-weather', why: 'no detector' },
  ])('is not $name: $why', ({ name, why }) => {
    expect(whyNoCheck(name)).toBe(why);
  });

  it('is bench verify for exactly the clauses of its rules', () => {
    const named = checks.filter(({ by }) => by.includes('bench verify')).map(({ number }) => number);
    expect(named.toSorted()).toEqual([...verified].toSorted());
  });
});

/** Of the whole harness, or of the text itself: no place in the code keeps them alone. */
const keptByAll = ['1.1', '13.3', '14.2', '14.4', '22.1', '22.2'];

describe('every clause', () => {
  const unchecked = /^22\.2 No row has (.*?), which/m.exec(text)?.[1] ?? '';

  it('has a row, or is said to have none', () => {
    const without = unchecked.match(/\d+\.\d+/g) ?? [];
    const either = [...checks.map(({ number }) => number), ...without];
    expect(either.toSorted()).toEqual(clauses.toSorted());
  });

  it('that has a row is cited by code where it is kept', () => {
    const byCode = cited.filter(({ file }) => !file.endsWith('.test.ts')).map(({ number }) => number);
    const known = new Set([...byCode, ...verified, ...keptByAll]);
    expect(checks.map(({ number }) => number).filter((number) => !known.has(number))).toEqual([]);
  });
});

describe('the mandatory profiles', () => {
  const rows = tableAfter('14.1').map(([profile = '', corpus = '', , without = '']) => ({
    name: profile.replaceAll('`', ''),
    corpus: corpus.replaceAll('`', ''),
    without,
  }));
  const profileOf = (name: string): ReturnType<typeof parseProfile> =>
    parseProfile(read(`profiles/${name}.yaml`), `profiles/${name}.yaml`, detectorIds);

  it('are five', () => {
    expect(rows).toHaveLength(5);
  });

  it.each(rows)('$name has the corpus and the time without load that the table says', ({ name, corpus, without }) => {
    const profile = profileOf(name);
    expect(profile.corpus).toBe(corpus);
    const kinds = new Set<string>(profile.stages.map(({ kind }) => kind));
    for (const kind of ['lull', 'silence', 'canary']) {
      expect({ kind, isThere: kinds.has(kind) }).toEqual({ kind, isThere: without.includes(kind) });
    }
  });

  it('go through minutes 0 to 5 where those are to be published', () => {
    for (const name of ['longform-sustained', 'sustained-overload']) {
      const loadMs = profileOf(name).stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
      expect(loadMs).toBeGreaterThan(6 * 60_000);
    }
  });

  it('pin the digests of their corpora, as the table has them', () => {
    const pinned = tableAfter('14.4').map(([name = '', items = '', digest = '']) => ({ name, items, digest }));
    const names = pinned.map(({ name }) => name.replaceAll('`', ''));
    expect(names.toSorted()).toEqual([...new Set(rows.map(({ corpus }) => corpus))].toSorted());
    for (const [index, { items, digest }] of pinned.entries()) {
      const file = `corpora/${names[index]}.yaml`;
      const recipe = parseRecipe(read(file), file);
      expect(`\`${recipe.digest}\` ${recipe.count}`).toBe(`${digest} ${items}`);
    }
  });

  it('pin it as every recipe does', () => {
    const recipes = readdirSync(join(root, 'corpora')).filter((name) => name.endsWith('.yaml'));
    const open = recipes.filter((name) => !/^digest: [0-9a-f]{64}$/m.test(read(`corpora/${name}`)));
    expect(recipes.length).toBeGreaterThan(10);
    expect(open).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { sha256OfChunks } from '../base/digest.ts';
import { BenchError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { codeSnippets } from './code-snippets.ts';

const place = 'corpora/x.yaml:6:1 params';
const mib = 1024 * 1024;

function make(snippets: readonly unknown[], count: number, seed = 'test'): readonly CorpusItem[] {
  const context = { name: 'x', count, random: createRandom(seed), place, folder: '.' };
  return codeSnippets.items({ snippets, order: 'interleaved' }, context);
}

function codeOf(item: CorpusItem, range?: { start: number; end: number }): string {
  return Buffer.concat(Array.from(item.chunks(range), (chunk) => Buffer.from(chunk))).toString('utf8');
}

/** Small enough for a test; three of each kind. */
const small = [
  { kind: 'lcg', rounds: { from: 1, to: 20_000 }, count: 3 },
  { kind: 'sort', length: { from: 1, to: 5000 }, count: 3 },
  { kind: 'sieve', below: { from: 10, to: 20_000 }, count: 3 },
  { kind: 'allocate', allocateBytes: { from: 4096, to: 20 * mib }, holdSeconds: 0.05, count: 3 },
  { kind: 'fork', children: 3, allocateBytes: { from: 4097, to: 5 * mib }, holdSeconds: 0.05, count: 3 },
  { kind: 'flood-stdout', stdoutBytes: { from: 1024, to: mib }, count: 3 },
  { kind: 'sleep', seconds: { from: 0, to: 0.1 }, count: 3 },
];
const items = make(small, 21);

// Its own path, since a launcher that chooses among versions takes longer than the snippets.
const found = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
const python = found.status === 0 ? found.stdout.trim() : '';
const why = python === '' ? ' (skipped: there is no python3)' : '';

function runPython(input: string): { stdout: string; stderr: string; status: number | null } {
  // As sandboxes run it: isolated, in a process of its own.
  return spawnSync(python, ['-I', '-'], { input, encoding: 'utf8', maxBuffer: 4 * mib });
}

describe.skipIf(why !== '')(`a snippet under python3${why}`, () => {
  it.each(items)('$fileName prints what is known of it and ends in peace', (item) => {
    const { stdout, stderr, status } = runPython(codeOf(item));
    const { stdout: known, exitCode } = item.truth;
    expect({ stderr, exitCode: String(status) }).toEqual({ stderr: '', exitCode });
    expect(stdout).toHaveLength(item.traits['stdoutBytes'] ?? Number.NaN);
    expect(stdout.slice(0, 65_536)).toBe(known);
  });

  it('that allocates holds all of its bytes, and not only on paper', () => {
    const [item] = make([{ kind: 'allocate', allocateBytes: { from: 64 * mib, to: 64 * mib }, share: 1 }], 1);
    const measured = `${item === undefined ? '' : codeOf(item)}
import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
`;
    const { stdout } = runPython(measured);
    const maxRssKib = Number(stdout.trim().split('\n').at(-1));
    expect(maxRssKib).toBeGreaterThan(64 * 1024);
    expect(maxRssKib).toBeLessThan(110 * 1024);
  });

  it.each([
    { kind: 'allocate', more: {} },
    { kind: 'fork', more: { children: 2 } },
  ])('of the kind $kind ends with 1 and says why where a limit refuses its memory', ({ kind, more }) => {
    const huge = { kind, ...more, allocateBytes: { from: 900 * mib, to: 900 * mib }, share: 1 };
    const [item] = make([huge], 1);
    const limited = `import resource
resource.setrlimit(resource.RLIMIT_AS, (${600 * mib}, ${600 * mib}))
${item === undefined ? '' : codeOf(item)}`;
    const { stdout, stderr, status } = runPython(limited);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toContain('MemoryError');
  });

  it('whose child is killed ends as a shell does, with 137', () => {
    const [item] = make([{ ...small[4], count: 1, holdSeconds: 5 }], 1);
    const suicidal = (item === undefined ? '' : codeOf(item)).replace(
      'hold(block, 5000)',
      'os.kill(os.getpid(), 9) if child == 1 else None',
    );
    const { status, stdout } = runPython(suicidal);
    expect({ status, stdout }).toEqual({ status: 137, stdout: '' });
  });
});

describe('a snippet', () => {
  it('is the same on every runtime (if it is meant to change, raise the version of the generator)', () => {
    const all = items.map((item) => `${codeOf(item)}${item.truth['stdout']}`).join('');
    expect(sha256OfChunks([Buffer.from(all)])).toBe('08878c81c082ac80d3c2cfcea3a3eb730288c78bd612787eb749e9cf7da67d69');
  });

  it('is unlike every other one, as is what it prints', () => {
    const harmless = small.slice(0, 3).map((kind) => ({ ...kind, count: 100 }));
    const many = make(harmless, 300);
    expect(new Set(many.map((item) => codeOf(item))).size).toBe(300);
    expect(new Set(many.map((item) => item.truth['stdout'])).size).toBe(300);
  });

  it('is plain ASCII of the announced length and the same in every range', () => {
    for (const item of items) {
      const code = codeOf(item);
      expect(code).toMatch(/^[\n -~]+$/);
      expect(item).toMatchObject({
        bytes: code.length,
        mediaType: 'text/x-python',
        traits: { characters: code.length },
      });
      expect(codeOf(item, { start: 10, end: 25 })).toBe(code.slice(10, 25));
      expect(codeOf(item, { start: code.length - 3, end: code.length + 3 })).toBe(code.slice(-3));
    }
  });

  it('says what it costs, with zeros where it costs nothing', () => {
    const costs = items.map(({ traits }) => [
      (traits['allocateBytes'] ?? 0) > 0,
      (traits['holdSeconds'] ?? 0) > 0,
      traits['children'],
    ]);
    // One of each kind comes first, in the order of the recipe.
    expect(costs.slice(0, 6)).toEqual([
      [false, false, 0],
      [false, false, 0],
      [false, false, 0],
      [true, true, 0],
      [true, true, 3],
      [false, false, 0],
    ]);
  });

  it('imports nothing that a sandbox forbids, but for the kinds that say so', () => {
    const imports = (kind: number): string[] => codeOf(items[kind] as CorpusItem).match(/^ *import \w+$/gm) ?? [];
    expect([0, 1, 2, 5].flatMap(imports)).toEqual([]);
    expect(imports(3)).toEqual(['import datetime']);
    expect(imports(4)).toEqual(['import os', 'import datetime']);
    expect(imports(6)).toEqual(['import time']);
  });

  it('of a flood of 1 GiB is made and known at once', () => {
    const [item] = make([{ kind: 'flood-stdout', stdoutBytes: { from: 1024 * mib, to: 1024 * mib }, share: 1 }], 1);
    expect(item?.traits['stdoutBytes']).toBe(1024 * mib);
    expect(item?.truth['stdout']).toHaveLength(65_536);
  });
});

describe('parameters of snippets', () => {
  const allocate = { kind: 'allocate', allocateBytes: { from: mib, to: 2 * mib }, share: 1 };
  it.each([
    {
      why: 'more memory than any snippet may take',
      snippets: [{ ...allocate, allocateBytes: { from: mib, to: 4096 * mib } }],
      says: 'params.snippets.0.allocateBytes.to: Too big',
      hint: 'README',
    },
    {
      why: 'a hold that outlasts every time limit',
      snippets: [{ ...allocate, holdSeconds: 60 }],
      says: 'params.snippets.0.holdSeconds: Too big',
      hint: 'README',
    },
    {
      why: 'too many children',
      snippets: [{ ...allocate, kind: 'fork', children: 17 }],
      says: 'params.snippets.0.children: Too big',
      hint: 'README',
    },
    {
      why: 'children that take too much together',
      snippets: [{ ...allocate, kind: 'fork', children: 16, allocateBytes: { from: mib, to: 512 * mib } }],
      says: 'params.snippets.0: its children take more than 4 GiB together.',
      hint: 'Lower `children`',
    },
    {
      why: 'a range that runs backwards',
      snippets: [{ ...allocate, allocateBytes: { from: 2 * mib, to: mib } }],
      says: 'params.snippets.0: `from` is above `to`.',
      hint: 'Swap',
    },
    {
      why: 'shares that do not add up',
      snippets: [{ ...allocate, share: 0.5 }],
      says: 'params.snippets: the shares add up to 0.5, not 1.',
      hint: 'exactly 1',
    },
    {
      why: 'an unknown kind',
      snippets: [{ ...allocate, kind: 'bomb' }],
      says: 'params.snippets.0.kind:',
      hint: 'README',
    },
    {
      why: 'an unknown key',
      snippets: [{ ...allocate, holdSecond: 3 }],
      says: 'params.snippets.0: there is no parameter "holdSecond".',
      hint: 'Did you mean "holdSeconds"?',
    },
    { why: 'no snippets', snippets: [], says: 'params.snippets:', hint: 'README' },
  ])('with $why are refused, with place and next step', ({ snippets, says, hint }) => {
    let refusal: unknown = null;
    try {
      make(snippets, 4);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(BenchError);
    expect(String(refusal)).toContain(`corpora/x.yaml:6:1 ${says}`);
    expect((refusal as BenchError).hint).toContain(hint);
  });
});

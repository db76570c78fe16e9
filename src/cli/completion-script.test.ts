import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript, type Shell, shells } from './completion-script.ts';
import { completionNodes } from './completion-tree.ts';
import { createProgram } from './program.ts';

const nodes = completionNodes(
  createProgram(() => undefined),
  {
    profiles: ['smoke', 'soak-8h'],
    corpora: ['stt-short', 'image-large'],
    engines: ['native', 'k6'],
    adapters: ['openai-chat'],
    faults: ['ungated-pool'],
    lists: ['profiles', 'faults'],
  },
);

const isHere = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  for (const shell of shells) {
    writeFileSync(join(folder, shell), completionScript(shell, nodes));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How each shell is asked, without a terminal; zsh filters what it is given later than here, so its rows are filtered below. */
const asks: Readonly<Record<Shell, readonly string[]>> = {
  bash: [
    '--norc',
    '-c',
    `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bench; printf "%s\\n" "\${COMPREPLY[@]}"`,
    'bash',
  ],
  zsh: [
    '-fc',
    `_describe() { print -rl -- "\${(@P)2}" }; _files() { : }; compadd() { shift; print -rl -- "\${@//:/\\\\:}" }
     source "$1"; shift; words=("$@"); CURRENT=$#; _bench`,
    'zsh',
  ],
  fish: ['--no-config', '-c', 'source $argv[1]; complete -C "$argv[2..]"'],
};

/** What the shell would offer for these words; the last is the one being typed. */
function offered(shell: Shell, words: readonly string[]): readonly string[] {
  const done = spawnSync(shell, [...asks[shell], join(folder, shell), ...words]);
  return done.stdout
    .toString()
    .split('\n')
    .map((line) => (line.split(shell === 'zsh' ? /(?<!\\):/ : '\t')[0] ?? '').replaceAll('\\:', ':'))
    .filter((line) => line !== '' && line.startsWith(words.at(-1) ?? ''));
}

const rows = [
  { typed: ['bench', 're'], has: ['report', 'recover'], hasNot: ['run'] },
  { typed: ['bench', 'run', 's'], has: ['smoke', 'soak-8h'], hasNot: ['stt-short'] },
  { typed: ['bench', 'run', 'smoke', '--mem'], has: ['--memory-limit'], hasNot: ['--metrics'] },
  { typed: ['bench', 'run', 'smoke', '--engine', ''], has: ['auto', 'native', 'k6'], hasNot: ['smoke'] },
  { typed: ['bench', 'run', 'smoke', '--purpose', 'n'], has: ['nightly'], hasNot: ['manual'] },
  { typed: ['bench', 'corpus', 'in'], has: ['inspect'], hasNot: ['init'] },
  { typed: ['bench', 'corpus', 'inspect', 'i'], has: ['image-large'], hasNot: ['stt-short', 'import'] },
  {
    typed: ['bench', 'run', 'smoke', '--target', 'ref'],
    has: ['reference', 'reference:ungated-pool'],
    hasNot: ['smoke'],
  },
  { typed: ['bench', 'serve', '--fault', 'u'], has: ['ungated-pool'], hasNot: ['reference'] },
  { typed: ['bench', 'doctor', 's'], has: ['smoke', 'soak-8h'], hasNot: ['stt-short'] },
  { typed: ['bench', 'list', ''], has: ['profiles', 'faults'], hasNot: ['run'] },
  { typed: ['bench', 'run', 'plan', '--seed', '1', '--onl'], has: ['--only'], hasNot: ['--simulate'] },
] as const;

describe.each(shells)('completion in %s', (shell) => {
  it.skipIf(!isHere(shell)).each(rows)(`offers what may follow $typed in ${shell}`, ({ typed, has, hasNot }) => {
    const words = offered(shell, typed);
    expect(words).toEqual(expect.arrayContaining([...has]));
    for (const other of hasNot) {
      expect(words).not.toContain(other);
    }
  });

  it.skipIf(!isHere(shell))(`is read by ${shell} without a word`, () => {
    const done = spawnSync(shell, ['-n', join(folder, shell)]);
    expect(done).toMatchObject({ status: 0, stderr: Buffer.from('') });
  });

  it.skipIf(!isHere(shell))(`leaves a value that is a file to ${shell}`, () => {
    expect(offered(shell, ['bench', 'run', 'smoke', '--template', 'no-such-file'])).toEqual([]);
  });
});

describe.skipIf(!isHere('bash'))('bash, which parts words at : and =', () => {
  it.each([
    { typed: ['bench', 'run', 'smoke', '--target', 'reference', ':'], has: 'ungated-pool' },
    { typed: ['bench', 'run', 'smoke', '--target', 'reference', ':', 'ung'], has: 'ungated-pool' },
    { typed: ['bench', 'run', 'smoke', '--target', '=', 'refer'], has: 'reference' },
    { typed: ['bench', 'run', 'smoke', '--engine', '='], has: 'native' },
    { typed: ['bench', 'run', 'smoke', '--target', 'http', ':', '//127.0.0.1', ':', '8000', '--seed'], has: '--seed' },
    { typed: ['bench', 'serve', '--knob', 'leak-kib', '=', '5', '--fa'], has: '--fault' },
  ])('offers $has after $typed', ({ typed, has }) => {
    const done = spawnSync('bash', [...asks.bash, join(folder, 'bash'), ...typed]);
    expect(done.stdout.toString().trim().split('\n')).toContain(has);
  });
});

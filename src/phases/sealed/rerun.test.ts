import { describe, expect, it } from 'vitest';
import { manifest } from '../../testing/build-manifest.ts';
import { environmentDifferences } from './rerun.ts';
import { rerunArguments } from './rerun-arguments.ts';

const valued = [
  '--target',
  '--header',
  '--scale',
  '--seed',
  '--out',
  '--run-id',
  '--memory-limit',
  '--exec',
  '--engine',
  '--corpus',
];
const wishes = {
  profilePath: 'results/one/profile.resolved.yaml',
  outFolder: 'results',
  again: {},
  takesValue: (option: string) => valued.includes(option),
};
const again = (argv: readonly string[], over: Partial<typeof wishes> = {}) =>
  rerunArguments({ runId: 'one', argv }, { ...wishes, ...over }).join(' ');
const profile = wishes.profilePath;

describe('the command line of a second run', () => {
  it.each([
    {
      why: 'the resolved profile stands for the named one',
      argv: ['run', 'smoke', '--target', 'reference'],
      line: `run ${profile} --target reference --out results`,
    },
    {
      why: 'what is resolved in the profile is not applied twice',
      argv: ['run', '--scale', '0.5', 'smoke', '--seed=7', '--target=reference', '--strict'],
      line: `run ${profile} --target reference --strict --out results`,
    },
    {
      why: 'the second run has its own id and place',
      argv: ['run', 'smoke', '--run-id', 'one', '--out', 'elsewhere', '--engine', 'k6'],
      line: `run ${profile} --engine k6 --out results`,
    },
    {
      why: 'the corpus is read again by the file that it was read from',
      argv: ['run', 'smoke', '--corpus', 'own/talks.yaml'],
      line: `run ${profile} --corpus own/talks.yaml --out results`,
    },
    {
      why: 'the command of a watched run is its own',
      argv: ['watch', '--target', 'http://127.0.0.1:1', '--', 'load', '--out', 'x', '--scale', '2'],
      line: 'watch --target http://127.0.0.1:1 --out results -- load --out x --scale 2',
    },
  ])('$why', ({ argv, line }) => {
    expect(again(argv)).toBe(line);
  });

  it('takes secrets and other targets from who asks', () => {
    const argv = ['run', 'smoke', '--header', 'X-Key: ***', '--target', 'http://***@box'];
    const given = { '--header': ['X-Key: new', 'Y: 1'], '--target': ['http://box'] };
    expect(again(argv, { again: given })).toBe(
      `run ${profile} --header X-Key: new --header Y: 1 --target http://box --out results`,
    );
  });

  it.each([
    { why: 'a masked header', argv: ['run', 'smoke', '--header', 'X-Key: ***'], message: '--header was "X-Key: ***"' },
    {
      why: 'a masked URL',
      argv: ['run', 'smoke', '--target', 'http://***@box'],
      message: '--target was "http://***@box"',
    },
    { why: 'a secret of another command', argv: ['watch', '--', 'load', '***'], message: 'its command was "***"' },
    { why: 'a merged run', argv: ['merge', 'a', 'b'], message: 'was made by bench merge' },
  ])('is refused, with the next step: $why', ({ argv, message }) => {
    expect(() => again(argv)).toThrow(message);
  });
});

describe('what differs from then', () => {
  const then = manifest({
    tool: { name: 'headroom', version: '0.1.0', commit: 'aaaaaaa' },
    host: { kernel: '6.1', 'load average at start': '1' },
  });
  const now = {
    tool: then.tool,
    measurementVersion: then.measurementVersion,
    node: then.node,
    facts: { kernel: '6.1', 'load average at start': '9' },
    comparability: then.comparability,
  };

  it('is nothing on the same machine, whatever its load', () => {
    expect(environmentDifferences(then, now)).toEqual([]);
  });

  it.each([
    { why: 'the tool', over: { tool: { ...then.tool, commit: 'bbbbbbb' } }, field: 'tool commit', forbids: false },
    {
      why: 'the rules of measuring',
      over: { measurementVersion: 'another' },
      field: 'measurement version',
      forbids: true,
    },
    { why: 'the runtime', over: { node: 'v24.0.0' }, field: 'node', forbids: false },
    { why: 'the kernel', over: { facts: { kernel: '6.2' } }, field: 'kernel', forbids: false },
    {
      why: 'the processor',
      over: { comparability: { must: { processor: 'other' }, warn: {} } },
      field: 'processor',
      forbids: true,
    },
    { why: 'a fact that is no longer read', over: { facts: {} }, field: 'kernel', forbids: false },
  ])('is told field by field: $why', ({ over, field, forbids }) => {
    expect(environmentDifferences(then, { ...now, ...over })).toEqual([
      expect.objectContaining({ field, forbidsComparison: forbids }),
    ]);
  });
});

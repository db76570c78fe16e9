import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faults } from '../../reference-server/faults/index.ts';
import { type Miss, variantsOf } from '../fault-world/variants.ts';
import { tasksOf } from './campaign.ts';
import { codeVersions, digestOfFolders } from './code-version.ts';
import { matrixTable } from './matrix-table.ts';
import { type Outcome, OutcomeFile, variantName } from './outcomes.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fault-matrix-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const now = new Map([['none', 'now']]);
const miss: Miss = { detector: 'oom-kill', verdict: 'fail', expected: 'ok', summary: 'Killed.' };

function outcome(variant: string, seed: number, misses: readonly Miss[] = []): Outcome {
  return { code: 'now', fault: 'none', variant, seed, misses };
}

describe('the campaign over seeds', () => {
  it('gives every variant a name of its own', () => {
    const names = faults.flatMap(variantsOf).map(variantName);
    expect(new Set(names).size).toBe(names.length);
  });

  it('asks for every variant of every seed once, a seed after the other', () => {
    const tasks = tasksOf(faults, 3, () => false);
    expect(tasks.map(({ seed }) => seed)).toEqual(tasks.map(({ seed }) => seed).toSorted((a, b) => a - b));
    expect(tasks.flatMap(({ variants }) => variants)).toHaveLength(3 * faults.flatMap(variantsOf).length);
  });

  it('leaves out what was judged before', () => {
    const [first] = faults.flatMap(variantsOf).map(variantName);
    const tasks = tasksOf(faults, 2, (variant, seed) => seed === 1 || variant === first);
    expect(tasks.every(({ seed, variants }) => seed === 2 && !variants.includes(first ?? ''))).toBe(true);
  });
});

describe('OutcomeFile', () => {
  it('gives back what this code judged, and nothing of another', () => {
    const file = new OutcomeFile(join(folder, 'deep', 'outcomes.jsonl'));
    file.append(outcome('a', 1, [miss]));
    file.append({ ...outcome('a', 2), code: 'before' });
    expect(file.of(now)).toEqual([outcome('a', 1, [miss])]);
  });

  it('has nothing before the first', () => {
    expect(new OutcomeFile(join(folder, 'none.jsonl')).of(now)).toEqual([]);
  });

  it('loses only the line at which it was cut', () => {
    const path = join(folder, 'outcomes.jsonl');
    const file = new OutcomeFile(path);
    file.append(outcome('a', 1));
    appendFileSync(path, '{"code":"now","fault":"none","se');
    file.append(outcome('a', 3));
    expect(file.of(now).map(({ seed }) => seed)).toEqual([1, 3]);
  });
});

describe('digestOfFolders', () => {
  it.each([
    ['other bytes', (): void => writeFileSync(join(folder, 'code', 'a.js'), '2')],
    ['another file', (): void => writeFileSync(join(folder, 'code', 'b.js'), '')],
  ])('changes with %s', (_, change) => {
    mkdirSync(join(folder, 'code'));
    writeFileSync(join(folder, 'code', 'a.js'), '1');
    const before = digestOfFolders([join(folder, 'code')]);
    expect(digestOfFolders([join(folder, 'code')])).toBe(before);
    change();
    expect(digestOfFolders([join(folder, 'code')])).not.toBe(before);
  });
});

describe('codeVersions', () => {
  it('are new for one fault where its own data change, and for all where anything else does', () => {
    const folders = ['base', 'computed', 'detectors', 'engines', 'executors', 'generators', 'model', 'phases', 'store'];
    for (const name of [...folders, 'reference-server/faults', 'testing/fault-world']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    const versions = (): readonly (string | undefined)[] => {
      const found = codeVersions(folder, ['leak', 'spin']);
      return ['leak', 'spin'].map((fault) => found.get(fault));
    };
    write('reference-server/faults/leak.js', '1');
    write('reference-server/faults/spin.js', '1');
    const [leak, spin] = versions();
    write('reference-server/faults/leak.js', '2');
    const [otherLeak, sameSpin] = versions();
    expect([otherLeak === leak, sameSpin === spin]).toEqual([false, true]);
    write('reference-server/faults/free-verdicts.js', '1');
    expect(versions()[1]).not.toBe(spin);
  });
});

describe('matrixTable', () => {
  it('counts the seeds of each variant and names those that missed', () => {
    const outcomes = [outcome('a', 3, [miss]), outcome('a', 1, [miss]), outcome('a', 2), outcome('b', 1)];
    expect(matrixTable(['a', 'b'], outcomes)).toEqual([
      'a  1 of 3',
      '    seed 1, 3: oom-kill is fail, not ok: Killed.',
      'b  1 of 1',
      '1 of 2 variants with every seed as expected',
    ]);
  });

  it('does not call a variant right that was never judged', () => {
    expect(matrixTable(['a'], [])).toEqual(['a  0 of 0', '0 of 1 variants with every seed as expected']);
  });
});

import { expect, it } from 'vitest';
import { matrixOf } from './matrix.ts';

const suiteOf = (engine: string): string[] => ['any file', `the engine contract, kept by ${engine}`];

it('tells of each engine what became of each case, and why one is refused, differs or was not tried', () => {
  const assertionResults = [
    { ancestorTitles: suiteOf('a'), title: 'keeps a rate', status: 'passed' },
    { ancestorTitles: suiteOf('a'), title: 'sends a burst', status: 'failed' },
    { ancestorTitles: suiteOf('b'), title: 'keeps a rate [refused: it has no clock]', status: 'passed' },
    { ancestorTitles: suiteOf('b'), title: 'sends a burst [refused: it spaces them]', status: 'failed' },
    { ancestorTitles: suiteOf('c'), title: 'keeps a rate [skipped: no shell [here]]', status: 'skipped' },
    { ancestorTitles: suiteOf('c'), title: 'sends a burst [differs: one | by one]', status: 'skipped' },
    { ancestorTitles: ['another suite'], title: 'keeps a rate', status: 'passed' },
  ];
  expect(matrixOf({ testResults: [{ assertionResults }] })).toBe(
    [
      '| an engine | a | b | c |',
      '| --- | --- | --- | --- |',
      '| keeps a rate | keeps | refuses: it has no clock | not tried here: no shell [here] |',
      '| sends a burst | **FAILED** | **NOT REFUSED** | differs: one \\| by one |',
      '| all 2 | 1 kept, 1 BROKEN | 1 refused, 1 BROKEN | 1 different, 1 not tried |',
      '',
    ].join('\n'),
  );
});

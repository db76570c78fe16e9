import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleResult } from '../sample-result.ts';
import { paperRuns } from './paper-runs.ts';
import { missingRow, type PaperRow, paperRow } from './paper-table.ts';
import { readmeTable, withIncidents } from './readme-table.ts';

function rowsOf(incident: string): readonly [faulty: PaperRow, fixed: PaperRow] {
  const [faulty, fixed] = paperRuns([incident], { kind: 'full', scale: 1 }, 128_000);
  if (faulty === undefined || fixed === undefined) {
    throw new Error(`${incident} has no pair`);
  }
  return [paperRow(faulty, sampleResult()), missingRow(fixed, 'the host is too small')];
}

describe('the table of the README', () => {
  const [faulty, fixed] = rowsOf('code-sandbox');

  it('has a line an incident, with the findings that fail and the number of then', () => {
    const lines = readmeTable([faulty, fixed]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('| a sandbox started a child for every request | `unbounded-concurrency` |');
    expect(lines[2]).toContain('| 2 at 3 at once |');
    for (const detector of faulty.failing) {
      expect(lines[2]).toContain(`\`${detector}\``);
    }
    expect(faulty.failing.length).toBeGreaterThan(0);
  });

  it('says why there is no number, and never 0', () => {
    expect(readmeTable([faulty, fixed])).toContain('| not measured: the host is too small |');
    const unknown: PaperRow = { ...faulty, measured: null, measuredText: 'no number', verdict: 'ok' };
    expect(readmeTable([unknown])).toContain('| ok |');
  });

  it('says of an invalid run that it is', () => {
    const invalid: PaperRow = { ...faulty, validity: { state: 'invalid', reasons: ['late'] } };
    expect(readmeTable([invalid])).toContain(', INVALID |');
  });
});

describe('the README', () => {
  const page = 'before\n<!-- incidents: npm run paper -- --publish -->\nold\n<!-- /incidents -->\nafter\n';

  it('takes a new table in the place of the old one', () => {
    expect(withIncidents(page, '| new |')).toBe(page.replace('old', '| new |'));
  });

  it('is left as it is where its marks are gone', () => {
    expect(() => withIncidents('no marks', '| new |')).toThrow('README.md has no lines');
  });

  it('shows the table of the runs in reports/, and no other', () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const { rows } = JSON.parse(readFileSync(join(root, 'reports', 'paper.json'), 'utf8')) as { rows: PaperRow[] };
    expect(rows).toHaveLength(10);
    expect(withIncidents(readme, readmeTable(rows))).toBe(readme);
  });
});

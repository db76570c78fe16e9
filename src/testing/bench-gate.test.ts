import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureScenario, scenarios } from './bench-gate/simulate.ts';
import { brokenBars, gateTable, statisticsPage } from './bench-gate/table.ts';
import { shippedConstants } from './gate-nights.ts';

const few = scenarios.map((scenario) => measureScenario(scenario, 4, shippedConstants()));

describe('the simulation of the gate', () => {
  it('finds a step of 20 % on its first night, creep in all series, and is the same each time', () => {
    expect(few[3]?.foundWithin?.[1]).toBe(1);
    expect(few[4]?.found).toBe(1);
    expect(scenarios.slice(3, 4).map((scenario) => measureScenario(scenario, 4, shippedConstants()))).toEqual([few[3]]);
  });

  it.each([
    { why: 'alarms without a cause', over: { falseAlarms: 5, quietNights: 100 }, says: 'false alarms' },
    { why: 'a step that is found late', over: { foundWithin: { 1: 0.5, 3: 1, 7: 1 } }, says: 'a step of 10 %' },
    { why: 'creep that is missed', over: { found: 0.9 }, says: 'creep' },
  ])('tells of a bar that is not kept: $why', ({ over, says }) => {
    const kept = few.map((row) => ({ ...row, falseAlarms: 0 }));
    expect(brokenBars(kept)).toEqual([]);
    expect(brokenBars(kept.map((row) => ({ ...row, ...over }))).join()).toContain(says);
  });

  it('is committed with a row for each scenario', () => {
    const committed = readFileSync('src/computed/gate/STATISTICS.md', 'utf8');
    const head = (page: string): string[] =>
      page
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|')[1] ?? '');
    expect(head(committed)).toEqual(head(statisticsPage(few)));
    expect(gateTable(few).split('\n')).toHaveLength(2 + scenarios.length);
  });
});

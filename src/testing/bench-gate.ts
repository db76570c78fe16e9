import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureScenario, scenarios } from './bench-gate/simulate.ts';
import { brokenBars, falseAlarmsPerHundred, gateTable, statisticsPage } from './bench-gate/table.ts';
import { shippedConstants } from './gate-nights.ts';

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '400' },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const constants = shippedConstants();
const startMs = performance.now();
const measured = scenarios.map((scenario) => {
  process.stderr.write(`${scenario.name}\n`);
  return measureScenario(scenario, Number(values.series), constants);
});
const broken = brokenBars(measured);
if (values.json) {
  const rows = measured.map((row) => ({ ...row, scenario: row.scenario.name }));
  process.stdout.write(`${JSON.stringify({ rows, together: falseAlarmsPerHundred(measured), broken }, null, 2)}\n`);
} else {
  process.stdout.write(
    `${gateTable(measured)}\n\n${falseAlarmsPerHundred(measured).toFixed(2)} false alarms per 100 quiet nights\n`,
  );
}
if (values.write) {
  writeFileSync('src/computed/gate/STATISTICS.md', statisticsPage(measured));
}
for (const bar of broken) {
  process.stderr.write(`not kept: ${bar}\n`);
}
process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(0)} s, Node ${process.version}\n`);
process.exitCode = broken.length === 0 ? 0 : 1;

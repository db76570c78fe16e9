import { creepNight, type Measured, nights, stepNight } from './simulate.ts';

const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(0)} %`);

/** Of all nights on which nothing had changed yet, whatever came later. */
export function falseAlarmsPerHundred(measured: readonly Measured[]): number {
  const quiet = measured.reduce((sum, { quietNights }) => sum + quietNights, 0);
  const alarms = measured.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0);
  return quiet === 0 ? 0 : (100 * alarms) / quiet;
}

export function gateTable(measured: readonly Measured[]): string {
  const rows = measured.map(
    ({ scenario, quietNights, falseAlarms, foundWithin, found, confirmationsPerHundredNights }) => {
      const rate = quietNights === 0 ? '-' : ((100 * falseAlarms) / quietNights).toFixed(2);
      const within =
        foundWithin === null ? ['-', '-', '-'] : [1, 3, 7].map((days) => percent(foundWithin[days as 1 | 3 | 7]));
      return `| ${[scenario.name, rate, ...within, percent(found), confirmationsPerHundredNights.toFixed(1)].join(' | ')} |`;
    },
  );
  return [
    '| what changes | false alarms per 100 nights | found on the first night | within 3 | within 7 | ever | second sessions per 100 nights |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** The bars that a change of the gate must keep. */
export function brokenBars(measured: readonly Measured[]): readonly string[] {
  const alarms = falseAlarmsPerHundred(measured);
  const tenPercent = measured.find(({ scenario }) => scenario.name.startsWith('a step of 10 %'))?.foundWithin?.[1] ?? 0;
  const creep = measured.find(({ scenario }) => scenario.from === creepNight)?.found ?? 0;
  return [
    ...(alarms <= 0.2 ? [] : [`${alarms.toFixed(2)} false alarms per 100 nights; at most 0.2 are allowed`]),
    ...(tenPercent >= 0.8
      ? []
      : [`a step of 10 % is found on the first night in ${percent(tenPercent)}; 80 % are asked for`]),
    ...(creep === 1 ? [] : [`creep is found in ${percent(creep)} of the series; all are asked for`]),
  ];
}

export function statisticsPage(measured: readonly Measured[]): string {
  const series = measured[0]?.series ?? 0;
  return `# What the gate finds, and how often it cries wolf

Made by \`npm run bench:gate -- --write\`; do not edit. ${series} series of ${nights} nights for each row go through the gate's own code with the thresholds of \`profiles/gates.json\`: one metric, 3 repeats a night, a second session where the gate asks for one. Noise: 1 % for the night, the session and the run each; 4 % of sessions lie 8 to 15 % too high, 3 % of runs 8 %. A step comes at night ${stepNight}, counted from 0, creep at night ${creepNight}. Only nights that can be red count, which are those after the first 20. Change points never decide and are left out.

${gateTable(measured)}

False alarms over all nights on which nothing had changed: ${falseAlarmsPerHundred(measured).toFixed(2)} per 100. Bars: at most 0.2 false alarms per 100 nights, a step of 10 % on the first night in at least 80 % of the series, creep in all.

Trust the order of the rows; the levels are those of this model of noise. What a host really does is told by \`bench history calibrate\`.
`;
}

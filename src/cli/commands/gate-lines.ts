import { rowSubject, valueText } from '../../computed/gate/value-text.ts';
import type { GateRow, GateState } from '../../model/gate.ts';
import { gateStates } from '../../model/gate.ts';
import type { GatedSession } from '../../phases/gate/gate.ts';
import type { Terminal } from '../terminal.ts';

type Color = Terminal['color'];
const stateWidth = Math.max(...gateStates.map((state) => state.length));

export function stateText(state: GateState, color: Color, width = 0): string {
  const text = state.padEnd(width);
  switch (state) {
    case 'fail':
    case 'invalid':
      return color.red(text);
    case 'warn':
    case 'flaky':
    case 'inconclusive':
    case 'not-comparable':
      return color.yellow(text);
    case 'calibrating':
      return color.dim(text);
    case 'pass':
      return color.green(text);
  }
}

const worstFirst = (a: GateRow, b: GateRow): number => gateStates.indexOf(b.state) - gateStates.indexOf(a.state);

/** The decision, what it rests on, a line for each rule that did not pass, and what to do next. */
export function decisionLines({ decision, historyFile }: GatedSession, color: Color): string[] {
  const open = decision.rows.filter(({ state }) => state !== 'pass' && state !== 'calibrating');
  const calibrating = decision.rows.filter(({ state }) => state === 'calibrating');
  const passed = decision.rows.length - open.length - calibrating.length;
  return [
    `gate ${stateText(decision.state, color)}, session ${decision.sessionId}, ${counted(decision.runIds.length, 'run')}${confirmedBy(decision.confirmationRunIds)}`,
    `series ${decision.series}, ${counted(decision.historyUsed.length, 'accepted night')} in ${historyFile}`,
    ...open.toSorted(worstFirst).map((row) => rowLine(row, color)),
    ...(calibrating.length === 0 ? [] : [calibratingLine(calibrating, color)]),
    ...(passed === 0
      ? []
      : [color.dim(`${counted(passed, 'rule')} passed; all of them: bench gate explain ${decision.runIds.join(' ')}`)]),
    ...decision.notices.map((notice) => `${color.yellow('note')} ${notice}`),
    ...nextStep({ decision }),
  ];
}

function confirmedBy(runIds: readonly string[]): string {
  return runIds.length === 0 ? '' : `, second session of ${counted(runIds.length, 'run')}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The subject is told by the metric; where there are several rules on it, the rule tells which. */
function rowLine(row: GateRow, color: Color): string {
  const about = row.metric === null ? rowSubject(row) : `${rowSubject(row)} (${row.rule})`;
  return `${stateText(row.state, color, stateWidth)} ${about}: ${row.sentence}`;
}

function calibratingLine(rows: readonly GateRow[], color: Color): string {
  const [first] = rows;
  const names = rows.map(rowSubject).join(', ');
  return `${stateText('calibrating', color, stateWidth)} ${first?.sentence ?? ''} Not compared yet: ${names}`;
}

function nextStep({ decision }: Pick<GatedSession, 'decision'>): string[] {
  if (!decision.needsConfirmation) {
    return [];
  }
  const runs = decision.runIds.join(' ');
  return [
    `next: start the server anew, run ${decision.profile} ${counted(decision.runIds.length, 'time')} more, then: bench gate ${runs} --confirmation RUN`,
  ];
}

/** Every rule with its inputs: what was measured, what it was held against, and from where on it would not have passed. */
export function explanationLines({ decision, historyFile }: GatedSession, color: Color): string[] {
  const { constants } = decision;
  const layers = ['invariant', 'absolute', 'relative', 'change-point'] as const;
  return [
    `gate ${stateText(decision.state, color)}: ${decision.sentence}`,
    `series ${decision.series}; nights compared: ${decision.historyUsed.slice(-constants.relative.window).join(', ') || 'none'} (${historyFile})`,
    ...layers.flatMap((layer) => {
      const rows = decision.rows.filter((row) => row.layer === layer);
      return [
        '',
        layerTitles[layer],
        ...(rows.length === 0 ? ['  nothing to judge'] : rows.flatMap((row) => rowBlock(row, color))),
      ];
    }),
    '',
    ...decision.notJudged.map(({ rule, why }) => `not judged: ${rule}, since ${why}`),
    ...decision.differences.map(
      (difference) =>
        `${difference.class === 'must' ? 'differs' : 'changed'}: ${difference.field}: ${difference.baseline ?? 'not read'} -> ${difference.candidate ?? 'not read'}`,
    ),
    ...decision.notices.map((notice) => `note: ${notice}`),
    `gates version ${constants.version}; without any change ${decision.expectedFalseRedsPerYear.toFixed(1)} false reds are expected in a year of one session a day (${constants.falseAlarmsPerHundredNights} in 100 nights for each metric that gates).`,
  ];
}

const layerTitles = {
  invariant: 'A  invariants: no history excuses these',
  absolute: 'B  absolute limits',
  relative: 'C  relative change, against what is usual and against the reference',
  'change-point': 'D  change points',
} as const;

function rowBlock(row: GateRow, color: Color): string[] {
  const { unit } = row;
  const inputs = [
    row.value === null ? null : `value ${valueText(row.value, unit)}`,
    row.values.length > 1 ? `repeats ${row.values.map((value) => valueText(value, unit)).join(', ')}` : null,
    row.centre === null ? null : `centre ${valueText(row.centre, unit)}`,
    row.scale === null ? null : `scale ${valueText(row.scale, unit)}`,
    row.reference === null ? null : `reference ${valueText(row.reference, unit)}`,
    row.threshold === null ? null : `would not pass beyond ${thresholdText(row)}`,
    row.confirmation.length === 0
      ? null
      : `second session ${row.confirmation.map((value) => valueText(value, unit)).join(', ')}`,
    row.isGating ? null : 'warns only',
    row.identity === null ? null : `identity ${row.identity}`,
  ].filter((text) => text !== null);
  const about = row.metric === null ? rowSubject(row) : `${rowSubject(row)} (${row.rule})`;
  return [
    `  ${stateText(row.state, color, stateWidth)} ${about}: ${row.sentence}`,
    ...(inputs.length === 0 ? [] : [color.dim(`  ${' '.repeat(stateWidth)} ${inputs.join('; ')}`)]),
  ];
}

function thresholdText({ threshold, unit, layer }: GateRow): string {
  return layer === 'change-point' ? `p < ${threshold ?? 0}` : valueText(threshold, unit);
}

import { valueText } from '../../computed/gate/value-text.ts';
import type { GateRow, GateState } from '../../model/gate.ts';

/** Mark and word: never colour alone. */
export const gateWords: Readonly<Record<GateState, string>> = {
  pass: '✓ pass',
  calibrating: '… calibrating',
  'not-comparable': '≠ not comparable',
  inconclusive: '? inconclusive',
  warn: '! warn',
  flaky: '~ flaky',
  fail: '✕ fail',
  invalid: '✕ invalid',
};

/** The class of the page's style that colours a state. */
export const gateLooks: Readonly<Record<GateState, 'ok' | 'warn' | 'fail' | 'inconclusive'>> = {
  pass: 'ok',
  calibrating: 'inconclusive',
  'not-comparable': 'inconclusive',
  inconclusive: 'inconclusive',
  warn: 'warn',
  flaky: 'warn',
  fail: 'fail',
  invalid: 'fail',
};

/** A value in the unit of its row; an en dash where there is none, as in every table of the page. */
export function gateValue(unit: GateRow['unit'], value: number | null): string {
  return value === null ? '–' : valueText(value, unit);
}

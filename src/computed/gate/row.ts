import type { GateRow } from '../../model/gate.ts';

/** A row with nothing in it but what is given. */
export function gateRow(given: Pick<GateRow, 'layer' | 'rule' | 'state' | 'sentence'> & Partial<GateRow>): GateRow {
  return {
    metric: null,
    stage: null,
    instance: null,
    isGating: true,
    unit: null,
    values: [],
    value: null,
    centre: null,
    scale: null,
    reference: null,
    threshold: null,
    confirmation: [],
    identity: null,
    failingSince: null,
    ...given,
  };
}

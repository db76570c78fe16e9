import { formatBytes, formatDuration, formatRate, formatShare } from '../../base/units.ts';
import type { GateRow } from '../../model/gate.ts';
import { metricKey } from './metrics.ts';

export function valueText(value: number | null, unit: GateRow['unit']): string {
  if (value === null) {
    return 'n/a';
  }
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return formatDuration(value);
    case 'per_s':
      return formatRate(value);
    case 'ratio':
      return formatShare(value);
    case 'hours':
      return formatDuration(value * 3_600_000);
    case null:
      return Number.isInteger(value) ? String(value) : value.toPrecision(3);
  }
}

/** What a row is about: its metric with stage and device, else its rule. */
export function rowSubject({ rule, metric, stage, instance }: GateRow): string {
  return metric === null ? `${rule}${stage === null ? '' : `/${stage}`}` : metricKey({ id: metric, stage, instance });
}

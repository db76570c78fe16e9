// What is to be done next of a decision of the gate: "STATE NEEDS_CONFIRMATION EXTRA_REPEATS".
import { readFileSync } from 'node:fs';

const { state, needsConfirmation, rows, runIds, constants } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { count, extra, spreadRatio } = constants.repeats;

function spreadOf({ values }) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return median === 0 ? 0 : (sorted.at(-1) - sorted[0]) / Math.abs(median);
}

const differ = rows.some(
  (row) => row.layer === 'relative' && row.isGating && row.values.length > 1 && spreadOf(row) > spreadRatio,
);
const more = differ && state !== 'invalid' ? Math.max(0, count + extra - runIds.length) : 0;
process.stdout.write(`${state} ${needsConfirmation} ${Math.min(extra, more)}\n`);

import { parseArgs } from 'node:util';
import { measurePredictions } from './bench-detectors/prediction.ts';
import { shapes } from './bench-detectors/shapes.ts';
import { measureShape } from './bench-detectors/simulate.ts';
import {
  falseAlarms,
  harmlessTable,
  isPredictionMet,
  isShapeMet,
  leakTable,
  predictionTable,
} from './bench-detectors/tables.ts';

const lengths = [8, 12];
const { values } = parseArgs({
  options: { series: { type: 'string', default: '150' }, json: { type: 'boolean', default: false } },
});
const series = Number(values.series);

const startMs = performance.now();
const results = shapes.flatMap((shape) => {
  process.stderr.write(`${shape.name}\n`);
  return lengths.map((rounds) => measureShape(shape, rounds, series));
});
const predictions = measurePredictions(series);
const tookSeconds = (performance.now() - startMs) / 1000;
if (values.json) {
  const rows = results.map((result) => ({ ...result, shape: result.shape.name, isMet: isShapeMet(result) }));
  const ramps = predictions.map((result) => ({ ...result, isMet: isPredictionMet(result) }));
  const together = falseAlarms(results);
  process.stdout.write(`${JSON.stringify({ tookSeconds, together, rows, ramps }, null, 2)}\n`);
} else {
  const tables = [harmlessTable(results), leakTable(results), predictionTable(predictions)];
  process.stdout.write(`${tables.join('\n\n')}\n`);
  process.stderr.write(`${tookSeconds.toFixed(0)} s, Node ${process.version}\n`);
}

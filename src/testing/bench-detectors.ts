import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { defaultSeries, lengths, pageText, statisticsPath } from './bench-detectors/page.ts';
import { measurePredictions } from './bench-detectors/prediction.ts';
import { shapes } from './bench-detectors/shapes.ts';
import { measureSilence, silentShapes } from './bench-detectors/silence.ts';
import { measureShape } from './bench-detectors/simulate.ts';
import {
  falseAlarms,
  harmlessTable,
  isPredictionMet,
  isShapeMet,
  isSilenceMet,
  leakTable,
  predictionTable,
  silenceTable,
} from './bench-detectors/tables.ts';

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: String(defaultSeries) },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const series = Number(values.series);

const startMs = performance.now();
const results = shapes.flatMap((shape) => {
  process.stderr.write(`${shape.name}\n`);
  return lengths.map((rounds) => measureShape(shape, rounds, series));
});
const silences = silentShapes.map((shape) => {
  process.stderr.write(`${shape.name}\n`);
  return measureSilence(shape, series);
});
const predictions = measurePredictions(series);
const tookSeconds = (performance.now() - startMs) / 1000;
const together = falseAlarms(results, silences);
if (values.json) {
  const rows = results.map((result) => ({ ...result, shape: result.shape.name, isMet: isShapeMet(result) }));
  const quiet = silences.map((result) => ({ ...result, shape: result.shape.name, isMet: isSilenceMet(result) }));
  const ramps = predictions.map((result) => ({ ...result, isMet: isPredictionMet(result) }));
  process.stdout.write(`${JSON.stringify({ tookSeconds, together, rows, quiet, ramps }, null, 2)}\n`);
} else {
  const text = pageText(series, [
    harmlessTable(results, together),
    leakTable(results),
    silenceTable(silences),
    predictionTable(predictions),
  ]);
  if (values.write) {
    writeFileSync(statisticsPath, text);
  } else {
    process.stdout.write(text);
  }
  process.stderr.write(`${tookSeconds.toFixed(0)} s, Node ${process.version}\n`);
}

/** Ticks from 0 to `max`, and the Vega expression that labels them. */
export interface Scale {
  max: number;
  ticks: readonly number[];
  labelExpr: string;
}

export type Quantity = 'bytes' | 'duration' | 'rate' | 'share' | 'count';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

function ticksBy(step: number, max: number): readonly number[] {
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** The smallest of 1, 2, 5 times a power of ten that makes at most `count` steps. */
export function decimalStep(max: number, count: number): number {
  const power = 10 ** Math.floor(Math.log10(max / count));
  return power * ([1, 2, 5].find((factor) => factor * power * count >= max) ?? 10);
}

function byteScale(max: number): Scale {
  let step = max < 5 * mebibyte ? decimalStep(max / 1024, 5) * 1024 : mebibyte;
  while (max >= 5 * mebibyte && step * 5 < max) {
    step *= 2;
  }
  const [unit, name] =
    max >= 2 * gibibyte ? [gibibyte, 'GiB'] : max >= 5 * mebibyte ? [mebibyte, 'MiB'] : [1024, 'KiB'];
  return {
    max,
    ticks: ticksBy(step, max),
    labelExpr: `datum.value === 0 ? '0' : format(datum.value / ${unit}, ',.4~r') + ' ${name}'`,
  };
}

function decimalScale(highest: number, least: number, unit: number, label: string): Scale {
  const held = Math.max(highest, least) / unit;
  const step = decimalStep(held, 4);
  const max = Math.ceil(held / step - 1e-9) * step * unit;
  return { max, ticks: ticksBy(step * unit, max), labelExpr: label };
}

/** A scale that holds `highest`; bytes leave room above for the name of the limit. */
export function scaleFor(quantity: Quantity, highest: number): Scale {
  switch (quantity) {
    case 'bytes':
      return byteScale(Math.max(highest, 64) * 1.02);
    case 'duration':
      return highest >= 2000
        ? decimalScale(highest, 1, 1000, "format(datum.value / 1000, ',~r') + ' s'")
        : decimalScale(highest, 1, 1, "format(datum.value, ',~r') + ' ms'");
    case 'rate':
      return decimalScale(highest, 0.1, 1, "format(datum.value, ',.3~r') + '/s'");
    case 'share':
      return decimalScale(highest, 0.04, 0.01, "format(datum.value * 100, '.3~r') + ' %'");
    case 'count':
      return decimalScale(highest, 4, 1, "format(datum.value, ',~r')");
  }
}

const timeStepsS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400];
const maxTimeSteps = 11;

/**
 * Vega expressions of the axis of time, from the first and last second shown (`from`, `to`): the step between ticks,
 * the ticks for such a `step`, and their labels in the largest unit that leaves whole numbers.
 */
export function timeAxis({ from, to, step }: { from: string; to: string; step: string }): {
  stepExpr: string;
  valuesExpr: string;
  labelExpr: string;
} {
  const stepExpr = timeStepsS.reduceRight(
    (coarser, seconds) => `${to} - ${from} <= ${Number((seconds * maxTimeSteps).toFixed(3))} ? ${seconds} : ${coarser}`,
    String(timeStepsS.at(-1)),
  );
  const clock = "floor(datum.value / 60) + ':' + pad(floor(datum.value % 60 + 1e-6), 2, '0', 'left')";
  return {
    stepExpr,
    // A sum of tenths is never exact.
    valuesExpr: `sequence(ceil(${from} / ${step} - 1e-6) * ${step}, ${to} + ${step} * 1e-6, ${step})`,
    labelExpr: [
      `${step} >= 60 && ${step} % 3600 === 0 ? datum.value / 3600 + ' h'`,
      `${step} >= 60 && ${step} % 60 === 0 ? datum.value / 60 + ' min'`,
      `${step} < 1 ? format(datum.value, '.1f') + ' s'`,
      `${to} <= 120 ? datum.value + ' s'`,
      clock,
    ].join(' : '),
  };
}

import type { GeneratorContext } from '../../model/corpus.ts';
import { countsOf, refuseReversed } from '../distribution/buckets.ts';
import { nearestShape, orderItems, planQuantities, spreadTotal } from '../distribution/quantities.ts';
import { invalidParam } from '../params/parse-params.ts';
import { encodingFacts } from './encoding.ts';
import { type Measure, measureOf } from './measure.ts';
import type { SpeechLongformParams } from './params.ts';

/** Steps of all clips together that the recipe asks for, or null. Throws RECIPE_INVALID for what cannot be met. */
function wantedSteps(measure: Measure, counts: readonly number[], place: string): number | null {
  const { mean, meanKey, total, totalKey, limits } = measure;
  const clips = counts.reduce((all, count) => all + count, 0);
  const endOf = (end: 'from' | 'to'): number =>
    limits.reduce((all, limit, bucket) => all + limit[end] * (counts[bucket] ?? 0), 0);
  const least = measure.quantity(endOf('from'), clips);
  const most = measure.quantity(endOf('to'), clips);
  if (mean !== null && total !== null) {
    throw invalidParam(place, [totalKey], `\`${meanKey}\` is given too.`, 'Leave one of the two out.');
  }
  if (mean !== null && (mean * clips < least || mean * clips > most)) {
    throw invalidParam(
      place,
      [meanKey],
      `these buckets cannot have a mean of ${mean} ${measure.unit}.`,
      `Choose a mean between ${measure.text({ from: least / clips, to: most / clips })}, or move the buckets.`,
    );
  }
  if (total === null) {
    return null;
  }
  const steps = measure.stepsInAll(total, clips);
  if (steps < endOf('from') || steps > endOf('to')) {
    throw invalidParam(
      place,
      [totalKey],
      `these buckets cannot have a total of ${total} ${measure.unit}.`,
      `Choose a total between ${measure.text({ from: least, to: most })}, or move the buckets.`,
    );
  }
  if (!Number.isInteger(steps)) {
    const what = `clips cannot have a total of ${total} ${measure.unit}, since their sizes are even.`;
    throw invalidParam(place, [totalKey], what, `Write ${total - 1} or ${total + 1}.`);
  }
  return steps;
}

/** The number of samples of each clip, in the order of the corpus. Throws RECIPE_INVALID. */
export function clipSamples(
  params: SpeechLongformParams,
  { count, random, place }: Pick<GeneratorContext, 'count' | 'random' | 'place'>,
): number[] {
  const counts = countsOf(params.buckets, count, place, 'buckets');
  refuseReversed(params.buckets, place, 'buckets');
  const measure = measureOf(params, place);
  const wanted = wantedSteps(measure, counts, place);
  const plan = planQuantities(params.buckets, counts, random.fork('lengths'));
  const mean = measure.total === null ? measure.mean : measure.total / count;
  const shape = mean === null ? 1 : nearestShape(plan, mean);
  const bent = plan.values(shape).map((list, bucket) => {
    const { from, to } = measure.limits[bucket] ?? { from: 0, to: 0 };
    return list.map((quantity) => Math.min(to, Math.max(from, measure.steps(quantity))));
  });
  // The bend comes within rounding of the total; what is left is spread over the clips.
  const steps = wanted === null ? bent : spreadTotal(bent, measure.limits, wanted);
  const { stepSamples } = encodingFacts[params.encoding];
  return orderItems(steps, params.order, random.fork('order')).map((all) => all * stepSamples);
}

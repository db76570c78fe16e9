import type { Series } from '../model/artifacts.ts';
import { stepAt } from './in-flight.ts';
import { alignTo } from './series.ts';
import { longest, type Span, spansWhere } from './spans.ts';

/** Some servers count the audio that they work on as well: only one that was seen not to can be held to it. */
const fewestCalm = 10;
const fewestReadings = 3;

/**
 * The longest span in which a page tells of waiting audio beside an empty queue, from a server whose page told of no
 * audio at least ten times before while its queue was empty and it worked; null without one.
 */
export function ghostAudio(depth: Series, audio: Series, inFlight: Series): (Span & { audioSeconds: number }) | null {
  const depths = alignTo(audio.tMs, depth);
  let calm = 0;
  const seen = { tMs: audio.tMs, values: audio.values.map((value, at) => (depths[at] === 0 ? value : Number.NaN)) };
  const spans = spansWhere(seen, (seconds, tMs) => {
    calm += seconds === 0 && stepAt(inFlight, tMs) > 0 ? 1 : 0;
    return seconds > 0 && calm >= fewestCalm;
  });
  const span = longest(spans.filter(({ readings }) => readings >= fewestReadings));
  return span === null ? null : { ...span, audioSeconds: audio.values[audio.tMs.indexOf(span.startMs)] ?? 0 };
}

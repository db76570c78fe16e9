import { formatClock, formatDuration } from '../base/units.ts';
import { between } from '../computed/series.ts';
import { lastingMs, type Span, spansWhere } from '../computed/spans.ts';
import { type QuietWindow, quietWindows, stageAt } from '../computed/stages.ts';
import type { Health, Series } from '../model/artifacts.ts';
import { defineDetector } from '../model/detector.ts';
import type { LightRoute } from '../model/server-gauges.ts';

/** How long each question waits for its answer. */
const timeoutMs = 2000;
const fewestAsks = 3;

export const endpointWedge = defineDetector({
  id: 'endpoint-wedge',
  title: 'Light routes answer as long as health does',
  failureTitle: 'A light route hangs while health answers',
  description: 'Questions in a row to readiness or metrics without an answer, while health is answered throughout.',
  unit: 'ms',
  remedy:
    'Look for a lock that the route shares with the work, such as one held through a whole inference. Let readers share it, or give the route a copy of what it tells.',
  requires: ['lightRoutes', 'health', 'stages', 'inFlight'],
  detect({ lightRoutes, health, stages, inFlight }, { profile }) {
    const thresholdMs = lastingMs(profile.scale);
    const base = { value: null, threshold: thresholdMs };
    if (lightRoutes.length === 0) {
      const summary = 'No light route beside health was asked; name one with --ready.';
      return { ...base, verdict: 'not-applicable', summary };
    }
    const asked = lightRoutes.map((route) => ({ ...route, asks: countOf(route.answered) }));
    if (asked.every(({ asks }) => asks < fewestAsks)) {
      const summary = `Every light route was asked fewer than ${fewestAsks} times.`;
      return { ...base, verdict: 'inconclusive', summary };
    }
    const rest = quietWindows(stages, inFlight);
    const wedges = lightRoutes.flatMap((route) =>
      hangs(route, rest)
        .filter((span) => span.readings >= fewestAsks && span.endMs - span.startMs >= thresholdMs)
        .filter((span) => isHealthy(health, span))
        .map((span) => ({ ...span, route: route.name })),
    );
    const [worst] = wedges.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs));
    if (worst === undefined) {
      const list = asked.map(({ name, asks }) => `${name} (${asks} times)`).join(' and ');
      return {
        ...base,
        verdict: 'ok',
        summary: `While health answered, no question hung for ${formatDuration(thresholdMs)}: ${list}.`,
      };
    }
    const lastedMs = worst.endMs - worst.startMs;
    return {
      verdict: 'fail',
      summary: `While every health question was answered, ${worst.route} did not answer for ${formatDuration(lastedMs)} from ${formatClock(worst.startMs)} on.`,
      value: lastedMs,
      threshold: thresholdMs,
      stage: stageAt(stages, worst.startMs)?.name ?? null,
      startedMs: worst.startMs,
      evidence: { holder: null, route: worst.route, unanswered: worst.readings },
    };
  },
});

/** From the moment of the first question that got no answer. */
function hangs(route: LightRoute, rest: readonly QuietWindow[]): readonly Span[] {
  const parts = route.isOnlyClearAtRest
    ? rest.map(({ startMs, endMs }) => between(route.answered, startMs + timeoutMs, endMs))
    : [route.answered];
  return parts
    .flatMap((part) => spansWhere(part, (answered) => answered === 0))
    .map((span) => ({ ...span, startMs: Math.max(0, span.startMs - timeoutMs) }));
}

/** Nothing but good answers, and at least half as many as the light route was asked. */
function isHealthy({ ok }: Health, { startMs, endMs, readings }: Span): boolean {
  const answers = between(ok, startMs, endMs + 1).values.filter((value) => !Number.isNaN(value));
  return answers.length * 2 >= readings && answers.every((value) => value === 1);
}

function countOf(series: Series): number {
  return series.values.filter((value) => !Number.isNaN(value)).length;
}

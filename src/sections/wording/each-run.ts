import type { RunResult } from '../../model/result.ts';
import type { Block, Results } from '../../model/section.ts';

/** A page of several runs shows a section once for each, under its name. */
export function eachRun(results: Results, render: (result: RunResult) => readonly Block[]): readonly Block[] {
  return results.length === 1
    ? render(results[0])
    : results.flatMap((result) => [
        { type: 'heading' as const, level: 3 as const, text: `${result.profile.name}, run ${result.runId}` },
        ...render(result),
      ]);
}

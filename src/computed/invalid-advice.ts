import type { RunResult } from '../model/result.ts';

/** How a reason begins whose cause is our own side of the run, so that a quieter host may mend it. */
export const heldUp = 'The load generator (bench itself) was held up';
/** How a reason begins whose cause is what was asked: the same run again would be as wrong. */
export const noneSucceeded = 'No request of';

/** Whether nothing of the load succeeded (PROTOCOL 6.4). */
export function isWithoutSuccess({ validity }: Pick<RunResult, 'validity'>): boolean {
  return validity.reasons.some((reason) => reason.startsWith(noneSucceeded));
}

/** What to do first about an invalid run, as one or two sentences. */
export function invalidAdvice(result: Pick<RunResult, 'validity' | 'environment' | 'command'>): string {
  const again = `Measure again: \`${result.command}\``;
  if (isWithoutSuccess(result)) {
    return 'Mend what is asked (address, adapter, model, corpus or template), then measure again.';
  }
  if (!result.validity.reasons.some((reason) => reason.startsWith(heldUp))) {
    return again;
  }
  const load = result.environment['load average at start'];
  const cores = result.environment['processor']?.match(/(\d+) logical cores/)?.[1];
  const seen =
    load === undefined
      ? ''
      : ` (load average at the start: ${load}${cores === undefined ? '' : ` on ${cores} logical cores`})`;
  return `Repeat it on a quieter host, or let bench run on another one than the server${seen}. ${again}`;
}

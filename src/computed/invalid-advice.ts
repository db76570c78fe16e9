import type { RunResult } from '../model/result.ts';
import type { ValidityCode } from '../model/validity.ts';

/** Our own side of the run was late, so that a quieter host may mend it. */
const heldUp: ReadonlySet<ValidityCode> = new Set(['late-requests', 'event-loop-lag']);

/** Whether nothing of the load succeeded (PROTOCOL 6.4). */
export function isWithoutSuccess({ validity }: Pick<RunResult, 'validity'>): boolean {
  return validity.codes?.includes('no-success') === true;
}

/** What to do first about an invalid run, as one or two sentences. */
export function invalidAdvice(
  result: Pick<RunResult, 'validity' | 'environment' | 'comparability' | 'command'>,
): string {
  const again = `Measure again: \`${result.command}\``;
  if (isWithoutSuccess(result)) {
    return 'Mend what is asked (address, adapter, model, corpus or template), then measure again.';
  }
  if (result.validity.codes?.some((code) => heldUp.has(code)) !== true) {
    return again;
  }
  const load = result.environment['load average at start'];
  const cores = result.comparability.must['logical cores'] ?? null;
  const seen =
    load === undefined
      ? ''
      : ` (load average at the start: ${load}${cores === null ? '' : ` on ${cores} logical cores`})`;
  return `Repeat it on a quieter host, or let bench run on another one than the server${seen}. ${again}`;
}

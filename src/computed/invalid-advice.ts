import { formatBytes, formatShare } from '../base/units.ts';
import type { RunResult } from '../model/result.ts';
import type { ValidityCode } from '../model/validity.ts';

/** Our own side of the run was late, so that a quieter host may mend it. */
const heldUp: ReadonlySet<ValidityCode> = new Set(['late-requests', 'event-loop-lag']);

/** Whether nothing of the load succeeded (PROTOCOL 6.4). */
export function isWithoutSuccess({ validity }: Pick<RunResult, 'validity'>): boolean {
  return validity.codes?.includes('no-success') === true;
}

type Asked = Pick<RunResult, 'validity' | 'environment' | 'comparability' | 'command'> &
  Partial<Pick<RunResult, 'memory' | 'guard'>>;

/** What to do first about an invalid run, as one to three sentences. */
export function invalidAdvice(result: Asked): string {
  if (isFullBefore(result)) {
    return `Restart the target, or wait until its memory has come back. If it holds as much right after its start, its limit leaves no room for load: raise it. Measure again: \`${againCommand(result)}\``;
  }
  const restart = wasHalfFull(result);
  return restart === null ? againAdvice(result) : `${restart} ${againAdvice(result)}`;
}

/** Whether the target was full before anything was sent (PROTOCOL 6.5). */
export function isFullBefore({ validity }: Pick<RunResult, 'validity'>): boolean {
  return validity.codes?.includes('full-before-load') === true;
}

/** A run cannot be made once more under the id that it has. */
const againCommand = ({ command }: Asked): string => command.replace(/ --run-id[= ]\S+/, '');

function againAdvice(result: Asked): string {
  const again = `Measure again: \`${againCommand(result)}\``;
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

/** From this share of the limit on, what is held at rest is told beside what load added. */
export const notableBaseRatio = 0.5;

/** A quieter host mends nothing where the guard ended a load that found its target half full. */
function wasHalfFull({ memory, guard }: Partial<Pick<RunResult, 'memory' | 'guard'>>): string | null {
  const baseBytes = memory?.baselineBytes ?? null;
  const limitBytes = memory?.limitBytes ?? null;
  return guard == null || baseBytes === null || limitBytes === null || baseBytes <= notableBaseRatio * limitBytes
    ? null
    : `Restart the target first, or wait until its memory has come back: before the first request it already held ${formatBytes(baseBytes)} of ${formatBytes(limitBytes)} (${formatShare(baseBytes / limitBytes)}).`;
}

import type { Exposition } from '../../metrics.ts';
import type { SandboxState } from './sandbox-state.ts';

/** The gauges of the sandbox. The incident's server had none. */
export function collectSandbox(exposition: Exposition, state: SandboxState): void {
  const gauge = (name: string, help: string, value: number | null): void =>
    exposition.gauge(`headroom_sandbox_${name}`, help, value);
  exposition.counter('headroom_sandbox_programs_total', 'Programs by the way they ended.', state.ended);
  exposition.counter('headroom_sandbox_refused_total', 'Programs that were not started.', state.refused);
  gauge('programs', 'Programs that run.', state.programs.size);
  gauge('slots', 'Programs that may run at once.', state.slots.most);
  gauge(
    'output_bytes',
    'Output of running programs that the front holds.',
    [...state.programs].reduce((sum, program) => sum + program.heldBytes(), 0),
  );
}

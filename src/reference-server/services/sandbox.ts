import { leastFree, readMemoryBounds } from '../memory.ts';
import type { Service, ServiceKind } from '../service.ts';
import { handleExecute } from './sandbox/execute.ts';
import { collectSandbox } from './sandbox/gauges.ts';
import { createRuntimes } from './sandbox/runtimes.ts';
import { createSandboxState } from './sandbox/sandbox-state.ts';
import { type SandboxSettings, sandboxKnobs, sandboxSettings } from './sandbox/settings.ts';
import { slotsThatFit } from './sandbox/slots.ts';

function fitted(asked: SandboxSettings, log: (line: string) => void): SandboxSettings {
  const { slots, childBytes } = asked;
  if (slots === null || !asked.hasToFit) {
    return asked;
  }
  const fit = slotsThatFit({ slots, childBytes }, leastFree(readMemoryBounds())?.freeBytes ?? null);
  if (fit.slots !== slots || fit.childBytes !== childBytes) {
    const mib = Math.floor(fit.childBytes / 1024 ** 2);
    log(`sandbox: the memory limit holds ${fit.slots} of ${slots} programs of ${mib} MiB`);
  }
  return { ...asked, ...fit };
}

/** Programs that are sent to it, each in a process of its own. No protection: they run with the server's rights. */
export const sandbox: ServiceKind = {
  id: 'sandbox',
  title: 'Programs that are sent to it: POST /execute',
  knobs: sandboxKnobs,
  async start({ values, log }): Promise<Service> {
    const settings = fitted(sandboxSettings(values), log);
    const state = createSandboxState(settings, createRuntimes());
    return {
      routes: [
        { path: '/execute', methods: ['POST'], handle: (request, response) => handleExecute(state, request, response) },
      ],
      isReady: () => true,
      health: () => ({ sandbox: { programs: state.programs.size, slots: state.slots.most } }),
      collect: (exposition) => collectSandbox(exposition, state),
      manage: () => undefined,
      async stop() {
        const programs = [...state.programs];
        for (const program of programs) {
          program.kill('stopped');
        }
        await Promise.allSettled(programs.map(({ ended }) => ended));
      },
      connectionLimit: settings.connectionLimit,
    };
  },
};

import type { Command } from 'commander';
import { addObserveOptions } from './observe-options.ts';
import { collect, duration, positive, size, wholeNumber } from './option-values.ts';
import { outlined } from './outline.ts';
import { allowRemoteOption, headerOption, outFolder, referenceOptions, sentOptions } from './shared-options.ts';
import { addCallOptions } from './wire-options.ts';

/** What looks at this host or serves from it, and sends no load; each command is imported when it runs. */
export function addHostCommands(program: Command, onExit: (code: number) => void): void {
  referenceOptions(outlined(program, 'serve'))
    .option('--fault <name>', 'plants a fault')
    .option('--fix <name>', 'repairs it; may be repeated', collect, [])
    .option('--port <n>', 'port to listen on', wholeNumber, 9005)
    .option('--scale <f>', "multiplies the server's timers", positive, 1)
    .option('--memory-limit <size>', 'holds it under a real limit', size)
    .action(async (options: object) => {
      const { serveCommand } = await import('./commands/serve.ts');
      onExit(await serveCommand(options as Parameters<typeof serveCommand>[0]));
    });

  outlined(program, 'list').action(async (kind: string) => {
    const { listCommand } = await import('./commands/list.ts');
    onExit(await listCommand(kind));
  });

  const doctor = outlined(program, 'doctor')
    .option('--target <url>', 'the server, as it runs now; nothing but its health and metrics pages is asked')
    .option('--try', 'sends it one request too, as a run of this profile would', false);
  addCallOptions(sentOptions(addObserveOptions(doctor)))
    .addOption(headerOption())
    .option('--timeout <duration>', "how long --try waits; default: the profile's own", duration)
    .addOption(allowRemoteOption())
    .option('--json', 'as JSON', false)
    .action(async (profile: string | undefined, options: object) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      onExit(await doctorCommand(profile ?? null, options as Parameters<typeof doctorCommand>[1]));
    });

  outlined(program, 'capacity')
    .option('--limit <size>', 'under another limit than that of the run', size)
    .option('--concurrency <n>', 'whether so many fit, and the limit that they need', wholeNumber)
    .option('--json', 'as JSON', false)
    .addOption(outFolder())
    .action(async (run: string, options: object) => {
      const { capacityCommand } = await import('./commands/capacity.ts');
      onExit(await capacityCommand(run, options as Parameters<typeof capacityCommand>[1]));
    });

  outlined(program, 'agent')
    .option('--listen <address:port>', 'where; beyond this machine only with a token', '127.0.0.1:9477')
    .option('--token-file <file>', 'whoever does not send its content is refused')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .action(async (options: object) => {
      const { agentCommand } = await import('./commands/agent.ts');
      onExit(await agentCommand(options as Parameters<typeof agentCommand>[0]));
    });
}

import { Command, Option } from 'commander';
import { addCorpusCommands } from './corpus-program.ts';
import { addExportCommand } from './export-program.ts';
import { addGateCommands } from './gate-program.ts';
import { addObserveOptions } from './observe-options.ts';
import {
  collect,
  commaList,
  duration,
  folderName,
  guard,
  positive,
  repeatCount,
  size,
  wholeNumber,
} from './option-values.ts';
import { addPublishCommands } from './publish-program.ts';
import { addResultsCommands } from './results-program.ts';
import { addSetupCommands } from './setup-program.ts';
import { addTemplateOption, addWireOptions } from './wire-options.ts';

const outFolder = (): Option => new Option('--out <folder>', 'where runs are kept').default('results').env('BENCH_OUT');

function profileOptions(command: Command): Command {
  return command
    .option('--corpus <name>', 'another corpus than the profile names')
    .option('--adapter <id>', 'another wire format than the profile names')
    .option('--seed <n>', 'another seed', wholeNumber)
    .option('--scale <f>', "multiplies every duration, and the reference server's own timers", positive, 1)
    .option('--only <stages>', 'a part of the profile: names with commas', commaList)
    .option('--timeout <duration>', 'timeout of every request', duration)
    .option('--engine <id>', 'auto, native, autocannon, k6, job-board or simulated', 'auto');
}

function referenceOptions(command: Command): Command {
  return command
    .option('--device <kind>', 'device of the reference server: auto, cuda or virtual', 'auto')
    .option('--vram <size>', 'virtual VRAM of the reference server')
    .option('--knob <name=value>', 'moves a number of the reference server; may be repeated', collect, []);
}

export const exitCodeHelp = `
Exit codes: 0 ok, 1 a verdict failed, 2 usage or configuration, 3 the run is invalid or its corpus wrong,
4 nothing to compare with where a baseline was required, 5 something outside is missing, 70 our bug, 130 and 143 ended by a signal with the results kept.`;

/** The command tree. Commands are imported when they run, so that \`--help\` loads neither zod nor vega. */
export function createProgram(onExit: (code: number) => void): Command {
  const program = new Command('bench')
    .description('Finds the memory death of an inference server before production does.')
    .addHelpText(
      'after',
      `
Examples:
  bench run smoke --target reference                        the bundled server, healthy: 40 s
  bench run smoke --target reference:ungated-pool --memory-limit 900MiB
  bench run longform-sustained --target http://127.0.0.1:8000
  bench init                                                settings of this folder: bench.yaml

Every option of run can also stand in bench.yaml, or in BENCH_NAME in the environment; a flag beats both.
${exitCodeHelp}`,
    )
    .showHelpAfterError(false)
    .showSuggestionAfterError(true)
    .exitOverride();

  const run = program
    .command('run <profile>')
    .description('the main job: load, sample, judge, report')
    .requiredOption(
      '--target <url>',
      'http://HOST:PORT, reference[:FAULT[+FIX…]], or worker: one without a port that fetches its work',
    );
  addWireOptions(addObserveOptions(referenceOptions(profileOptions(run))))
    .option('--exec <command>', 'starts the server, waits until it is healthy, and stops it after the run')
    .option('--ready-within <duration>', 'how long --exec waits for it', duration, 120_000)
    .option('--memory-limit <size>', 'holds what bench starts under a real limit', size)
    .option('--header <header>', "sent with every request as 'Name: value'; never stored", collect, [])
    .option('--interval <duration>', 'time between samples', duration)
    .option('--guard <share>', 'stops the load at this share of the limit, or off', guard, 0.9)
    .option('--repeats <n>', 'runs so many times, one after the other, as one session', repeatCount, 1)
    .option('--session <id>', 'joins the runs of this command to a session')
    .addOption(
      new Option('--purpose <purpose>', 'what the runs are for, in the history')
        .choices(['manual', 'nightly', 'pr', 'confirm', 'calibrate'])
        .default('manual'),
    )
    .option('--subject-version <text>', 'version of the server under test, for the history')
    .option('--subject-commit <hash>', 'its commit')
    .option('--subject-image <image>', 'its image, best with a digest')
    .option('--allow-remote', 'the target may be another machine', false)
    .addOption(outFolder())
    .option('--run-id <id>', 'another id than the generated one', folderName)
    .option('--reports <folder>', 'where pages are written', 'reports')
    .option('--no-report', 'no page')
    .option('--static', 'the page runs no script: its charts are pictures only', false)
    .option('--anonymize', 'replaces host names, user names, addresses and paths in every file', false)
    .option('--json', "stdout is exactly result.json's content", false)
    .option('--quiet', 'no progress', false)
    .option('--dry-run', 'prints the plan and sends nothing', false)
    .option('--strict', 'warn and inconclusive exit 1 too', false)
    .action(async (profile: string, options: object) => {
      const { runCommand } = await import('./commands/run.ts');
      onExit(await runCommand(profile, options as Parameters<typeof runCommand>[1]));
    });

  addObserveOptions(
    program
      .command('watch [command...]')
      .description("the same sampling, judging and report around another tool's load: bench watch … -- COMMAND")
      .option('--target <url>', 'http://HOST:PORT of the server that the command loads'),
  )
    .option('--records <file>', 'request data that the command writes: of k6, vllm bench, aiperf or guidellm')
    .option('--format <id>', 'format of --records; default: told by its content')
    .option('--before <duration>', 'time of rest before the command', duration, 5000)
    .option('--after <duration>', 'time of rest after it', duration, 15_000)
    .option('--interval <duration>', 'time between samples', duration)
    .option('--guard <share>', 'warns at this share of the limit, or off', guard, 0.9)
    .option('--guard-stop', 'ends the command there', false)
    .addOption(outFolder())
    .option('--run-id <id>', 'another id than the generated one', folderName)
    .option('--reports <folder>', 'where pages are written', 'reports')
    .option('--no-report', 'no page')
    .option('--static', 'the page runs no script: its charts are pictures only', false)
    .option('--anonymize', 'replaces host names, user names, addresses and paths in every file', false)
    .option('--quiet', 'no word but the summary', false)
    .option('--strict', 'warn and inconclusive exit 1 too', false)
    .action(async (command: readonly string[], options: object) => {
      const { watchCommand } = await import('./commands/watch.ts');
      onExit(await watchCommand(command, options as Parameters<typeof watchCommand>[1]));
    });

  addTemplateOption(
    profileOptions(program.command('plan <profile>').description('prints the compiled plan; sends nothing')),
  )
    .option('--json', 'as JSON', false)
    .option('--simulate', 'shows what the plan would do to a declared server; nothing is measured', false)
    .option('--simulate-slots <n>', 'how many requests the declared server works on at a time: 4', wholeNumber)
    .option('--simulate-speed <x>', 'audio-seconds, or MiB, that each of them takes per second: 10', positive)
    .action(async (profile: string, options: object) => {
      const { planCommand } = await import('./commands/plan.ts');
      onExit(await planCommand(profile, options as Parameters<typeof planCommand>[1]));
    });

  referenceOptions(program.command('serve').description('the reference server alone'))
    .option('--fault <name>', 'plants a fault')
    .option('--fix <name>', 'repairs it; may be repeated', collect, [])
    .option('--port <n>', 'port to listen on', wholeNumber, 9005)
    .option('--scale <f>', "multiplies the server's timers", positive, 1)
    .option('--memory-limit <size>', 'holds it under a real limit', size)
    .action(async (options: object) => {
      const { serveCommand } = await import('./commands/serve.ts');
      onExit(await serveCommand(options as Parameters<typeof serveCommand>[0]));
    });

  program
    .command('list <kind>')
    .description('profiles, corpora, engines, adapters, probes, detectors, faults or exporters')
    .action(async (kind: string) => {
      const { listCommand } = await import('./commands/list.ts');
      onExit(await listCommand(kind));
    });

  const doctor = program
    .command('doctor')
    .description('what can be observed on this host and of this server, and what to do about the rest')
    .option('--target <url>', 'the server, as it runs now; nothing but its health and metrics pages is asked');
  addObserveOptions(doctor)
    .option('--json', 'as JSON', false)
    .action(async (options: object) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      onExit(await doctorCommand(options as Parameters<typeof doctorCommand>[0]));
    });

  program
    .command('capacity <run>')
    .description('how many requests at once fit in memory, with the arithmetic')
    .option('--limit <size>', 'under another limit than that of the run', size)
    .option('--concurrency <n>', 'whether so many fit, and the limit that they need', wholeNumber)
    .option('--json', 'as JSON', false)
    .addOption(outFolder())
    .action(async (run: string, options: object) => {
      const { capacityCommand } = await import('./commands/capacity.ts');
      onExit(await capacityCommand(run, options as Parameters<typeof capacityCommand>[1]));
    });

  profileOptions(
    program.command('scale-out <profile>').description('writes what many k6 processes need to send one plan together'),
  )
    .requiredOption('--runners <n>', 'how many', wholeNumber)
    .requiredOption('--target <url>', 'http://HOST:PORT, as the runners reach it')
    .requiredOption('--out <folder>', 'a new folder for script, corpus and manifests')
    .option('--k6-image <image>', 'of the runners', 'grafana/k6:2.2.0')
    .option('--bench-image <image>', 'of the sampling agent: an image with bench in it', 'headroom:latest')
    .action(async (profile: string, options: object) => {
      const { scaleOutCommand } = await import('./commands/scale-out.ts');
      onExit(await scaleOutCommand(profile, options as Parameters<typeof scaleOutCommand>[1]));
    });

  program
    .command('merge <folders...>')
    .description('one result of what several runners recorded of one plan')
    .addOption(outFolder())
    .option('--run-id <id>', 'another id than the generated one', folderName)
    .option('--reports <folder>', 'where pages are written', 'reports')
    .option('--no-report', 'no page')
    .option('--json', "stdout is exactly result.json's content", false)
    .option('--strict', 'warn and inconclusive exit 1 too', false)
    .action(async (folders: readonly string[], options: object) => {
      const { mergeCommand } = await import('./commands/merge.ts');
      onExit(await mergeCommand(folders, options as Parameters<typeof mergeCommand>[1]));
    });

  program
    .command('agent')
    .description('samples the host it runs on, for a bench run --agent URL elsewhere')
    .option('--listen <address:port>', 'where; beyond this machine only with a token', '127.0.0.1:9477')
    .option('--token-file <file>', 'whoever does not send its content is refused')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .action(async (options: object) => {
      const { agentCommand } = await import('./commands/agent.ts');
      onExit(await agentCommand(options as Parameters<typeof agentCommand>[0]));
    });

  addResultsCommands(program, onExit);
  addCorpusCommands(program, onExit);
  addGateCommands(program, onExit);
  addPublishCommands(program, onExit);
  addExportCommand(program, onExit);
  addSetupCommands(program, onExit);
  return program;
}

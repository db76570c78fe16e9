import { type Command, Option } from 'commander';
import { addObserveOptions } from './observe-options.ts';
import { duration, folderName, guard, positive, repeatCount, size, wholeNumber } from './option-values.ts';
import { outlined } from './outline.ts';
import { allowRemoteOption, headerOption, keptRunOptions, profileOptions, referenceOptions } from './shared-options.ts';
import { addTemplateOption, addWireOptions } from './wire-options.ts';

/** `bench run` and what else makes or counts load; each command is imported when it runs. */
export function addLoadCommands(program: Command, onExit: (code: number) => void): void {
  const run = outlined(program, 'run').requiredOption(
    '--target <url>',
    'http://HOST:PORT, reference[:FAULT[+FIX…]], or worker: one without a port that fetches its work',
  );
  const kept = addWireOptions(addObserveOptions(referenceOptions(profileOptions(run))))
    .option('--exec <command>', 'starts the server, waits until it is healthy, and stops it after the run')
    .option('--ready-within <duration>', 'how long --exec waits for it', duration, 120_000)
    .option('--memory-limit <size>', 'holds what bench starts under a real limit', size)
    .addOption(headerOption())
    .option('--interval <duration>', 'time between samples', duration)
    .option('--guard <share>', 'ends the load at this share of the limit, or off', guard, 0.9)
    .option('--repeats <n>', 'runs so many times, one after the other, as one session', repeatCount, 1)
    .option('--session <id>', 'joins the runs of this command to a session', folderName)
    .addOption(
      new Option('--purpose <purpose>', 'what the runs are for, in the history')
        .choices(['manual', 'nightly', 'pr', 'confirm', 'calibrate'])
        .default('manual'),
    )
    .option('--subject-version <text>', 'version of the server under test, for the history')
    .option('--subject-commit <hash>', 'its commit')
    .option('--subject-image <image>', 'its image, best with a digest')
    .addOption(allowRemoteOption());
  keptRunOptions(kept)
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

  const watch = addObserveOptions(
    outlined(program, 'watch').option('--target <url>', 'http://HOST:PORT of the server that the command loads'),
  )
    .option('--records <file>', 'request data that the command writes: of k6, vllm bench, aiperf or guidellm')
    .option('--format <id>', 'format of --records; default: told by its content')
    .option('--before <duration>', 'time of rest before the command', duration, 5000)
    .option('--after <duration>', 'time of rest after it', duration, 15_000)
    .option('--interval <duration>', 'time between samples', duration)
    .option('--guard <share>', 'warns at this share of the limit, or off', guard, 0.9)
    .option('--guard-stop', 'ends the command there; --after still follows', false);
  keptRunOptions(watch)
    .option('--static', 'the page runs no script: its charts are pictures only', false)
    .option('--anonymize', 'replaces host names, user names, addresses and paths in every file', false)
    .option('--quiet', 'no word but the summary', false)
    .option('--strict', 'warn and inconclusive exit 1 too', false)
    .action(async (command: readonly string[], options: object) => {
      const { watchCommand } = await import('./commands/watch.ts');
      onExit(await watchCommand(command, options as Parameters<typeof watchCommand>[1]));
    });

  addTemplateOption(profileOptions(outlined(program, 'plan')))
    // Whoever tries a run out first leaves its target in: a plan is the same for every one.
    .option('--target <url>', 'taken and not used: the plan is the same for every target')
    .option('--json', 'as JSON', false)
    .option('--simulate', 'shows what the plan would do to a declared server; nothing is measured', false)
    .option('--simulate-slots <n>', 'how many requests the declared server works on at a time: 4', wholeNumber)
    .option('--simulate-speed <x>', 'audio-seconds, or MiB, that each of them takes per second: 10', positive)
    .action(async (profile: string, options: object) => {
      const { planCommand } = await import('./commands/plan.ts');
      onExit(await planCommand(profile, options as Parameters<typeof planCommand>[1]));
    });

  profileOptions(outlined(program, 'scale-out'))
    .requiredOption('--runners <n>', 'how many', wholeNumber)
    .requiredOption('--target <url>', 'http://HOST:PORT, as the runners reach it')
    .requiredOption('--out <folder>', 'a new folder for script, corpus and manifests')
    .option('--k6-image <image>', 'of the runners', 'grafana/k6:2.2.0')
    .option('--bench-image <image>', 'of the sampling agent: an image with bench in it', 'headroom:latest')
    .action(async (profile: string, options: object) => {
      const { scaleOutCommand } = await import('./commands/scale-out.ts');
      onExit(await scaleOutCommand(profile, options as Parameters<typeof scaleOutCommand>[1]));
    });

  keptRunOptions(outlined(program, 'merge'))
    .option('--json', "stdout is exactly result.json's content", false)
    .option('--strict', 'warn and inconclusive exit 1 too', false)
    .action(async (folders: readonly string[], options: object) => {
      const { mergeCommand } = await import('./commands/merge.ts');
      onExit(await mergeCommand(folders, options as Parameters<typeof mergeCommand>[1]));
    });
}

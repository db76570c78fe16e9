import { existsSync, readFileSync } from 'node:fs';
import { type Argument, Command } from 'commander';

/** The file that adds options and actions to a command: `results` for `results-program.ts`. */
export type Group = 'load' | 'host' | 'results' | 'corpus' | 'gate' | 'publish' | 'export' | 'setup';

/** All that the first page of the help tells, in its order. */
const outlines: readonly { usage: string; description: string; group: Group }[] = [
  { usage: 'run <profile>', description: 'the main job: load, sample, judge, report', group: 'load' },
  {
    usage: 'watch [command...]',
    description: "the same sampling, judging and report around another tool's load: bench watch … -- COMMAND",
    group: 'load',
  },
  { usage: 'plan <profile>', description: 'prints the compiled plan; sends nothing', group: 'load' },
  { usage: 'serve', description: 'the reference server alone', group: 'host' },
  {
    usage: 'list <kind>',
    description: 'profiles, corpora, engines, adapters, probes, detectors, faults or exporters',
    group: 'host',
  },
  {
    usage: 'doctor [profile]',
    description: 'what can be observed here and of a server, and what to do about the rest; --try sends one request',
    group: 'host',
  },
  {
    usage: 'capacity <run>',
    description: 'how many requests at once fit in memory, with the arithmetic',
    group: 'host',
  },
  {
    usage: 'scale-out <profile>',
    description: 'writes what many k6 processes need to send one plan together',
    group: 'load',
  },
  {
    usage: 'merge <folders...>',
    description: 'one result of what several runners recorded of one plan',
    group: 'load',
  },
  { usage: 'agent', description: 'samples the host it runs on, for a bench run --agent URL elsewhere', group: 'host' },
  { usage: 'analyze <run>', description: 'rebuilds result.json of a run', group: 'results' },
  { usage: 'report <run>', description: 'rebuilds the page of a run', group: 'results' },
  { usage: 'recover <run>', description: 'makes a killed run readable', group: 'results' },
  {
    usage: 'verify <run>',
    description: 'holds a run against its seal, its schema and the rules of PROTOCOL.md',
    group: 'results',
  },
  {
    usage: 'migrate <run>',
    description: 'brings a run of an older schema to the present one, in a folder beside it',
    group: 'results',
  },
  { usage: 'rerun <run>', description: 'runs a run again, and says first what differs from then', group: 'results' },
  {
    usage: 'corpus',
    description: 'what is sent: list, inspect, build, verify, digest, cat, fit, import',
    group: 'corpus',
  },
  { usage: 'gate <runs...>', description: 'whether the runs of one session may pass, by their history', group: 'gate' },
  { usage: 'history', description: 'what is usual, night by night: add, list, accept, calibrate', group: 'gate' },
  {
    usage: 'compare <baseline> <candidates...>',
    description: 'one page for runs or sessions side by side; exit 4 where they are not comparable',
    group: 'publish',
  },
  {
    usage: 'publish',
    description: 'a static site of all runs: index, trends over nights, one page a run, a feed of decisions',
    group: 'publish',
  },
  { usage: 'export <runs...>', description: "the runs of one session in another tool's format", group: 'export' },
  {
    usage: 'init',
    description: 'writes bench.yaml, the settings of this folder: asks four questions, or takes flags',
    group: 'setup',
  },
  {
    usage: 'completion <shell>',
    description: 'prints the script for bash, zsh or fish that completes commands, options and names',
    group: 'setup',
  },
];

const nameOf = ({ usage }: { usage: string }): string => usage.split(' ', 1)[0] ?? usage;

const exitCodeHelp = `
Exit codes:
  0        ok, nothing failed
  1        a verdict or the gate failed
  2        usage or configuration
  3        the run is invalid, or its corpus is wrong
  4        nothing to compare with, where a baseline was required
  5        something outside is missing, such as the target
  70       our bug
  130 143  ended by a signal, with the results kept`;

/** The compiled form lies as deep below package.json as this file; that of `npm run test:docs` a folder deeper. */
function version(): string {
  const places = ['../../package.json', '../../../package.json'].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(place)) ?? places[0];
  const { version: read } = JSON.parse(readFileSync(found as URL, 'utf8')) as { version: string };
  return read;
}

/** The program with names, arguments and descriptions of its commands, without their options. */
export function createOutline(): Command {
  const program = new Command('bench')
    .description('Finds the memory death of an inference server before production does.')
    .version(version(), '-V, --version')
    // An outline knows no options, so that its help and that of the whole program would differ by "[options]".
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentText)].join(' '),
    })
    .addHelpText(
      'after',
      `
Examples:
  bench run smoke --target reference       the bundled server, healthy: 40 s
  bench run smoke --target reference:ungated-pool --memory-limit 900MiB
  bench doctor --target http://127.0.0.1:8000 --try
  bench run longform-sustained --target http://127.0.0.1:8000
  bench init                               settings of this folder: bench.yaml

Every option of run can also stand in bench.yaml, or in BENCH_NAME in the
environment; a flag beats both.
${exitCodeHelp}`,
    )
    .showHelpAfterError(false)
    .showSuggestionAfterError(true)
    .exitOverride();
  for (const { usage, description } of outlines) {
    program.command(usage).description(description);
  }
  return program;
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Of a command of the program; null: there is none of this name. */
export function groupOf(name: string): Group | null {
  return outlines.find((outline) => nameOf(outline) === name)?.group ?? null;
}

/** The command of this name, to which its group adds the rest. */
export function outlined(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) {
    throw new Error(`bench ${name} stands in no outline`);
  }
  return found;
}

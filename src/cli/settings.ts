import type { Command, Option } from 'commander';
import { BenchError, messageOf } from '../base/errors.ts';

export const configName = 'bench.yaml';

/** These share their settings, since an option of one name means one thing in all of them. */
export const settingCommands: readonly string[] = [
  'run',
  'watch',
  'plan',
  'doctor',
  'analyze',
  'capacity',
  'report',
  'recover',
  'verify',
  'merge',
  'compare',
  'gate',
  'rerun',
  'migrate',
];

/** What makes the file, or has nothing to set, also works beside a broken one. */
export const takeNone: readonly string[] = ['init', 'completion', 'list', 'corpus', 'help'];

/** `true`: the bare flag; `false`: not given, which hides what a weaker source says. */
export type SettingValue = boolean | string | readonly string[];

export interface Setting {
  value: SettingValue;
  /** For messages: `bench.yaml:3:1 target` or `BENCH_TARGET`. */
  place: string;
}

/** What a config file says, by the names of options without dashes. */
export interface ConfigFile {
  /** For all commands of `settingCommands`. */
  shared: ReadonlyMap<string, Setting>;
  /** For one command, by its name; beats `shared`. */
  sections: ReadonlyMap<string, ReadonlyMap<string, Setting>>;
}

/** `memory-limit` for `--memory-limit`, `no-probe` for `--no-probe`. */
export function settingName(option: Option): string {
  return option.long?.slice(2) ?? option.name();
}

export function isBareFlag(option: Option): boolean {
  return !option.required && !option.optional;
}

/** An option that may be repeated keeps a list. */
export function isRepeatable(option: Option): boolean {
  return Array.isArray(option.defaultValue);
}

export function environmentName(option: Option): string {
  return `BENCH_${settingName(option).toUpperCase().replaceAll('-', '_')}`;
}

function fromEnvironment(option: Option, environment: NodeJS.ProcessEnv): Setting | null {
  const place = environmentName(option);
  const text = environment[place];
  if (text === undefined || text === '') {
    return null;
  }
  if (!isBareFlag(option)) {
    return { value: isRepeatable(option) ? [text] : text, place };
  }
  if (!['true', '1', 'false', '0'].includes(text)) {
    throw new BenchError('USAGE', `${place}="${text}" is neither true nor false.`, {
      hint: `Write ${place}=true, or leave it out.`,
    });
  }
  return { value: text === 'true' || text === '1', place };
}

function assertTaken(option: Option, text: string, place: string): void {
  try {
    option.parseArg?.(text, isRepeatable(option) ? [] : undefined);
  } catch (error: unknown) {
    const hint = error instanceof BenchError ? (error.hint ?? undefined) : undefined;
    throw new BenchError('USAGE', `${place}: ${messageOf(error)}`, {
      hint: hint ?? 'Write it as the flag takes it.',
      cause: error,
    });
  }
}

function wordsOf(option: Option, { value, place }: Setting): readonly string[] {
  if (typeof value === 'boolean') {
    return value ? [`--${settingName(option)}`] : [];
  }
  const texts = typeof value === 'string' ? [value] : value;
  for (const text of texts) {
    assertTaken(option, text, place);
  }
  return texts.map((text) => `--${settingName(option)}=${text}`);
}

function isGiven(option: Option, given: readonly string[]): boolean {
  return given.some(
    (word) => word === option.short || word === option.long || word.startsWith(`${option.long ?? option.name()}=`),
  );
}

export interface Settings {
  /** The arguments with those of the environment and the file put in before the user's own. */
  argv: readonly string[];
  /** `target of bench.yaml`: what did not come from the command line. Names only: values may be secret. */
  taken: readonly string[];
}

/**
 * Flags beat BENCH_*, BENCH_* beat the file. All become arguments, so that what a run was asked stands in its
 * manifest, masked like every argument; a command that takes no settings keeps its arguments as they are.
 */
export function withSettings(
  program: Command,
  argv: readonly string[],
  sources: { file: ConfigFile | null; environment: NodeJS.ProcessEnv },
): Settings {
  const [name = '', ...rest] = argv;
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command === undefined) {
    return { argv, taken: [] };
  }
  const isShared = settingCommands.includes(name);
  const end = rest.indexOf('--');
  const given = end === -1 ? rest : rest.slice(0, end);
  const { file, environment } = sources;
  const words: string[] = [];
  const taken: string[] = [];
  for (const option of command.options.filter((candidate) => !isGiven(candidate, given))) {
    const key = settingName(option);
    const fromFile = file?.sections.get(name)?.get(key) ?? (isShared ? file?.shared.get(key) : undefined) ?? null;
    const variable = isShared ? fromEnvironment(option, environment) : null;
    const setting = variable ?? fromFile;
    const found = setting === null ? [] : wordsOf(option, setting);
    if (found.length > 0) {
      words.push(...found);
      taken.push(`${key} of ${variable === null ? configName : environmentName(option)}`);
    }
  }
  const profile = isShared ? file?.shared.get('profile')?.value : undefined;
  const [argument] = command.registeredArguments;
  if (argument?.name() === 'profile' && typeof profile === 'string') {
    argument.required = false;
    argument.default(profile);
  }
  return { argv: [name, ...words, ...rest], taken };
}

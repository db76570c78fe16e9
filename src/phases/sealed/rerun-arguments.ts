import { BenchError } from '../../base/errors.ts';
import type { Manifest } from '../../model/manifest.ts';

/** One argument of a command line with its value; a value alone is an operand. */
interface Argument {
  option: string | null;
  value: string | null;
}

export interface RerunWishes {
  /** profile.resolved.yaml of the run. */
  profilePath: string;
  outFolder: string;
  /** By option: what takes the place of the values that the run had, above all of masked ones. */
  again: Readonly<Record<string, readonly string[]>>;
  /** Whether an option of the run's command is followed by a value. */
  takesValue(option: string): boolean;
}

/** They are in the resolved profile already, the corpus by its name: applied again, a scale would count twice. */
const resolved = ['--adapter', '--seed', '--scale', '--only', '--timeout', '--interval'];
/** Of the one run that was; a second one has its own. */
const ofThatRun = ['--run-id', '--out', '--session', '--repeats', '--repeat', '--dry-run'];

function split(argv: readonly string[], takesValue: (option: string) => boolean): Argument[] {
  const parts: Argument[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    const [, named, value] = /^(--?[\w-]+)=(.*)$/s.exec(argument) ?? [];
    if (named !== undefined && value !== undefined) {
      parts.push({ option: named, value });
    } else if (argument.startsWith('-') && takesValue(argument)) {
      index += 1;
      parts.push({ option: argument, value: argv[index] ?? null });
    } else if (argument.startsWith('-')) {
      parts.push({ option: argument, value: null });
    } else {
      parts.push({ option: null, value: argument });
    }
  }
  return parts;
}

/**
 * The command line that runs a run again. Throws USAGE for a run that was not made by `run` or `watch`, and for a
 * masked value that nobody gave anew.
 */
export function rerunArguments(manifest: Pick<Manifest, 'runId' | 'argv'>, wishes: RerunWishes): readonly string[] {
  const [kind, ...argv] = manifest.argv;
  if (kind !== 'run' && kind !== 'watch') {
    throw new BenchError('USAGE', `${manifest.runId} was made by bench ${kind ?? ''}, which measures nothing itself.`, {
      hint: 'Give a run of bench run or bench watch.',
    });
  }
  // What follows belongs to another program.
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const theirs = argv.slice(end);
  const parts = split(argv.slice(0, end), wishes.takesValue);
  const dropped = [...ofThatRun, ...(kind === 'run' ? resolved : []), ...Object.keys(wishes.again)];
  const kept = parts.filter(({ option }) => option === null || !dropped.includes(option));
  refuseMasked([...kept, ...theirs.map((value) => ({ option: null, value }))]);
  const words = kept.flatMap(({ option, value }) => {
    if (option === null) {
      return kind === 'run' ? [wishes.profilePath] : [value ?? ''];
    }
    return value === null ? [option] : [option, value];
  });
  const given = Object.entries(wishes.again).flatMap(([option, values]) => values.flatMap((value) => [option, value]));
  return [kind, ...words, ...given, '--out', wishes.outFolder, ...theirs];
}

function refuseMasked(parts: readonly Argument[]): void {
  for (const { option, value } of parts) {
    if (value?.includes('***') === true) {
      const where = option ?? 'its command';
      throw new BenchError('USAGE', `The run kept no secrets: ${where} was "${value}".`, {
        hint: option === null ? 'Start it again by hand.' : `Give it again: bench rerun RUN ${option} …`,
      });
    }
  }
}

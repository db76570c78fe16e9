import type { ResolvedProfile } from '../model/profile.ts';

/** As a shell takes it. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** Names of one run, which another one must not have. */
const ofOneRun: readonly string[] = ['--run-id', '--session', '--repeats', '--purpose'];

/**
 * The command line that runs another profile as this one was run: its target, its adapter and corpus, its options.
 * null: the run was not made by `bench run`.
 */
export function nextCommand(
  argv: readonly string[],
  { name, adapter, corpus }: Pick<ResolvedProfile, 'name' | 'adapter' | 'corpus'>,
  nextProfile: string,
): string | null {
  const [command, ...rest] = argv;
  const profileAt = rest.findIndex((argument) => argument.replace(/^.*\//, '').replace(/\.ya?ml$/, '') === name);
  if (command !== 'run' || profileAt < 0) {
    return null;
  }
  const options = rest.filter(
    (argument, index) =>
      index !== profileAt && !ofOneRun.some((option) => isOf(option, argument) || rest[index - 1] === option),
  );
  const has = (option: string): boolean => options.some((argument) => isOf(option, argument));
  const named = [...(has('--adapter') ? [] : ['--adapter', adapter]), ...(has('--corpus') ? [] : ['--corpus', corpus])];
  return ['bench', 'run', nextProfile, ...options, ...named].map(quoted).join(' ');
}

function isOf(option: string, argument: string): boolean {
  return argument === option || argument.startsWith(`${option}=`);
}

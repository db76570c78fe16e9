import type { Manifest } from '../model/manifest.ts';

/** Equal rounds of one load: what each of its requests leaves behind. */
const rounds = 'leak-rounds';
/** Of the one run that was, or of its profile alone; each with its value. */
const replaced: ReadonlySet<string> = new Set([
  ...['--adapter', '--corpus', '--seed', '--only', '--timeout', '--interval'],
  ...['--run-id', '--out', '--session', '--repeats', '--purpose', '--reports'],
]);
const flags: ReadonlySet<string> = new Set(['--dry-run', '--json', '--quiet', '--no-report']);

/** As a shell takes it. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** The command that tells how much each request of a run's load keeps: its target and its options, wire format, corpus. */
export function confirmingCommand({
  argv,
  adapter,
  corpus,
  profile,
  target,
}: Pick<Manifest, 'argv' | 'adapter' | 'corpus' | 'profile' | 'target'>): string {
  const load = adapter === 'none' ? [] : ['--adapter', adapter, '--corpus', corpus.recipe ?? corpus.name];
  const options =
    argv[0] === 'run' ? kept(argv.slice(1), profile.name) : target.url === '' ? [] : ['--target', target.url];
  return ['bench', 'run', rounds, ...options, ...load].map(quoted).join(' ');
}

/** Without the profile's name, or its file. */
function kept(argv: readonly string[], profileName: string): readonly string[] {
  const operand = argv.findIndex(
    (argument, index) =>
      !replaced.has(argv[index - 1] ?? '') && (argument === profileName || /\.ya?ml$/.test(argument)),
  );
  return argv.filter((argument, index) => {
    const before = argv[index - 1] ?? '';
    const [name = ''] = argument.split('=');
    return index !== operand && !replaced.has(name) && !flags.has(name) && !replaced.has(before);
  });
}

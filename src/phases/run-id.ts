import { randomBytes } from 'node:crypto';
import { execa } from 'execa';

/** Commit of the tool in seven digits, or null outside a clone. */
export async function readCommit(root: string): Promise<string | null> {
  const git = await execa('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: root, reject: false, timeout: 3000 });
  return git.exitCode === 0 && git.stdout !== '' ? git.stdout : null;
}

/** `20270301T021503Z_<profile>_<commit7>_<rand4>`: sorts by time, never repeats. */
export function createRunId(startedAt: Date, profile: string, commit: string | null): string {
  const time = startedAt.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  return `${time}_${profile}_${commit ?? 'nocommit'}_${randomBytes(2).toString('hex')}`;
}

const timeoutMs = 5000;
const largestOutputCharacters = 4 * 1024 * 1024;

/** What a command said; null: it is not installed, or did not end in time. */
export type CommandAnswer = { exitCode: number; stdout: string; stderr: string } | null;

/** Runs a program with an array of arguments and without a shell; an argument for tests. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<CommandAnswer>;

export const runCommand: RunCommand = async (command, args) => {
  // Loading it takes a third of the sampler's start, and most targets are found without a command.
  const { execa } = await import('execa');
  const answer = await execa(command, args, {
    reject: false,
    stdin: 'ignore',
    timeout: timeoutMs,
    maxBuffer: largestOutputCharacters,
    forceKillAfterDelay: 500,
    // Its words are parsed, so they must be the English ones.
    env: { LC_ALL: 'C' },
  });
  return answer.exitCode === undefined
    ? null
    : { exitCode: answer.exitCode, stdout: answer.stdout, stderr: answer.stderr };
};

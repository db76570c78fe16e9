import { knownStdoutBytes, type Snippet } from './snippet.ts';

/** Long lines, since a program that prints short ones cannot flood anybody. */
export const floodLineBytes = 1024;
const counterDigits = 9;

function padding(salt: number): string {
  const taken = String(salt).length + counterDigits + '  \n'.length;
  return 'headroom-'.repeat(floodLineBytes).slice(0, floodLineBytes - taken);
}

/** Numbered lines of 1 KiB. */
export function floodSnippet(salt: number, lines: number): Snippet {
  const pad = padding(salt);
  const code = `# snippet ${salt}
pad = ("headroom-" * ${Math.ceil(pad.length / 'headroom-'.length)})[:${pad.length}]
for line in range(${lines}):
    print("${salt} %0${counterDigits}d %s" % (line, pad))
`;
  return {
    code,
    allocateBytes: 0,
    holdSeconds: 0,
    children: 0,
    stdoutBytes: lines * floodLineBytes,
    stdout() {
      const known = Math.min(lines, knownStdoutBytes / floodLineBytes);
      const numbers = Array.from({ length: known }, (_, line) => String(line).padStart(counterDigits, '0'));
      return numbers.map((number) => `${salt} ${number} ${pad}\n`).join('');
    },
  };
}

/** A process that waits and holds nothing. */
export function sleepSnippet(salt: number, sleepMs: number): Snippet {
  const stdout = `sleep ${salt}\n`;
  const code = `# snippet ${salt}
import time

time.sleep(${sleepMs} / 1000)
print("sleep ${salt}")
`;
  return {
    code,
    allocateBytes: 0,
    holdSeconds: sleepMs / 1000,
    children: 0,
    stdoutBytes: stdout.length,
    stdout: () => stdout,
  };
}

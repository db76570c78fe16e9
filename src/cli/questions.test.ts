import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { openQuestions } from './questions.ts';

/** A terminal as readline sees one: it gets each key, and handles Ctrl-C itself. */
function terminalOf(keys: readonly string[]) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const left = [...keys];
  let shown = '';
  output.on('data', (part: Buffer) => {
    shown += part.toString();
    if (part.toString().includes(']: ')) {
      input.write(left.shift() ?? '');
    }
  });
  return { streams: { input, output }, shown: () => shown };
}

const three = (answer: string): string => {
  if (answer !== '3') {
    throw new BenchError('USAGE', `"${answer}" is not 3.`, { hint: 'Write 3.' });
  }
  return answer;
};

describe('questions', () => {
  it('say what leads to a question once, and ask again with what was wrong', async () => {
    const terminal = terminalOf(['1\r', '3\r']);
    const questions = openQuestions(terminal.streams, 'Hello.');
    await expect(questions.ask('A list\n  of many rows\nA number', '7', three)).resolves.toBe('3');
    questions.close();
    expect(terminal.shown().match(/Hello\./g)).toHaveLength(1);
    expect(terminal.shown().match(/of many rows/g)).toHaveLength(1);
    expect(terminal.shown().match(/A number \[7\]: /g)?.length).toBeGreaterThanOrEqual(2);
    expect(terminal.shown()).toContain('"1" is not 3. Write 3.');
  });

  it('end at Ctrl-C as an interrupted program does, and say that nothing was written', async () => {
    const terminal = terminalOf(['\u0003']);
    const interrupt = vi.fn();
    const questions = openQuestions(terminal.streams, 'Hello.', interrupt);
    const asked = questions.ask('A number', '7', three);
    await vi.waitFor(() => expect(interrupt).toHaveBeenCalledOnce());
    expect(terminal.shown()).toContain('Nothing was written.');
    questions.close();
    await expect(asked).rejects.toThrow('input ended');
  });
});

import { describe, expect, it } from 'vitest';
import type { ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { codeExecute } from './code-execute.ts';

const code = '# snippet 17\nprint("lcg \\"17\\"")\n';
const snippet = itemOf(code, {
  mediaType: 'text/x-python',
  traits: { stdoutBytes: 15 },
  truth: { stdout: 'lcg 0000000017\n', exitCode: '0' },
});
const floodHead = Array.from({ length: 64 }, (_, line) => `${String(line).padStart(1023, '0')}\n`).join('');
const flood = itemOf(code, {
  mediaType: 'text/x-python',
  traits: { stdoutBytes: 100_000_000 },
  truth: { stdout: floodHead, exitCode: '0' },
});
const greedy = itemOf(code, {
  mediaType: 'text/x-python',
  traits: { stdoutBytes: 15, allocateBytes: 800 * 1024 ** 2 },
  truth: { stdout: 'allocate 0000000017\n', exitCode: '0' },
});
const foreign = itemOf('print(1)', { mediaType: 'text/x-python', content: 'import' });

function ran(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return { stdout: 'lcg 0000000017\n', stderr: '', exit_code: 0, timed_out: false, ...parts };
}

describe('a request to a sandbox', () => {
  it('holds the program, whatever must be escaped in it, and a time limit', () => {
    const wire = codeExecute.request(snippet, knowing);
    expect(wire).toMatchObject({ method: 'POST', path: '/execute' });
    expect(wire.headers['content-type']).toBe('application/json');
    expect(JSON.parse(bodyOf(wire).toString())).toEqual({ code, timeout: 30 });
  });

  it('goes to the path that was given', () => {
    expect(codeExecute.request(snippet, { ...knowing, path: '/run' }).path).toBe('/run');
  });
});

describe('the reply of a sandbox', () => {
  const good: readonly [string, ReplyView, CorpusItem, string][] = [
    ['the output that was due', replyOf(ran()), snippet, 'answer'],
    ['the output without its last line break', replyOf(ran({ stdout: 'lcg 0000000017' })), snippet, 'answer'],
    ['no word of a timeout', replyOf(ran({ timed_out: undefined })), snippet, 'answer'],
    ['warnings beside the output', replyOf(ran({ stderr: 'DeprecationWarning: x' })), snippet, 'answer'],
    ['a flood that is cut at 50 KB', replyOf(ran({ stdout: floodHead.slice(0, 51_200) })), flood, 'answer'],
    [
      'a flood that is cut with a note',
      replyOf(ran({ stdout: `${floodHead.slice(0, 51_200)}\n[output truncated at 50 KB]` })),
      flood,
      'answer',
    ],
    [
      'a flood that was killed at the cap of the sandbox',
      replyOf(ran({ stdout: floodHead.slice(0, 51_200), exit_code: -9 })),
      flood,
      'answer',
    ],
    ['a flood that goes on beyond what is known', replyOf(ran({ stdout: `${floodHead}0000` })), flood, 'answer'],
    [
      'a flood in full, longer than what is kept',
      replyOf(`{"stdout":"${'0'.repeat(9000)}`, { truncated: true }),
      flood,
      'none',
    ],
    [
      'a limit that refuses a program which asks for much',
      replyOf(ran({ stdout: '', exit_code: 1, stderr: 'Traceback\nMemoryError\n' })),
      greedy,
      'consistency',
    ],
    ['a program of unknown output', replyOf(ran({ stdout: '1\n' })), foreign, 'consistency'],
    ['a program of unknown exit code', replyOf(ran({ exit_code: 3 })), foreign, 'consistency'],
  ];
  it.each(good)('is ok with %s', (_, view, item, check) => {
    expect(codeExecute.judge(view, item, unknowing)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, ReplyView, CorpusItem, string][] = [
    ['the kernel killed the program', replyOf(ran({ stdout: '', exit_code: -9 })), snippet, 'killed'],
    ['the kernel killed it inside a shell', replyOf(ran({ stdout: '', exit_code: 137 })), snippet, 'killed'],
    [
      'a flood was killed before its cap',
      replyOf(ran({ stdout: floodHead.slice(0, 9000), exit_code: -9 })),
      flood,
      'killed',
    ],
    ['a program of unknown output was killed', replyOf(ran({ exit_code: -9 })), foreign, 'killed'],
    ['another signal ended it', replyOf(ran({ stdout: '', exit_code: -11 })), snippet, 'signal_11'],
    ['it ran out of time', replyOf(ran({ stdout: '', exit_code: -9, timed_out: true })), snippet, 'timed_out'],
    ['a program which asks for much was killed', replyOf(ran({ stdout: '', exit_code: -9 })), greedy, 'killed'],
    [
      'there is no memory for a harmless one',
      replyOf(ran({ stdout: '', exit_code: 1, stderr: 'Traceback\n  block\nMemoryError\n' })),
      snippet,
      'memory_error',
    ],
    [
      'a harmless one could not start',
      replyOf(ran({ exit_code: 1, stderr: 'OSError: [Errno 12] Cannot allocate memory' })),
      snippet,
      'memory_error',
    ],
    ['it raised', replyOf(ran({ stdout: '', exit_code: 1, stderr: 'ImportError' })), snippet, 'wrong_exit_code'],
    ['it printed another number', replyOf(ran({ stdout: 'lcg 0000000018\n' })), snippet, 'wrong_stdout'],
    ['it printed on', replyOf(ran({ stdout: 'lcg 0000000017\nlcg 0000000017\n' })), snippet, 'wrong_stdout'],
    ['it printed half a line', replyOf(ran({ stdout: 'lcg 00' })), snippet, 'truncated_answer'],
    ['it printed nothing', replyOf(ran({ stdout: '' })), snippet, 'empty_answer'],
    ['a flood is cut too early', replyOf(ran({ stdout: floodHead.slice(0, 39_000) })), flood, 'truncated_answer'],
    ['a flood is another', replyOf(ran({ stdout: `1${floodHead.slice(1)}` })), flood, 'wrong_stdout'],
    ['an error hides in it', replyOf({ error: 'no memory' }), snippet, 'error_in_reply'],
    ['it has no output', replyOf({ exit_code: 0 }), snippet, 'no_stdout'],
    ['it has no exit code', replyOf({ stdout: 'lcg 0000000017\n' }), snippet, 'no_exit_code'],
    ['it is no object', replyOf('[]'), snippet, 'no_stdout'],
    ['it is no JSON', replyOf('Internal Server Error'), snippet, 'not_json'],
    ['it is empty', replyOf(''), snippet, 'not_json'],
    ['it is cut where no flood was due', replyOf(ran(), { truncated: true }), snippet, 'reply_too_long'],
  ];
  it.each(bad)('is no answer if %s', (_, view, item, code) => {
    expect(codeExecute.judge(view, item, unknowing)).toMatchObject({ ok: false, code });
  });

  it('is told from the reply to another snippet by its digest', () => {
    const digest = (stdout: string): string | null =>
      codeExecute.judge(replyOf(ran({ stdout })), snippet, unknowing).answerDigest;
    expect(digest('lcg 0000000017\n')).toMatch(/^[0-9a-f]{16}$/);
    expect(digest('lcg 0000000017')).toBe(digest('lcg 0000000017\n'));
    expect(digest('lcg 0000000018\n')).not.toBe(digest('lcg 0000000017\n'));
  });

  it('is not compared with an output that nobody needs, since computing it takes time', () => {
    const lazy = itemOf(code, {
      truth: {
        get stdout(): string {
          throw new Error('computed');
        },
        exitCode: '0',
      },
    });
    expect(codeExecute.judge(replyOf(ran({ exit_code: -9 })), lazy, unknowing)).toMatchObject({ code: 'killed' });
  });
});

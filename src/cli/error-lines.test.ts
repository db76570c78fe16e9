import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { bugLines, messageLine } from './error-lines.ts';

describe('what is told of an error', () => {
  it('is one line, without the credentials of an address and without what a terminal obeys', () => {
    const error = new BenchError('USAGE', 'http://me:pw@host/?token=ab said \u001b[2J', { hint: 'Try \u009b31m.' });
    expect(messageLine(error)).toBe('bench: http://***@host/?token=*** said \\u001b[2J Try \\u009b31m.\n');
  });

  it('is the stack of what is no error of the user, made harmless too', () => {
    const error = new TypeError('no http://me:pw@host/ \u001b]0;x\u0007');
    expect(bugLines(error)).toMatch(
      /^bench: this is a bug .*\nTypeError: no http:\/\/\*\*\*@host\/ \\u001b\]0;x\\u0007\n +at /,
    );
    expect(bugLines('a text')).toBe('bench: this is a bug in headroom, please report it.\na text\n');
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { openTerminal } from './terminal.ts';

/** What a hostile server may put into an error: clears the screen, names the window, hides what follows. */
const hostile = '\u001b[2J\u001b]0;pwned\u0007\u001b[8m\u009b31m\u202e';

describe('openTerminal', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it.each(['1', ''])('writes nothing that a terminal obeys but our own colours (FORCE_COLOR=%j)', (forced) => {
    vi.stubEnv('FORCE_COLOR', forced);
    vi.stubEnv('NO_COLOR', '');
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    }
    const terminal = openTerminal();
    terminal.out(`${terminal.color.red('fail')} ${hostile}`);
    terminal.err(hostile);
    const shown = '\\u001b[2J\\u001b]0;pwned\\u0007\\u001b[8m\\u009b31m\\u202e';
    const fail = forced === '' ? 'fail' : '\u001b[31mfail\u001b[39m';
    expect(written).toEqual([`${fail} ${shown}\n`, `${shown}\n`]);
  });
});

import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { dryRunHint } from './slips.ts';

const program = new Command();
program.command('run').option('--target <url>').option('--guard <share>');
program.command('plan').option('--target <url>');

describe('an option that bench plan does not know', () => {
  it.each([
    { argv: ['plan', 'smoke', '--guard', 'off'], hint: 'bench run smoke --target URL --guard … --dry-run' },
    { argv: ['plan', 'smoke', '--guard=off'], hint: '--guard is an option of bench run' },
    { argv: ['plan', 'smoke', '--nonsense'], hint: null },
    { argv: ['verify', 'smoke', '--guard', 'off'], hint: null },
  ])('$argv is told by the dry run of a run: $hint', ({ argv, hint }) => {
    const told = dryRunHint(program, argv);
    expect(hint === null ? told : told?.includes(hint)).toBe(hint === null ? null : true);
  });
});

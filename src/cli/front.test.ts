import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { asksHelp, programFor } from './front.ts';
import { createProgram } from './program.ts';

const nothing = (): undefined => undefined;

/** What a command prints for help, whatever stands around its options. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut(part) {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const whole = createProgram(nothing);

describe('the program as far as it is needed', () => {
  it.each([
    { argv: ['--help'], why: 'the first page' },
    { argv: [], why: 'nothing said' },
    { argv: ['rnu', 'smoke'], why: 'no command of ours' },
  ])('has the names of all commands without their options for $argv: $why', async ({ argv }) => {
    const program = await programFor(argv, nothing);
    expect(program.commands.every(({ options }) => options.length === 0)).toBe(true);
    expect(helpOf(program)).toBe(helpOf(whole));
  });

  it.each(whole.commands.map((command) => ({ name: command.name(), command })))(
    'tells of $name what the whole program tells',
    async ({ name, command }) => {
      const program = await programFor([name, '--help'], nothing);
      const found = program.commands.find((one) => one.name() === name);
      expect(found?.commands.map(helpOf)).toEqual(command.commands.map(helpOf));
      expect(found === undefined ? '' : helpOf(found)).toBe(helpOf(command));
    },
  );

  it.each([
    { argv: ['run', 'smoke'], why: 'a command' },
    { argv: ['help', 'run'], why: "commander's own command for help" },
  ])('is whole for $argv: $why', async ({ argv }) => {
    const program = await programFor(argv, nothing);
    expect(program.commands.find((command) => command.name() === 'watch')?.options.length).toBeGreaterThan(0);
  });

  it.each([
    { argv: ['run', '--help'], asks: true },
    { argv: ['run', '-h'], asks: true },
    { argv: ['watch', '--', 'k6', '--help'], asks: false },
  ])('reads in $argv that help is asked: $asks', ({ argv, asks }) => {
    expect(asksHelp(argv)).toBe(asks);
  });
});

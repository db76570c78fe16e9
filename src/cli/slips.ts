import type { Command } from 'commander';
import { nearestName } from '../base/by-id.ts';

/** commander tells of a missing option before it looks at the ones that it does not know: this says what was meant. */
export function missingOptionHint(program: Command, argv: readonly string[]): string {
  const command = program.commands.find((candidate) => candidate.name() === argv[0]);
  const end = argv.indexOf('--');
  const known = command?.options.map((option) => option.long).filter((name) => name !== undefined) ?? [];
  const given = argv.slice(1, end === -1 ? undefined : end).filter((word) => word.startsWith('--'));
  for (const word of given.map((text) => text.split('=', 1)[0] ?? text)) {
    const near = known.includes(word) ? null : nearestName(word, known);
    if (near !== null) {
      return `There is no option ${word}. Did you mean ${near}?`;
    }
  }
  return `See bench ${command?.name() ?? ''} --help; what stands in bench.yaml need not be given (bench init writes it).`;
}

/** `bench plan` compiles and no more: what else a run takes is taken by its dry run. null: it is no option of a run. */
export function dryRunHint(program: Command, argv: readonly string[]): string | null {
  const optionsOf = (name: string): readonly (string | undefined)[] =>
    program.commands.find((candidate) => candidate.name() === name)?.options.map(({ long }) => long) ?? [];
  const [ofPlan, ofRun] = [optionsOf('plan'), optionsOf('run')];
  const given = argv.map((text) => text.split('=', 1)[0] ?? text);
  const ofRunAlone = given.find((word) => ofRun.includes(word) && !ofPlan.includes(word));
  return argv[0] !== 'plan' || ofRunAlone === undefined
    ? null
    : `${ofRunAlone} is an option of bench run: bench run ${argv[1] ?? 'PROFILE'} --target URL ${ofRunAlone} … --dry-run prints the plan with it and sends nothing.`;
}

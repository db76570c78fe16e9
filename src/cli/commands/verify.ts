import { detectors } from '../../detectors/index.ts';
import type { RuleAnswer, RuleState } from '../../phases/sealed/verify-faults.ts';
import { type RunVerification, verifyRun } from '../../phases/sealed/verify-run.ts';
import { findRunFolder } from '../../store/run-folder.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

export interface VerifyCommandOptions {
  out: string;
  json: boolean;
}

export async function verifyCommand(run: string, options: VerifyCommandOptions): Promise<number> {
  const terminal = openTerminal();
  const found = await verifyRun(findRunFolder(run, options.out), detectors);
  if (options.json) {
    terminal.out(JSON.stringify(found));
  } else {
    printVerification(found, terminal);
  }
  return found.isSound ? 0 : 1;
}

const words: Readonly<Record<RuleState, string>> = {
  holds: 'holds',
  broken: 'BROKEN',
  noted: 'noted',
  'not-checked': 'not checked',
};

function paint({ color }: Terminal, { state }: RuleAnswer): string {
  const word = words[state].padEnd(11);
  switch (state) {
    case 'broken':
      return color.red(word);
    case 'noted':
      return color.yellow(word);
    case 'holds':
      return color.green(word);
    case 'not-checked':
      return color.dim(word);
  }
}

function printVerification({ runId, status, isSound, rules }: RunVerification, terminal: Terminal): void {
  for (const answer of rules) {
    terminal.out(`${paint(terminal, answer)} PROTOCOL ${answer.clause.padEnd(4)} ${answer.rule}`);
    for (const sentence of answer.sentences) {
      terminal.out(`              ${sentence}`);
    }
  }
  const broken = rules.filter(({ state }) => state === 'broken').length;
  terminal.out(
    isSound
      ? `${runId}: seal and conservation hold, and so do the other rules that a folder can show; status ${status}`
      : `${runId}: ${broken} ${broken === 1 ? 'rule is' : 'rules are'} broken; status ${status}`,
  );
}

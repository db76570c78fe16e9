import type { Command } from 'commander';
import { adapters } from '../../adapters/index.ts';
import { unknownName } from '../../base/by-id.ts';
import { engines } from '../../engines/index.ts';
import { completionScript, shells } from '../completion-script.ts';
import { completionNodes } from '../completion-tree.ts';
import { readFaults } from '../faults.ts';
import { listYaml } from '../library.ts';
import { listKinds } from '../list-kinds.ts';
import { openTerminal } from '../terminal.ts';

/** Prints the script with the names that there are now; after an update it is printed anew. */
export async function completionCommand(name: string, program: Command): Promise<number> {
  const shell = shells.find((candidate) => candidate === name);
  if (shell === undefined) {
    throw unknownName('completion for the shell', name, shells);
  }
  const ids = (list: readonly { id: string }[]): readonly string[] => list.map(({ id }) => id);
  const nodes = completionNodes(program, {
    profiles: listYaml('profiles'),
    corpora: listYaml('corpora'),
    engines: ids(engines),
    adapters: ids(adapters),
    faults: ids(await readFaults()),
    lists: listKinds,
  });
  openTerminal().out(completionScript(shell, nodes).trimEnd());
  return 0;
}

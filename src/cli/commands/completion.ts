import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { unknownName } from '../../base/by-id.ts';
import { completionScript, shells } from '../completion-script.ts';
import { completionNodes, type ListedNames } from '../completion-tree.ts';
import { listYaml } from '../library.ts';
import { listKinds } from '../list-kinds.ts';

/** As the build wrote them: a shell that starts should not wait until every engine is loaded. */
async function namesOfBuild(): Promise<ListedNames> {
  const file = new URL('../completion-names.json', import.meta.url);
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8')) as ListedNames;
  }
  const { listedNames } = await import('../listed-names.ts');
  return listedNames();
}

/** Prints the script with the names that there are now; after an update it is printed anew. */
export async function completionCommand(name: string, program: Command): Promise<number> {
  const shell = shells.find((candidate) => candidate === name);
  if (shell === undefined) {
    throw unknownName('completion for the shell', name, shells);
  }
  const nodes = completionNodes(program, {
    ...(await namesOfBuild()),
    profiles: listYaml('profiles'),
    corpora: listYaml('corpora'),
    lists: listKinds,
  });
  process.stdout.write(`${completionScript(shell, nodes).trimEnd()}\n`);
  return 0;
}

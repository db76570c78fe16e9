import { adapters } from '../../adapters/index.ts';
import { unknownName } from '../../base/by-id.ts';
import { detectors } from '../../detectors/index.ts';
import { engines } from '../../engines/index.ts';
import { exporters } from '../../exporters/index.ts';
import { parseProfile } from '../../model/parse-profile.ts';
import { parseRecipe } from '../../model/parse-recipe.ts';
import { clientProbes, probes } from '../../probes/index.ts';
import { readFaults } from '../faults.ts';
import { listYaml, readYaml } from '../library.ts';
import { type ListKind, listKinds } from '../list-kinds.ts';
import { openTerminal } from '../terminal.ts';

type Entry = readonly [id: string, title: string];
const entries = (list: readonly { id: string; title: string }[]): readonly Entry[] =>
  list.map(({ id, title }) => [id, title]);

async function faults(): Promise<readonly Entry[]> {
  return (await readFaults()).map(({ id, story }) => [id, story]);
}

const kinds: Readonly<Record<ListKind, () => Promise<readonly Entry[]> | readonly Entry[]>> = {
  profiles: () =>
    listYaml('profiles').map((name) => {
      const { text, fileName } = readYaml('profiles', name);
      const known = detectors.map((detector) => detector.id);
      return [name, parseProfile(text, fileName, known).question];
    }),
  corpora: () =>
    listYaml('corpora').map((name) => {
      const { text, fileName } = readYaml('corpora', name);
      return [name, parseRecipe(text, fileName).title];
    }),
  engines: () => entries(engines),
  adapters: () => entries(adapters),
  probes: () => entries([...probes, ...clientProbes]),
  detectors: () => detectors.map(({ id, failureTitle }) => [id, failureTitle]),
  faults,
  exporters: () => entries(exporters),
};

export async function listCommand(kind: string): Promise<number> {
  const known = listKinds.find((candidate) => candidate === kind);
  if (known === undefined) {
    throw unknownName('list', kind, listKinds);
  }
  const terminal = openTerminal();
  const listed = await kinds[known]();
  const width = Math.max(...listed.map(([id]) => id.length));
  for (const [id, title] of listed) {
    terminal.out(`${id.padEnd(width)}  ${title}`);
  }
  if (kind === 'adapters') {
    terminal.err('How a template is written: profiles/README.md. bench init --kind json writes one.');
  }
  return 0;
}

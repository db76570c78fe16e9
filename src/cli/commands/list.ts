import { execa } from 'execa';
import { adapters } from '../../adapters/index.ts';
import { unknownName } from '../../base/by-id.ts';
import { detectors } from '../../detectors/index.ts';
import { engines } from '../../engines/index.ts';
import { generators } from '../../generators/index.ts';
import { parseProfile } from '../../model/parse-profile.ts';
import { openCorpus } from '../../phases/open-corpus.ts';
import { clientProbes, probes } from '../../probes/index.ts';
import { listYaml, readYaml, scripts } from '../library.ts';
import { openTerminal } from '../terminal.ts';

type Entry = readonly [id: string, title: string];
const entries = (list: readonly { id: string; title: string }[]): readonly Entry[] =>
  list.map(({ id, title }) => [id, title]);

/** Only the reference server knows its faults, and it is a program of its own: it is asked. */
async function faults(): Promise<readonly Entry[]> {
  const listed = await execa(process.execPath, [scripts.referenceServer, '--list-faults'], { timeout: 10_000 });
  return entries(
    (JSON.parse(listed.stdout) as { id: string; story: string }[]).map(({ id, story }) => ({ id, title: story })),
  );
}

const kinds: Readonly<Record<string, () => Promise<readonly Entry[]> | readonly Entry[]>> = {
  profiles: () =>
    listYaml('profiles').map((name) => {
      const { text, fileName } = readYaml('profiles', name);
      const known = detectors.map((detector) => detector.id);
      return [name, parseProfile(text, fileName, known).question];
    }),
  corpora: () =>
    listYaml('corpora').map((name) => {
      const { text, fileName } = readYaml('corpora', name);
      return [name, openCorpus(text, fileName, generators).title];
    }),
  engines: () => entries(engines),
  adapters: () => entries(adapters),
  probes: () => entries([...probes, ...clientProbes]),
  detectors: () => detectors.map(({ id, failureTitle }) => [id, failureTitle]),
  faults,
};

export async function listCommand(kind: string): Promise<number> {
  const read = kinds[kind];
  if (read === undefined) {
    throw unknownName('list', kind, Object.keys(kinds));
  }
  const terminal = openTerminal();
  const listed = await read();
  const width = Math.max(...listed.map(([id]) => id.length));
  for (const [id, title] of listed) {
    terminal.out(`${id.padEnd(width)}  ${title}`);
  }
  return 0;
}

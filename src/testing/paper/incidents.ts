import { formatBytes } from '../../base/units.ts';
import type { Finding } from '../../model/detector.ts';

const mib = 1024 ** 2;

/** What happened, and the number by which it is told from its fix. */
interface Incident {
  story: string;
  measures: string;
  detector: string;
  /** null: the finding holds no such number. */
  read(finding: Finding): number | null;
  format(value: number): string;
  /** As it was in the incident, faulty and fixed; of a number that shrinks with its inputs the value. */
  reported: readonly [faulty: string | number, fixed: string | number];
}

const asValue = ({ value }: Finding): number | null => value;
const asRatio = (value: number): string => value.toFixed(2);

/** (loaders x prefetch + 1) batches of decoded photos of 4096 x 3072. */
const plateauBytes = (batch: number): number => (4 * 4 + 1) * batch * 144 * mib;

const table: Readonly<Record<string, Incident>> = {
  'hotcold-stt': {
    story: 'a speech server spun on a clip after a lull, and grew in silence',
    measures: 'growth with no load',
    detector: 'growth-without-load',
    read: asValue,
    format: (value) => `${formatBytes(value)}/s`,
    reported: ['~20 MiB/s', '0'],
  },
  'code-sandbox': {
    story: 'a sandbox started a child for every request',
    measures: 'kills in the whole run',
    detector: 'oom-kill',
    read: asValue,
    format: String,
    reported: ['2 at 3 at once', '0'],
  },
  'shared-gpu-model-cache': {
    story: 'an idle holder of models left its neighbour no room on the card',
    measures: 'retained ratio',
    detector: 'retained-memory',
    read: asValue,
    format: asRatio,
    reported: ['1.00', '~0'],
  },
  'lazy-weights-server': {
    story: 'each first caller loaded the weights for itself',
    measures: 'peak of 8 first callers / peak of 1',
    detector: 'cold-multiplier',
    read: asValue,
    format: asRatio,
    reported: ['>= 2.0', '1.0'],
  },
  'image-ingest-worker': {
    story: "decoded images waited in `/dev/shm`, in no process's RSS",
    measures: 'plateau of /dev/shm',
    detector: 'shm-plateau',
    read: ({ evidence }) => (typeof evidence['unseenBytes'] === 'number' ? evidence['unseenBytes'] : null),
    format: formatBytes,
    reported: [plateauBytes(24), plateauBytes(4)],
  },
};

/** Throws for a name that stands in no table. */
export function incidentOf(name: string): Incident {
  const found = table[name];
  if (found === undefined) {
    throw new Error(`"${name}" is no incident`);
  }
  return found;
}

/** `part`: of inputs of so small a share, 1 where they are as in the incident. */
export function reportedText({ reported, format }: Incident, isFaulty: boolean, part: number): string {
  const value = reported[isFaulty ? 0 : 1];
  if (typeof value === 'string') {
    return value;
  }
  return part === 1 ? format(value) : `${format(value)}, here ${format(value * part)}`;
}

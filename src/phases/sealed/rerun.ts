import type { Comparability } from '../../model/gate.ts';
import type { Manifest } from '../../model/manifest.ts';

/** What a run stood in, by field; null: it was not read. */
export type Environment = Readonly<Record<string, string | null>>;

export interface EnvironmentDifference {
  field: string;
  before: string | null;
  after: string | null;
  /** Runs that differ in it are not comparable. */
  forbidsComparison: boolean;
}

interface HostNow {
  facts: Readonly<Record<string, string>>;
  comparability: Comparability;
}

/** Moves by itself between any two runs. */
const alwaysDifferent = new Set(['load average at start']);

function environment(
  tool: Manifest['tool'],
  measurementVersion: string,
  node: string,
  host: HostNow,
): { fields: Environment; must: ReadonlySet<string> } {
  const must = Object.keys(host.comparability.must);
  return {
    fields: {
      'tool version': tool.version,
      'tool commit': tool.commit,
      'measurement version': measurementVersion,
      ...host.facts,
      ...host.comparability.must,
      ...host.comparability.warn,
      // Also a fact of the host; said once.
      node,
    },
    must: new Set(['measurement version', ...must]),
  };
}

/** Told before the run (PROTOCOL 8.12): field by field, in the order of the fields; empty where nothing differs. */
export function environmentDifferences(
  manifest: Manifest,
  now: { tool: Manifest['tool']; measurementVersion: string; node: string } & HostNow,
): readonly EnvironmentDifference[] {
  const old = environment(manifest.tool, manifest.measurementVersion, manifest.node, {
    facts: manifest.host,
    comparability: manifest.comparability,
  });
  const present = environment(now.tool, now.measurementVersion, now.node, now);
  const fields = [...new Set([...Object.keys(old.fields), ...Object.keys(present.fields)])];
  return fields
    .filter((field) => !alwaysDifferent.has(field))
    .map((field) => ({
      field,
      before: old.fields[field] ?? null,
      after: present.fields[field] ?? null,
      forbidsComparison: old.must.has(field) || present.must.has(field),
    }))
    .filter(({ before, after }) => before !== after);
}

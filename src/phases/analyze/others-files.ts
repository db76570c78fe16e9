import { tmpfsGrowth } from '../../computed/tmpfs-growth.ts';
import type { Observation } from '../../model/detector.ts';
import type { GatheredRun, SampleTable } from '../../model/samples.ts';
import { artifactsOf, type RunArtifacts } from './artifacts.ts';

const remedy =
  'Run it again in a cgroup of its own, as with --memory-limit or in a container, to see whose files these are.';

/**
 * The artifacts as if no file in memory had grown; null where none did, or where it is known whose they are. tmpfs is
 * told for the whole host, so that without a group of its own the target is charged with what others write there.
 */
export function artifactsWithoutFiles(run: GatheredRun, endMs: number): RunArtifacts | null {
  const { samples } = run;
  const ticks = samples.series('tree', 'tree', 'rss_anon_bytes');
  const grown = ticks === null ? null : tmpfsGrowth(samples, ticks.tMs);
  return grown === null || grown.isOwn || !grown.bytes.some((bytes) => bytes > 0)
    ? null
    : artifactsOf({ ...run, samples: withoutTmpfs(samples) }, endMs);
}

function withoutTmpfs(samples: SampleTable): SampleTable {
  const isTold = (scope: string, metric: string): boolean => scope === 'host' && metric === 'tmpfs_used_bytes';
  return {
    instances: (scope, metric) => (isTold(scope, metric) ? [] : samples.instances(scope, metric)),
    series: (scope, instance, metric) => (isTold(scope, metric) ? null : samples.series(scope, instance, metric)),
    metrics: (scope) => samples.metrics(scope),
  };
}

/** What fails by files alone that may be another's is a warning that says so (PROTOCOL 1.2). */
export function warnedOfFiles(seen: Observation, without: Observation): Observation {
  return seen.verdict !== 'fail' || without.verdict === 'fail'
    ? seen
    : {
        ...seen,
        verdict: 'warn',
        summary: `${seen.summary} This counts files in memory (tmpfs) that grew on this host, which may be another's: without them it would be ${without.verdict}.`,
        remedy,
      };
}

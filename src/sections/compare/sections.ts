import type { ReportSection } from '../../model/section.ts';
import { repeats } from '../repeats.ts';
import type { Comparison } from './comparison.ts';
import { differences } from './differences.ts';
import { environments } from './environment.ts';
import { changedFindings } from './findings.ts';
import { latencyOfBoth } from './latency.ts';
import { memoryOfBoth, partsOfBoth } from './memory.ts';
import { metrics } from './metrics.ts';
import { sideBySide } from './side-by-side.ts';

/** The page of a comparison: what differs around the numbers comes before the numbers. */
export function comparisonSections(comparison: Comparison): readonly ReportSection[] {
  return [
    sideBySide(comparison),
    differences(comparison),
    metrics(comparison),
    changedFindings(comparison),
    memoryOfBoth(comparison),
    partsOfBoth(comparison),
    latencyOfBoth(comparison),
    repeats,
    environments(comparison),
  ];
}

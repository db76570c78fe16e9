import type { ReportSection } from '../model/section.ts';
import { capacitySearch } from './capacity-search.ts';
import { device } from './device.ts';
import { environment } from './environment.ts';
import { findings } from './findings.ts';
import { latency } from './latency.ts';
import { liveness } from './liveness.ts';
import { measurement } from './measurement.ts';
import { memoryOverTime } from './memory-over-time.ts';
import { memoryParts } from './memory-parts.ts';
import { minutes } from './minutes.ts';
import { neighbour } from './neighbour.ts';
import { offeredAgainstAchieved } from './offered-against-achieved.ts';
import { pressure } from './pressure.ts';
import { stages } from './stages.ts';
import { verdict } from './verdict.ts';

/** In the order of the page. */
export const sections: readonly ReportSection[] = [
  verdict,
  findings,
  memoryOverTime,
  memoryParts,
  offeredAgainstAchieved,
  latency,
  capacitySearch,
  pressure,
  liveness,
  device,
  neighbour,
  minutes,
  stages,
  measurement,
  environment,
];

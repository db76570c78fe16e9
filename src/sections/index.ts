import type { ReportSection } from '../model/section.ts';
import { capacitySearch } from './capacity-search.ts';
import { device } from './device.ts';
import { environment } from './environment.ts';
import { findings } from './findings.ts';
import { gate } from './gate.ts';
import { latency } from './latency.ts';
import { liveness } from './liveness.ts';
import { measurement } from './measurement.ts';
import { memoryAgainstLoad } from './memory-against-load.ts';
import { memoryOverTime } from './memory-over-time.ts';
import { memoryParts } from './memory-parts.ts';
import { memoryPerRound } from './memory-per-round.ts';
import { minutes } from './minutes.ts';
import { neighbour } from './neighbour.ts';
import { offeredAgainstAchieved } from './offered-against-achieved.ts';
import { outcomesOverTime } from './outcomes-over-time.ts';
import { pressure } from './pressure.ts';
import { repeats } from './repeats.ts';
import { stages } from './stages.ts';
import { verdict } from './verdict.ts';

/** In the order of the page. */
export const sections: readonly ReportSection[] = [
  verdict,
  gate,
  findings,
  repeats,
  memoryOverTime,
  memoryParts,
  memoryAgainstLoad,
  memoryPerRound,
  offeredAgainstAchieved,
  outcomesOverTime,
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

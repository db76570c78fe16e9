import { formatBytes, formatClock, formatShare } from '../../base/units.ts';
import { stageAt } from '../../computed/stages.ts';
import type { StageWindow } from '../../model/artifacts.ts';
import type { Observation, Verdict } from '../../model/detector.ts';
import type { DeviceLevel } from '../../model/server-gauges.ts';

const failRatio = 0.9;
const warnRatio = 0.8;
/** Of the card. Less is the workspace of a server that took what it needs, even nearly all of it, before the load. */
const notableRise = 0.05;
/** Of the rise. What goes back is how a card is used; what stays is missing to whoever comes next. */
const keptRatio = 0.5;

type DeviceVerdict = Extract<Verdict, 'ok' | 'warn' | 'fail'>;

/** No kernel kills for device memory: who asks last is refused. So a level is judged by who filled it, and whether it stays. */
export function deviceVerdict(level: DeviceLevel): DeviceVerdict {
  const { totalBytes, baseBytes, peakBytes, floorBytes, ownRiseBytes } = level;
  const ratio = peakBytes / totalBytes;
  if (ratio < warnRatio) {
    return 'ok';
  }
  if (baseBytes === null) {
    return ratio >= failRatio ? 'warn' : 'ok';
  }
  const riseBytes = peakBytes - baseBytes;
  if (riseBytes < notableRise * totalBytes) {
    return 'ok';
  }
  if (ratio >= failRatio) {
    const isOwn = ownRiseBytes === null || ownRiseBytes >= riseBytes / 2;
    return isOwn && baseBytes < failRatio * totalBytes ? 'fail' : 'warn';
  }
  return floorBytes === null || floorBytes - baseBytes > keptRatio * riseBytes ? 'warn' : 'ok';
}

/** `virtual VRAM (virtual:0)`, `device cuda:<uuid>`. */
export function deviceName({ instance, isVirtual }: DeviceLevel): string {
  return isVirtual ? `virtual VRAM (${instance})` : `device ${instance}`;
}

/** Host and devices are never summed: one line for each. */
export function deviceLine(level: DeviceLevel): string {
  return `${deviceName(level)}: at most ${formatBytes(level.peakBytes)} of ${formatBytes(level.totalBytes)} (${formatShare(level.peakBytes / level.totalBytes)})`;
}

/** Whose the memory was at the peak, as far as a driver told. */
function holders({ ownBytes, othersBytes, baseBytes }: DeviceLevel): string {
  const before = baseBytes === null ? '' : `; ${formatBytes(baseBytes)} were in use before the load`;
  if (ownBytes === null) {
    return `Who held it was not told${before}.`;
  }
  const others = othersBytes === null || othersBytes <= 0 ? '' : ` and other processes ${formatBytes(othersBytes)}`;
  return `The target held ${formatBytes(ownBytes)}${others}${before}.`;
}

/** What is said where a device is the worst place. */
export function observeDevice(level: DeviceLevel, stages: readonly StageWindow[]): Observation {
  const { totalBytes, peakBytes, peakMs, floorBytes, baseBytes } = level;
  const ratio = peakBytes / totalBytes;
  const rest =
    floorBytes === null
      ? ''
      : `, and ${formatBytes(floorBytes)} (${formatShare(floorBytes / totalBytes)}) were still in use at rest after it`;
  return {
    verdict: deviceVerdict(level),
    summary: `The load filled the ${deviceName(level)} to ${formatBytes(peakBytes)} of ${formatBytes(totalBytes)} (${formatShare(ratio)}) at ${formatClock(peakMs)}${rest}. ${holders(level)}`,
    remedy:
      'Cap what the target may take of the device (a limit of its arena or pool, a time to live for idle models), or leave it a device with room for its peak and for whoever shares it. Alarm on free device memory.',
    value: ratio,
    threshold: failRatio,
    stage: stageAt(stages, peakMs)?.name ?? null,
    startedMs: peakMs,
    evidence: {
      holder: level.ownBytes === null ? null : 'target',
      place: level.instance,
      peakBytes,
      limitBytes: totalBytes,
      limitSource: deviceName(level),
      headroomBytes: totalBytes - peakBytes,
      baseBytes,
      floorBytes,
      ownBytes: level.ownBytes,
      othersBytes: level.othersBytes,
    },
  };
}

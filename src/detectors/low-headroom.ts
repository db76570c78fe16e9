import { formatBytes, formatShare } from '../base/units.ts';
import { defineDetector, type Observation } from '../model/detector.ts';
import type { DeviceLevel } from '../model/server-gauges.ts';
import { deviceLine, deviceName, deviceVerdict, observeDevice } from './headroom/on-device.ts';
import { observeHost } from './headroom/on-host.ts';

/** A card that is emptier is no news. */
const notableRatio = 0.1;

export const lowHeadroom = defineDetector({
  id: 'low-headroom',
  title: 'Memory keeps its distance from the limit',
  failureTitle: 'Memory comes too close to the limit',
  description:
    'Peak footprint against the tightest limit of the target, its ancestors and the host; each device against its own size.',
  unit: 'ratio',
  remedy:
    'Lower what is held at once (workers, requests, queued bytes), or raise the limit above the peak with a reserve.',
  requires: ['footprint', 'driver', 'limit', 'deviceLevels', 'stages', 'events'],
  detect(artifacts, context) {
    const { deviceLevels, footprint, limit, stages } = artifacts;
    const onHost = observeHost(artifacts, context);
    const [worst] = deviceLevels.toSorted((a, b) => rankOf(b) - rankOf(a) || shareOf(b) - shareOf(a));
    if (worst === undefined) {
      return onHost;
    }
    if (rankOf(worst) > ranks.indexOf(onHost.verdict)) {
      const seen = observeDevice(worst, stages);
      const hostShare = formatShare(footprint.peakBytes / limit.bytes);
      const others = deviceLevels.filter((one) => one !== worst).map(deviceLine);
      const elsewhere = [`host: ${hostShare} of ${formatBytes(limit.bytes)}`, ...others].join('; ');
      return {
        ...seen,
        summary: `${seen.summary} Host memory reached ${hostShare} of its limit.`,
        evidence: { holder: null, ...seen.evidence, elsewhere },
      };
    }
    const toldOfDevice =
      rankOf(worst) > 0
        ? ` The ${deviceName(worst)} is short of room too: ${formatShare(shareOf(worst))}.`
        : shareOf(worst) >= notableRatio
          ? ` The ${deviceName(worst)} was filled to ${formatShare(shareOf(worst))} at most.`
          : '';
    return {
      ...onHost,
      summary: `${onHost.summary}${toldOfDevice}`,
      evidence: { holder: null, ...onHost.evidence, elsewhere: deviceLevels.map(deviceLine).join('; ') },
    };
  },
});

const ranks: readonly Observation['verdict'][] = ['ok', 'warn', 'fail'];
const rankOf = (level: DeviceLevel): number => ranks.indexOf(deviceVerdict(level));
const shareOf = ({ peakBytes, totalBytes }: DeviceLevel): number => peakBytes / totalBytes;

import { formatBytes, formatClock, formatDuration } from '../base/units.ts';
import { firstAnswerMs, isWarmup, wasAnsweredWithin, wasWaitingThroughout } from '../computed/idle-while-waiting.ts';
import { between, hasValues, maximum } from '../computed/series.ts';
import { lastingMs, longest, meanRate, spansWhere } from '../computed/spans.ts';
import { stageAt } from '../computed/stages.ts';
import { defineDetector } from '../model/detector.ts';

const fewestReadings = 3;
/** A server with nothing to do takes 0.02 to 0.05 of a core for its health page and its timers. */
const idleCores = 0.1;
const idlePercent = 5;

export const unreadSockets = defineDetector({
  id: 'unread-sockets',
  title: 'The server reads what it is sent',
  failureTitle: 'Bytes wait unread while the server does nothing',
  description:
    "Bytes in the receive queues of the server's sockets, while its CPU and device idle and nothing is answered.",
  unit: 'ms',
  remedy:
    'The server has stopped reading: look for a lock or a full internal queue that its readers wait for, with a stack dump of every thread. Bound the queue and answer 503 where it is full.',
  requires: ['unreadBytes', 'cpu', 'deviceUse', 'records', 'inFlight', 'stages', 'processes'],
  detect({ unreadBytes, cpu, deviceUse, records, inFlight, stages, processes }, { profile }) {
    const thresholdMs = lastingMs(profile.scale);
    const base = { value: null, threshold: thresholdMs };
    const answeredMs = firstAnswerMs(records);
    if (!hasValues(unreadBytes) || !hasValues(cpu.cores) || answeredMs === null) {
      const why = answeredMs === null ? 'Nothing was ever answered.' : "The target's sockets or its CPU were not read.";
      return { ...base, verdict: 'inconclusive', summary: why };
    }
    const waiting = spansWhere(unreadBytes, (bytes, tMs) => bytes > 0 && tMs > answeredMs && !isWarmup(stages, tMs));
    const long = waiting.filter(
      ({ startMs, endMs, readings }) => readings >= fewestReadings && endMs - startMs > thresholdMs,
    );
    const stuck = long.filter(({ startMs, endMs }) => {
      const cores = meanRate(cpu.cores, startMs, endMs);
      return (
        cores !== null &&
        cores <= idleCores &&
        wasWaitingThroughout(inFlight, startMs, endMs) &&
        !wasAnsweredWithin(records, startMs, endMs) &&
        (meanRate(deviceUse.percent, startMs, endMs) ?? 0) < idlePercent
      );
    });
    const worst = longest(stuck);
    if (worst === null) {
      const longestMs = waiting.reduce((most, { startMs, endMs }) => Math.max(most, endMs - startMs), 0);
      return {
        verdict: 'ok',
        summary: `Bytes waited unread for at most ${formatDuration(longestMs)}${long.length > 0 ? ', while the server worked' : ''}.`,
        value: longestMs,
        threshold: thresholdMs,
      };
    }
    const { startMs, endMs } = worst;
    const bytes = maximum(between(unreadBytes, startMs, endMs + 1))?.value ?? 0;
    const holder = processes.find(({ isRoot }) => isRoot)?.role ?? null;
    const found = {
      value: endMs - startMs,
      threshold: thresholdMs,
      stage: stageAt(stages, startMs)?.name ?? null,
      startedMs: startMs,
      evidence: { holder, unreadBytes: bytes, cores: meanRate(cpu.cores, startMs, endMs) },
    };
    const told = `Up to ${formatBytes(bytes)} waited unread for ${formatDuration(endMs - startMs)} from ${formatClock(startMs)} on, while the CPU idled and nothing was answered`;
    return deviceUse.state === 'unread'
      ? { ...found, verdict: 'inconclusive', summary: `${told}. Whether its device worked was not read.` }
      : { ...found, verdict: 'fail', summary: `${told}.` };
  },
});

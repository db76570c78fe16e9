// Writes as many records as it is told through the recorder of a run, and the memory that this took as JSON.

import type { RequestRecord } from '../../model/record.ts';
import { Recorder } from '../../phases/gather/recorder.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import type { RecordingReport } from './recording.ts';

const [outFolder = '', most = '0'] = process.argv.slice(2);
const records = Number(most);
const recorder = new Recorder(createRunFolder(outFolder, 'recording'), []);

function record(seq: number): RequestRecord {
  return {
    seq,
    stage: 'sustained',
    itemId: `item-${seq % 100}`,
    slot: null,
    attempt: 1,
    retryOf: null,
    plannedMs: seq,
    startMs: seq + 0.125,
    connectedMs: null,
    bodySentMs: seq + 1.5,
    firstByteMs: seq + 20.25,
    firstContentMs: seq + 20.25,
    endMs: seq + 20.5,
    bytesOut: 24_000_000,
    bytesIn: 15,
    status: 200,
    outcome: 'ok',
    errorCode: null,
    route: null,
    reusedSocket: true,
    check: 'none',
    answerDigest: null,
    spokenWords: null,
    wordErrors: null,
    events: null,
    outputTokens: null,
  };
}

/** Needs --expose-gc: what the collector would take anyway is no growth. */
function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const earlySeq = records / 10;
let earlyBytes = 0;
let peakRssBytes = 0;
const startMs = performance.now();
for (let seq = 0; seq < records; seq += 1) {
  recorder.request(record(seq));
  if (seq % 1000 === 0) {
    // As in a run, other work has its turn, and what was written may be collected.
    await new Promise(setImmediate);
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  }
  earlyBytes = seq === earlySeq ? heldBytes() : earlyBytes;
}
const tookMs = performance.now() - startMs;
const grownBytes = heldBytes() - earlyBytes;
const cpuMs = (process.cpuUsage().user + process.cpuUsage().system) / 1000;
recorder.close();
const report: RecordingReport = { grownBytes, peakRssBytes, tookMs, cpuMs };
process.stdout.write(JSON.stringify(report));

import { type Row, shortNumber, skipped } from '../bench-corpora/row.ts';
import { agreementOf } from './agreement.ts';
import { type Bench, failuresText, sendByEngine } from './bench.ts';

const bytes = 1000;
const serverMs = 20;
const maxInFlight = 200;
const mostAgreementMs = 5;
/** Goals are for this; what is above it may saturate a small machine. */
const usualRate = 500;

async function rowsOf(bench: Bench, engine: string, ratePerSecond: number, atMost: number | null): Promise<Row[]> {
  const subject = `open loop, ${ratePerSecond} rps, ${engine}`;
  const goal = atMost === null ? null : { atMost };
  const sent = await sendByEngine(bench, { engine, bytes, load: { ratePerSecond, maxInFlight } }, serverMs);
  if ('reason' in sent) {
    return [skipped(subject, 'ms', goal, sent.reason)];
  }
  const { report, figures } = sent;
  const agreement = agreementOf(report.spells, figures.truths);
  const p50 = shortNumber(report.latenessP50Ms ?? Number.NaN);
  return [
    {
      subject: `${subject}, lateness p99`,
      figure: report.latenessP99Ms,
      unit: 'ms',
      goal,
      note: `p50 ${p50} ms; ${report.ok} of ${report.records} ok${failuresText(report)}`,
    },
    {
      subject: `${subject}, latency against the sink's`,
      figure: agreement.medianMs,
      unit: 'ms',
      goal: ratePerSecond <= usualRate ? { atMost: mostAgreementMs } : null,
      note: `median difference of ${agreement.pairs} requests`,
    },
  ];
}

/** How late requests leave at a fixed rate, and how far the latencies are from the sink's truth. */
export async function openLoopRows(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const engine of ['native', 'autocannon', 'k6']) {
    rows.push(...(await rowsOf(bench, engine, usualRate, engine === 'native' ? 10 : null)));
    rows.push(...(await rowsOf(bench, engine, 1000, null)));
  }
  return rows;
}

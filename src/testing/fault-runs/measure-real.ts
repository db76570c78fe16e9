import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../model/result.ts';
import { worstFirst } from '../../sections/wording/sentences.ts';
import { canLimitMemory, isBuilt, missesOfRun, nameOf, type RealRun, realRuns, resultOf } from './real-runs.ts';

/** What whoever runs the server reads first. */
function firstSentence({ findings, verdict }: RunResult): string {
  const [worst] = worstFirst(findings);
  return worst === undefined || (worst.verdict !== 'fail' && worst.verdict !== 'warn')
    ? `The verdict is ${verdict}; nothing warns or fails.`
    : `${worst.title}. ${worst.summary} => ${worst.remedy}`;
}

/** Each time as a line: how it came out, whether it was measured rightly, and what is not as expected. */
async function measureOne(run: RealRun, time: number, pages: string): Promise<{ isMet: boolean; sentence: string }> {
  const result = await resultOf(run, join(pages, `results-${time}`), join(pages, `pages-${time}`));
  const misses = missesOfRun(run, result);
  const { state, reasons } = result.validity;
  const validity = state === 'valid' ? state : `${state} (${reasons.join(' ')})`;
  process.stderr.write(
    `${nameOf(run)} ${time}: ${misses.length === 0 ? 'as expected' : 'NOT as expected'}, ${validity}\n`,
  );
  for (const { detector, verdict, expected, summary } of misses) {
    process.stderr.write(`    ${detector} is ${verdict}, not ${expected}: ${summary}\n`);
  }
  return { isMet: misses.length === 0, sentence: firstSentence(result) };
}

/** The short real runs of the named faults, or of all; resolves with whether each was as expected each time. */
export async function measureReal(names: readonly string[], times: number, pages: string): Promise<boolean> {
  if (!isBuilt) {
    process.stderr.write('There is no build. Run npm run build.\n');
    return false;
  }
  mkdirSync(pages, { recursive: true });
  const canLimit = await canLimitMemory();
  let areMet = true;
  for (const run of realRuns.filter(({ fault }) => names.length === 0 || names.includes(fault))) {
    if (run.limitMib !== null && !canLimit) {
      process.stdout.write(`${nameOf(run)}: not run, it needs a writable memory cgroup\n`);
      continue;
    }
    const outcomes: { isMet: boolean; sentence: string }[] = [];
    for (let time = 1; time <= times; time += 1) {
      outcomes.push(await measureOne(run, time, pages));
    }
    const met = outcomes.filter(({ isMet }) => isMet).length;
    areMet &&= met === times;
    process.stdout.write(
      `${run.incident} ${nameOf(run)}: ${met} of ${times}\n    ${outcomes[0]?.sentence ?? ''}\n    ${join(pages, 'pages-1', `${nameOf(run)}.html`)}\n`,
    );
  }
  return areMet;
}

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { median, theilSen } from '../../base/statistics.ts';
import { childrenOf, type Running, startBench, withTarget } from './programs.ts';
import { endTroubles } from './readback.ts';
import { runArguments, runPlace } from './run-of-suite.ts';
import { openScratch, sweep } from './scratch.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const mib = 1024 ** 2;
const lookEveryMs = 1000;
/** Code still warms up and the heap finds its size: not judged. */
const warmUpMinutes = 2;
/** The 95 % interval of growth must not lie above this: half a GiB in the 8 hours of a soak. */
const mostMibPerMinute = 512 / 480;

function rssMib(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / mib;
  } catch {
    return null;
  }
}

/** One line a minute until the run has ended. Answers minutes and medians of the sending process. */
async function watchMemory(running: Running): Promise<{ minutes: number[]; medians: number[] }> {
  const found = { minutes: [] as number[], medians: [] as number[] };
  let harness: number[] = [];
  let sampler: number[] = [];
  let looks = 0;
  const timer = setInterval(() => {
    harness.push(...[rssMib(running.pid)].filter((value) => value !== null));
    sampler.push(...childrenOf(running.pid).flatMap((pid) => rssMib(pid) ?? []));
    looks += 1;
    if (looks % 60 === 0) {
      const minute = looks / 60;
      found.minutes.push(minute);
      found.medians.push(median(harness) ?? Number.NaN);
      process.stdout.write(
        `minute ${minute}: harness ${median(harness)?.toFixed(1)} MiB, sampler ${median(sampler)?.toFixed(1)} MiB\n`,
      );
      harness = [];
      sampler = [];
    }
  }, lookEveryMs);
  await running.ended;
  clearInterval(timer);
  return found;
}

/** The harness against a small server at a steady rate. Exit 1 if it grows, or the run does not end well. */
async function main(): Promise<number> {
  process.stderr.write(
    sweep()
      .map((line) => `${line}\n`)
      .join(''),
  );
  const scratch = openScratch();
  const run = runPlace({ scratch: scratch.folder }, 'soak');
  try {
    return await withTarget([], async (target) => {
      const running = startBench([...runArguments('steady', target, run), '--scale', values.minutes], {
        mayLast: true,
      });
      const { minutes, medians } = await watchMemory(running);
      const troubles = await endTroubles(run, await running.ended, [0, 1, 3]);
      const judged = minutes.findIndex((minute) => minute > warmUpMinutes);
      const fit = judged < 0 ? null : theilSen(minutes.slice(judged), medians.slice(judged));
      process.stdout.write(
        fit === null
          ? 'too short for a slope\n'
          : `${values.minutes} minutes: harness ${fit.slope.toFixed(3)} MiB per minute (95 %: ${fit.lowerSlope.toFixed(3)} to ${fit.upperSlope.toFixed(3)}) after the first ${warmUpMinutes}\n`,
      );
      for (const trouble of troubles) {
        process.stdout.write(`NOT HELD: ${trouble}\n`);
      }
      return troubles.length === 0 && (fit === null || fit.lowerSlope <= mostMibPerMinute) ? 0 : 1;
    });
  } finally {
    scratch.close();
  }
}

process.exitCode = await main();

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase, Place } from '../fault-case.ts';
import { bench, type Ended, startBench, withTarget } from '../programs.ts';
import { endTroubles, manners, type RunPlace, readBack } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';
import { lineTroubles, smallDisk, withSmallDisk } from '../small-disk.ts';

/** The command that is watched: no load, but it leaves a mark when it begins and when it ends. */
const watched =
  "const { writeFileSync } = require('node:fs'); const mark = (at) => writeFileSync(process.argv[1] + at, '');" +
  "mark('.began'); setTimeout(() => mark('.ended'), 1200)";
const marksOf = ({ reportsFolder, runId }: RunPlace): string => `${reportsFolder}-${runId}`;

function watchArguments(target: { url: string }, run: RunPlace): readonly string[] {
  const { outFolder, runId, reportsFolder } = run;
  const places = ['--out', outFolder, '--reports', reportsFolder, '--run-id', runId];
  const times = ['--interval', '100ms', '--before', '300ms', '--after', '300ms'];
  return ['watch', '--target', target.url, ...places, ...times, '--', process.execPath, '-e', watched, marksOf(run)];
}

/** The load is not ours to end, so it is waited for, or never begun. */
function watchedTroubles(run: RunPlace): readonly string[] {
  const [hasBegun, hasEnded] = ['.began', '.ended'].map((at) => existsSync(`${marksOf(run)}${at}`));
  return hasBegun === hasEnded ? [] : ['watch left its command behind'];
}

/** Exit 5 and readable, or come to its end where the disk held all. */
function gatheringOnSmallDisk(
  id: string,
  what: string,
  { times, mostBytes }: { times: number; mostBytes: number },
  argumentsOf: (target: { url: string }, run: RunPlace) => readonly string[],
): FaultCase {
  return {
    id,
    fault: `${what}: ${smallDisk.told}`,
    mustHold: 'exit 5 with one line; what was written until then can be recovered',
    times,
    atOnce: 1,
    missing: smallDisk.missing,
    once: (place, nth) =>
      withSmallDisk(place, `${id}-disk-${nth}`, mostBytes, async ({ folder, sizeBytes, options, grow }) => {
        const run = runPlace(place, `${id}-${nth}`, folder);
        const ended = await withTarget([], (target) => startBench(argumentsOf(target, run), options).ended);
        grow();
        place.staged(ended.exitCode === 5 ? 'full while it ran' : 'it held all');
        const troubles =
          ended.exitCode === 5
            ? [...manners(what, ended), ...lineTroubles(ended.stderr), ...(await readBack(run))]
            : await endTroubles(run, ended, [0, 1, 3]);
        return [...troubles, ...watchedTroubles(run)].map((trouble) => `${sizeBytes} bytes: ${trouble}`);
      }),
  };
}

/** `wholeBytes`: what an undisturbed run takes on the disk. */
export const diskFull = (times: number, wholeBytes: number): FaultCase =>
  gatheringOnSmallDisk('disk-full', 'run', { times, mostBytes: wholeBytes }, (target, run) =>
    runArguments('tiny', target, run),
  );

/** Without requests it writes less than a run. */
export const diskFullWatch = (times: number, wholeBytes: number): FaultCase =>
  gatheringOnSmallDisk('disk-full-watch', 'watch', { times, mostBytes: wholeBytes / 2 }, watchArguments);

/** A run with room, to be merged; made when it is first asked for. */
function partOf(place: Place): Promise<RunPlace> {
  const run = runPlace(place, 'merge-part');
  return withTarget([], async (target) => {
    const troubles = await endTroubles(run, await bench(runArguments('tiny', target, run)), [0, 1, 3]);
    if (troubles.length > 0) {
      throw new Error(`A run to be merged: ${troubles.join('; ')}`);
    }
    return run;
  });
}

function mergeTroubles(ended: Ended, run: RunPlace): readonly string[] {
  const left = existsSync(join(run.outFolder, run.runId)) ? ['a part of the merged run is left'] : [];
  return [...manners('merge', ended), ...lineTroubles(ended.stderr), ...left];
}

/** The parts are whole, so that nothing is lost, and half of a merged run would be taken for all of it. */
export function diskFullMerge(times: number, wholeBytes: number): FaultCase {
  let part: Promise<RunPlace> | null = null;
  return {
    id: 'disk-full-merge',
    fault: `merge: ${smallDisk.told}`,
    mustHold: 'exit 5 with one line and no merged run; with room it is merged under the same id',
    times,
    atOnce: 1,
    missing: smallDisk.missing,
    async once(place, nth) {
      part ??= partOf(place);
      const { outFolder, runId, reportsFolder } = await part;
      const most = wholeBytes;
      return await withSmallDisk(place, `merge-disk-${nth}`, most, async ({ folder, sizeBytes, options, grow }) => {
        const run = runPlace(place, `merged-${nth}`, folder);
        const places = ['--out', folder, '--reports', reportsFolder, '--run-id', run.runId];
        const args = ['merge', join(outFolder, runId), ...places];
        const first = await startBench(args, options).ended;
        grow();
        place.staged(first.exitCode === 5 ? 'full while it merged' : 'it held all');
        const troubles =
          first.exitCode === 5
            ? [...mergeTroubles(first, run), ...(await endTroubles(run, await bench(args), [0, 1, 3]))]
            : await endTroubles(run, first, [0, 1, 3]);
        return troubles.map((trouble) => `${sizeBytes} bytes: ${trouble}`);
      });
    },
  };
}

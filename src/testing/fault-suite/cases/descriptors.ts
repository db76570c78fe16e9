import { spawnSync } from 'node:child_process';
import type { FaultCase } from '../fault-case.ts';
import { startBench, withTarget } from '../programs.ts';
import { endTroubles, manners, readResult } from '../readback.ts';
import { runArguments, runPlace } from '../run-of-suite.ts';

const wanted = 10_000;
/** Files, pipes and sockets of a process beside its connections. */
const spare = 200;
const few = 256;

const withLimit = (descriptors: number): readonly string[] => [
  'prlimit',
  `--nofile=${descriptors}:${descriptors}`,
  '--',
];

function hasLimit(descriptors: number): boolean {
  const [command = '', ...args] = withLimit(descriptors);
  return spawnSync(command, [...args, 'true']).status === 0;
}

export function manyConnections(): FaultCase {
  return {
    id: 'many-connections',
    fault: `${wanted} requests at once, all held open by the target`,
    mustHold: 'all are open at once, each ends in one outcome, and all are answered',
    times: 1,
    atOnce: 1,
    missing: () => (hasLimit(wanted + spare) ? null : `${wanted + spare} open files are not allowed here (ulimit -Hn)`),
    async once(place) {
      const run = runPlace(place, 'many-connections');
      const wrap = withLimit(wanted + spare);
      return await withTarget(
        ['--mode', 'hold', '--callers', String(wanted)],
        async (target) => {
          const ended = await startBench(runArguments('many', target, run), { wrap }).ended;
          const troubles = await endTroubles(run, ended, [0, 1, 3]);
          if (troubles.length > 0) {
            return troubles;
          }
          const most = Number(await (await fetch(`${target.url}/most`)).text());
          const { outcomes } = readResult(run).requests;
          return [
            ...(most === wanted ? [] : [`${most} were open at once`]),
            ...(outcomes.ok + outcomes.semantic_error === wanted ? [] : [`outcomes: ${JSON.stringify(outcomes)}`]),
          ];
        },
        { wrap },
      );
    },
  };
}

export function fewDescriptors(): FaultCase {
  return {
    id: 'few-descriptors',
    fault: `400 requests at once under ulimit -n ${few}`,
    mustHold: 'one clear line, or a run that is INVALID for want of descriptors; conserved and sealed',
    times: 1,
    atOnce: 1,
    missing: () => (hasLimit(few) ? null : 'prlimit is not here'),
    async once(place) {
      const run = runPlace(place, 'few-descriptors');
      return await withTarget(['--mode', 'hold', '--callers', '400'], async (target) => {
        const ended = await startBench(runArguments('some', target, run), { wrap: withLimit(few) }).ended;
        if (ended.exitCode === 5 || ended.exitCode === 2) {
          return manners('run', ended);
        }
        const troubles = await endTroubles(run, ended, [1, 3]);
        const { reasons } = readResult(run).validity;
        return troubles.length > 0 || reasons.some((reason) => reason.includes('own host'))
          ? troubles
          : ['requests that the harness could not open are held against the target in a valid run'];
      });
    },
  };
}

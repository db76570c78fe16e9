import { setTimeout as sleep } from 'node:timers/promises';
import { openCuttableLink } from '../../cuttable-link.ts';
import type { FaultCase } from '../fault-case.ts';
import { startAgent, startBench, withTarget } from '../programs.ts';
import { endTroubles, type RunPlace, readResult, wholeRows } from '../readback.ts';
import { runArguments, runPlace, untilStage } from '../run-of-suite.ts';

/** An agent is taken for gone after 3 s without a byte. */
const cutMs = 4000;
const ways = ['cut for 4 s', 'cut for good', 'kill -9 of the agent'] as const;

/** What the agent sampled while it was cut off came later, with its own times. */
function keptTroubles({ outFolder, runId }: RunPlace, gaps: readonly string[]): string[] {
  const times = wholeRows(`${outFolder}/${runId}/samples.csv`)
    .filter(([, , , scope]) => scope === 'process')
    .map(([tMs]) => Number(tMs));
  const longestMs = Math.max(...times.slice(1).map((tMs, at) => tMs - (times[at] ?? 0)));
  return [
    ...(longestMs < cutMs / 2 ? [] : [`${longestMs} ms without a sample`]),
    ...(gaps.length === 1 && gaps[0]?.includes('nothing was lost') === true
      ? []
      : [`gaps: ${gaps.join(' | ') || 'none'}`]),
  ];
}

/** A whole run whose memory is sampled by an agent, over a link that is cut while it sends. */
export function agentCut(): FaultCase {
  return {
    id: 'agent-cut',
    fault: 'the link to an agent is cut, for 4 s or for good, or the agent is killed',
    mustHold: 'cut for 4 s: no sample is lost and one gap told; else INVALID and says so; conserved and sealed',
    times: ways.length,
    atOnce: 1,
    missing: () => (process.platform === 'linux' ? null : 'an agent reads /proc'),
    async once(place, nth) {
      const way = ways[nth] ?? 'cut for good';
      const run = runPlace(place, `agent-${nth}`);
      return await withTarget([], async (target) => {
        const agent = await startAgent();
        const link = await openCuttableLink(new URL(agent.url));
        try {
          const running = startBench([...runArguments('tiny', target, run), '--agent', link.url.href]);
          await untilStage(run, 'steady', running.ended);
          if (way === 'kill -9 of the agent') {
            agent.kill('SIGKILL');
          } else {
            link.cut();
          }
          if (way === 'cut for 4 s') {
            await sleep(cutMs);
            link.mend();
          }
          const ended = await running.ended;
          place.staged(way);
          const troubles = await endTroubles(run, ended, way === 'cut for 4 s' ? [0, 1, 3] : [3]);
          const { events, validity } = readResult(run);
          const gaps = events.flatMap(({ kind, subject, detail }) =>
            kind === 'gap' && subject === 'agent' ? [detail] : [],
          );
          const more = way === 'cut for 4 s' ? keptTroubles(run, gaps) : [];
          const isTold = way === 'cut for 4 s' || validity.reasons.some((reason) => /sampl|agent/.test(reason));
          return [...troubles, ...more, ...(isTold ? [] : [`INVALID for ${validity.reasons.join('; ')}`])].map(
            (trouble) => `${way}: ${trouble}`,
          );
        } finally {
          link.close();
          agent.kill('SIGKILL');
          await agent.ended;
        }
      });
    },
  };
}

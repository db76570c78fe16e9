import type { Adapter } from '../../model/adapter.ts';
import type { LoadEngine } from '../../model/engine.ts';
import type { Plan, PlannedStage } from '../../model/plan.ts';
import type { ExecutorId } from '../../model/profile.ts';
import { openJobBoard } from './session.ts';

const openExecutors: readonly ExecutorId[] = ['constant-arrival-rate', 'ramping-arrival-rate', 'burst'];

/** One line if a stage cannot be offered as jobs, else null. */
function whyNotOffered({ stage }: PlannedStage): string | null {
  const { name, load, client } = stage;
  if (load !== null && !openExecutors.includes(load.executor)) {
    return `stage ${name} has VUs that wait for answers (${load.executor}), and a target that fetches its work decides itself how much it has open`;
  }
  return client === null
    ? null
    : `stage ${name} has clients that let go or send slowly, and here the target is the client`;
}

function whyNot(plan: Plan, adapter: Adapter): string | null {
  if (adapter.kind !== 'serve') {
    return `the adapter ${adapter.id} calls the target, and a job board waits for its calls`;
  }
  return plan.stages.map(whyNotOffered).find((why) => why !== null) ?? null;
}

export const jobBoard: LoadEngine = {
  id: 'job-board',
  title: 'Offers work to targets that fetch it; an HTTP server of ours, open loop',
  preflight: () => Promise.resolve({ version: `node ${process.versions.node}` }),
  keeps(plan, adapter) {
    const why = whyNot(plan, adapter);
    return why === null ? { keeps: true } : { keeps: false, why };
  },
  open: openJobBoard,
};

import { isWatched } from '../../computed/watched.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { RunResult } from '../../model/result.ts';
import { Faults, type RuleAnswer } from './verify-faults.ts';

/** Below it no more than the slowest answer is known of the 95th percentile (PROTOCOL 16.2). */
const leastForP95 = 90;
/** Each is another sentence, and none stands for the others. */
const allOfThem = Number.POSITIVE_INFINITY;

/** What a publication should hold of a run (PROTOCOL 16.3, 20.3 and 20.5) and this one does not. People decide, so it is noted. */
export function verifyPublication(manifest: Manifest, result: RunResult): RuleAnswer {
  const faults = new Faults('20.5', 'what a publication should say of this run is known', allOfThem);
  for (const why of [rules, state, subject, counts].flatMap((ask) => ask(manifest, result))) {
    faults.add(why);
  }
  return faults.answer('noted');
}

function rules({ profile, protocol }: Manifest, { validity }: RunResult): string[] {
  return [
    ...(validity.state === 'invalid' ? ['The run is invalid, so that it has no verdict to quote (20.3).'] : []),
    ...(profile.scale === 1 ? [] : [`Its scale is ${profile.scale}, and should be 1 (16.3).`]),
    ...(protocol == null ? ['It does not name the text of the rules that it was made under (13.1).'] : []),
  ];
}

/** A server that was not started for the run has a past that nothing here tells (PROTOCOL 15.1). */
function state({ target }: Manifest): string[] {
  const isOurs = target.kind === 'reference' || target.exec !== null;
  return isOurs ? [] : ['The server ran before: say what it had done (15.1).'];
}

function subject({ target, subject: named }: Manifest): string[] {
  const isNamed = Object.values(named).some((value) => value !== null);
  return isNamed || target.kind === 'reference'
    ? []
    : ['Nothing names the server: --subject-version, --subject-commit, --subject-image.'];
}

function counts(manifest: Manifest, { stages }: RunResult): string[] {
  const loads = isWatched(manifest) ? [] : stages.filter(({ kind }) => kind === 'load');
  const few = loads.filter(({ requests }) => requests.outcomes.ok < leastForP95).map(({ name }) => name);
  return few.length === 0 ? [] : [`Fewer than ${leastForP95} answers, too few for p95 (16.2): ${few.join(', ')}.`];
}

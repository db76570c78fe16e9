import type { Sample } from '../../model/probe.ts';
import type { TargetAddress } from '../../model/target.ts';

/** What a page answered that is no 2xx, and what to do about it. */
export interface BadHealth {
  found: string;
  remedy: string;
}

/** The option that names the page. */
type PageOption = '--health' | '--ready';

const without = 'leave health out with --no-probe health-rtt';

function meaningOf(status: number | null, option: PageOption): readonly [meaning: string, remedy: string] {
  if (status === null) {
    return ['it hangs, or is too busy to answer', `wait until it is up, or ${without}`];
  }
  if (status === 404 || status === 405 || status === 410) {
    return ['there is no such page', `name its page with ${option} PATH, or ${without}`];
  }
  if (status === 401 || status === 403) {
    return [
      'it asks for a key, and health is asked without one',
      `name an open page with ${option} PATH, or ${without}`,
    ];
  }
  if (status >= 300 && status < 400) {
    return ['redirects are not followed', `name the page behind it with ${option} PATH, or ${without}`];
  }
  if (status >= 500) {
    return ['the server says that it is not well', 'look at its log, or wait until it is up'];
  }
  return ['that is no 2xx', `name its page with ${option} PATH, or ${without}`];
}

/** The last answers of the pages of `health-rtt`; null if each of them is good, or none was asked. */
export function badHealth(samples: readonly Sample[], { healthPath, readyPath }: TargetAddress): BadHealth | null {
  const pages: readonly { instance: string; path: string | null; option: PageOption }[] = [
    { instance: 'health', path: healthPath, option: '--health' },
    { instance: 'ready', path: readyPath, option: '--ready' },
  ];
  for (const { instance, path, option } of pages) {
    const lastOf = (metric: string): number | null =>
      samples.findLast((sample) => sample.instance === instance && sample.metric === metric)?.value ?? null;
    if (lastOf('health_ok') === 0) {
      const status = lastOf('health_status');
      const [meaning, remedy] = meaningOf(status, option);
      const answer = status === null ? 'does not answer in time' : `answers ${status}`;
      return { found: `${path} ${answer}: ${meaning}, and a run would count it as a server that fails`, remedy };
    }
  }
  return null;
}

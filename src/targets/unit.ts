import { BenchError } from '../base/errors.ts';
import { defineFinder, type HostView, type ObservedTarget, type TargetAddress } from '../model/target.ts';
import { type RunCommand, runCommand } from './command/run-command.ts';
import { findPid } from './pid.ts';
import { findGroupPaths } from './tree/find-process-group.ts';
import { locateGroup } from './tree/locate-group.ts';
import { observedGroup } from './tree/observed-group.ts';

const properties = 'ControlGroup,MainPID,Result,NRestarts,LoadState,ActiveState';

interface ShownUnit {
  /** null: systemd knows the unit, but it runs nothing. */
  controlGroup: string | null;
  mainPid: number;
  result: string;
  restarts: string;
  activeState: string;
}

/** The answer of `systemctl show`; null for a unit that systemd does not know. */
export function parseShownUnit(stdout: string): ShownUnit | null {
  const values = new Map(
    stdout.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }),
  );
  const text = (key: string): string => values.get(key) ?? '';
  if (text('LoadState') === 'not-found' || text('LoadState') === '') {
    return null;
  }
  return {
    controlGroup: text('ControlGroup') || null,
    mainPid: Number(/^\d{1,10}$/.exec(text('MainPID'))?.[0] ?? 0),
    result: text('Result'),
    restarts: text('NRestarts'),
    activeState: text('ActiveState'),
  };
}

/** The system's manager is asked first, then the user's; both at once, as either may have to time out. */
async function showUnit(name: string, run: RunCommand): Promise<{ shown: ShownUnit | null; isAnswered: boolean }> {
  const answers = await Promise.all(
    [[], ['--user']].map((which) => run('systemctl', [...which, 'show', '-p', properties, '--', name])),
  );
  const shown = answers.map((answer) => (answer?.exitCode === 0 ? parseShownUnit(answer.stdout) : null));
  return {
    shown: shown.find((unit) => unit?.controlGroup != null) ?? shown.find((unit) => unit !== null) ?? null,
    isAnswered: answers.some((answer) => answer?.exitCode === 0),
  };
}

/** `run` and `nowMs` are arguments for tests. */
export async function findUnit(
  name: string,
  address: TargetAddress,
  host: HostView,
  run: RunCommand = runCommand,
  nowMs: () => number = () => performance.now(),
): Promise<ObservedTarget> {
  if (!/^[A-Za-z0-9][\w.:@\\-]*$/.test(name)) {
    throw new BenchError('USAGE', `--unit "${name}" is no name of a systemd unit.`, {
      hint: 'See the names with: systemctl list-units --type=service',
    });
  }
  const { shown, isAnswered } = await showUnit(name, run);
  if (shown !== null && shown.controlGroup === null) {
    throw new BenchError(
      'TARGET_UNREACHABLE',
      `The unit "${name}" runs nothing: ${shown.activeState}, result ${shown.result}.`,
      {
        hint: `See: systemctl status ${name}`,
      },
    );
  }
  const full = /\.(?:service|scope|slice)$/.test(name) ? [name] : [`${name}.service`, `${name}.scope`];
  const paths =
    shown?.controlGroup != null ? [shown.controlGroup] : findGroupPaths(host, (part) => full.includes(part));
  if (paths.length > 1) {
    throw new BenchError('USAGE', `"${name}" is the name of ${paths.length} units: ${paths.join(', ')}.`, {
      hint: 'Name one of these paths with --cgroup.',
    });
  }
  const group = paths[0] === undefined ? null : locateGroup(host, paths[0]);
  const how =
    shown === null
      ? `found by its cgroup's path, as systemctl ${isAnswered ? 'does not know it' : 'does not answer'}`
      : `main process ${shown.mainPid}, ${shown.restarts || 0} restarts so far`;
  if (group !== null) {
    return observedGroup({ id: 'unit', what: `unit ${name} (${how})`, group, nowMs }, address, host);
  }
  if (shown !== null && shown.mainPid > 0) {
    // Its group is not mounted here, so the processes below the main one have to do.
    const target = findPid(shown.mainPid, address, host, nowMs);
    return { ...target, id: 'unit', description: `unit ${name} (${how}), ${target.description}` };
  }
  throw new BenchError(
    'TARGET_UNREACHABLE',
    isAnswered
      ? `systemd knows no unit "${name}".`
      : `No process runs in a unit "${name}", and systemctl does not answer.`,
    { hint: 'See the names with: systemctl list-units --type=service, or use --pid or --cgroup.' },
  );
}

export const unit = defineFinder({
  id: 'unit',
  title: 'All processes of a systemd unit, also after it was restarted',
  find: (observe, address, host) => findUnit(observe.unit, address, host),
});

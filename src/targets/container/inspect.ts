import type { RunCommand } from '../command/run-command.ts';

/** What a container's manager knows of it. */
export interface InspectedContainer {
  /** Which program said so. */
  manager: string;
  id: string;
  /** Process 1 of the container, as this host numbers it; 0 if it is not running. */
  pid: number;
  state: string;
}

type Json = Readonly<Record<string, unknown>>;

function objectIn(value: unknown, key: string): Json {
  const inner = typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Json) : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;

/** docker, podman and nerdctl print an array of one. */
function parseDocker(parsed: unknown, manager: string): InspectedContainer | null {
  const container: unknown = Array.isArray(parsed) ? parsed[0] : null;
  const state = objectIn(container, 'State');
  const id = textOf((container as Json | null)?.['Id']);
  return id === '' ? null : { manager, id, pid: numberOf(state['Pid']), state: textOf(state['Status']) };
}

function parseCri(parsed: unknown, manager: string): InspectedContainer | null {
  const status = objectIn(parsed, 'status');
  const id = textOf(status['id']);
  const state = textOf(status['state'])
    .replace(/^CONTAINER_/, '')
    .toLowerCase();
  return id === '' ? null : { manager, id, pid: numberOf(objectIn(parsed, 'info')['pid']), state };
}

const managers = [
  { command: 'docker', args: ['inspect', '--type', 'container'], parse: parseDocker },
  { command: 'podman', args: ['inspect', '--type', 'container'], parse: parseDocker },
  { command: 'nerdctl', args: ['inspect'], parse: parseDocker },
  { command: 'crictl', args: ['inspect', '--output', 'json'], parse: parseCri },
] as const;

/** Asks all at once, since one that hangs takes its whole time; the first in the list that knows the name counts. */
export async function inspectContainer(
  name: string,
  run: RunCommand,
): Promise<{ found: InspectedContainer | null; installed: readonly string[] }> {
  const answers = await Promise.all(
    managers.map(async ({ command, args, parse }) => {
      const answer = await run(command, [...args, name]);
      if (answer?.exitCode !== 0) {
        return { command, isInstalled: answer !== null, found: null };
      }
      try {
        return { command, isInstalled: true, found: parse(JSON.parse(answer.stdout), command) };
      } catch {
        // Not JSON: a wrapper of that name that is something else.
        return { command, isInstalled: true, found: null };
      }
    }),
  );
  return {
    found: answers.find(({ found }) => found !== null)?.found ?? null,
    installed: answers.filter(({ isInstalled }) => isInstalled).map(({ command }) => command),
  };
}

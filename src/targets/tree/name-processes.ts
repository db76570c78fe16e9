import type { ProcessIdentity } from '../../model/target.ts';

const shown = 8;

/** `front#100, worker#101, and 3 more`, for a description. */
export function nameProcesses(processes: readonly ProcessIdentity[]): string {
  if (processes.length === 0) {
    return 'no process yet';
  }
  const names = processes.slice(0, shown).map((process) => `${process.role}#${process.pid}`);
  return `${names.join(', ')}${processes.length > shown ? `, and ${processes.length - shown} more` : ''}`;
}

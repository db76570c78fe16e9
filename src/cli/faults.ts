import { execa } from 'execa';
import { findById, unknownName } from '../base/by-id.ts';
import { scripts } from './library.ts';

export interface ListedFault {
  id: string;
  story: string;
  fixes: readonly string[];
}

/** Only the reference server knows its faults, and it is a program of its own: it is asked. */
export async function readFaults(): Promise<readonly ListedFault[]> {
  const listed = await execa(process.execPath, [scripts.referenceServer, '--list-faults'], { timeout: 10_000 });
  return JSON.parse(listed.stdout) as ListedFault[];
}

/** Throws UNKNOWN_NAME with a suggestion, before any file is written. */
export async function refuseUnknownFault(fault: string | null, fixes: readonly string[]): Promise<void> {
  if (fault === null && fixes.length === 0) {
    return;
  }
  const found = findById('fault', await readFaults(), fault ?? 'none');
  const known = [...found.fixes, 'fixed'];
  const unknown = fixes.find((fix) => !known.includes(fix));
  if (unknown !== undefined) {
    throw unknownName(`fix of the fault ${found.id}`, unknown, known);
  }
}

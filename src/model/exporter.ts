import type { GateDecision } from './gate.ts';
import type { HistorySession } from './history.ts';
import type { Load } from './profile.ts';
import type { Results } from './section.ts';

export interface ExportedFile {
  name: string;
  text: string;
}

/** What an exporter may use: the results of one session, its decision, the nights before it, oldest first, and what its profile asked for. */
export interface ExportInput {
  results: Results;
  decision: GateDecision | null;
  history: readonly HistorySession[];
  /** The load of each stage that has one, by the stage's name: repeats share a profile. */
  loads: ReadonlyMap<string, Load>;
}

/** Another tool's format. Pure: the same input gives the same bytes. Some formats need several files. */
export interface Exporter {
  id: string;
  title: string;
  write(input: ExportInput): { files: readonly ExportedFile[] } | { unexportable: string };
}

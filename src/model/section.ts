import type { GateDecision } from './gate.ts';
import type { RunResult } from './result.ts';

/** Unit of a page. Charts are Vega-Lite; colours are CSS variables, so that dark mode works. */
export type Block =
  | { type: 'html'; html: string }
  | { type: 'heading'; text: string; level: 2 | 3 }
  | { type: 'paragraph'; text: string }
  | {
      type: 'chart';
      title: string;
      /** The finding in words; also the chart's description for a screen reader. */
      caption: string;
      legend: readonly { label: string; color: string; dashed: boolean }[];
      spec: object;
      /** The chart's data as a table, folded away. */
      table: TableBlock | null;
    }
  | TableBlock;

export interface TableBlock {
  type: 'table';
  caption: string;
  /** Shown only when asked for: long and seldom read. */
  isFolded?: boolean;
  headings: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A comparison is a page of several results. */
export type Results = readonly [RunResult, ...RunResult[]];

/** A pure function: the same results and decision give the same blocks. */
export interface ReportSection {
  id: string;
  title: string;
  /** `decision` is null where the gate was not asked. */
  render(results: Results, decision: GateDecision | null): readonly Block[];
}

import type { RequestRecord } from './record.ts';

/** How the times of another tool's file become milliseconds since the run began. */
export interface ImportContext {
  /** Wall clock at the run's zero, ms since 1970. */
  wallZeroMs: number;
  /** CLOCK_MONOTONIC of this host at the run's zero, in ms: some tools stamp nothing but that clock. */
  monotonicZeroMs: number;
  /** When the command that wrote the file ran, ms since the run began. */
  startMs: number;
  endMs: number;
}

/**
 * What another tool tells of one request; null = it does not tell. Times are ms since the run began.
 * `plannedMs` is there only where the tool writes down when it meant to send.
 */
export interface ImportedRequest
  extends Pick<
    RequestRecord,
    | 'itemId'
    | 'startMs'
    | 'bodySentMs'
    | 'firstByteMs'
    | 'firstContentMs'
    | 'endMs'
    | 'status'
    | 'outcome'
    | 'errorCode'
    | 'reusedSocket'
  > {
  plannedMs: number | null;
}

/** A result file as an importer sees it. */
export interface ResultFile {
  /** For messages. */
  name: string;
  /** Lines without their ends, streamed. Throws RESULT_UNREADABLE for a line that is too long to hold. */
  lines(): AsyncIterable<string>;
  /** The whole file parsed. Throws RESULT_UNREADABLE if it is larger than may be held, or no JSON. */
  json(): Promise<unknown>;
}

/** One format of another load tool. `note` takes what a reader of the run must know of the import. */
export interface RecordImporter {
  id: string;
  title: string;
  /** By the first characters of the file. */
  recognises(head: string): boolean;
  /** Throws RESULT_UNREADABLE if the file is not what it began as. A torn last line is left out, with a note. */
  read(file: ResultFile, context: ImportContext, note: (text: string) => void): AsyncIterable<ImportedRequest>;
}

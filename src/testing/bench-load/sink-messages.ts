/** What the sink knows of one request, ms on the clock that all processes of a measurement share. */
export interface Truth {
  id: string;
  firstByteMs: number;
  lastByteMs: number;
  /** When the reply was handed to the kernel. */
  repliedMs: number;
}

/** Since the last time it was asked. */
export interface SinkFigures {
  requests: number;
  bytes: number;
  /** First byte of the first request and last byte of the last one; null without any. */
  firstMs: number | null;
  lastMs: number | null;
  truths: Truth[];
}

/** Answered with the figures so far, which begin anew. */
export interface SinkAsk {
  delayMs: number;
}

import type { UnusableFile } from '../import/files.ts';

/** Size of one image file. */
export interface ImageShape {
  width: number;
  height: number;
  /** null: the source gives pixels only. */
  bytes: number | null;
}

/** What is kept of a source: numbers, and neither names nor content. */
export type Sample =
  | {
      kind: 'audio';
      by: 'seconds' | 'bytes';
      values: number[];
      /** Hz, the most common one; null: the source does not say. */
      sampleRate: number | null;
    }
  | { kind: 'images'; shapes: ImageShape[] }
  | { kind: 'text'; tokens: number[] };

export interface MeasuredSource {
  sample: Sample;
  /** `300 audio files`: what was measured. */
  origin: string;
  /** Sentences on what was taken, and how. */
  notes: string[];
  unusable: UnusableFile[];
  /** Of all files together; null for a source without files. */
  sourceBytes: number | null;
}

export function sampleSize(sample: Sample): number {
  switch (sample.kind) {
    case 'audio':
      return sample.values.length;
    case 'images':
      return sample.shapes.length;
    case 'text':
      return sample.tokens.length;
  }
}

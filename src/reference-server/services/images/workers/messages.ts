/** What the image worker is started with, as one JSON argument. */
export interface ImageWorkerSetup {
  mostPixels: number;
  serviceMs: number;
  noteBytes: number;
  drains: boolean;
}

/** `heldBytes`: what the front set aside for the decoded image. */
export type ToImageWorker =
  | { type: 'image'; id: number; path: string; heldBytes: number }
  | { type: 'cancel'; id: number };

/** What was seen in an image. */
export interface Sighting {
  /** The planted identity; null if the image carries none. */
  imageId: number | null;
  width: number;
  height: number;
}

export type Outcome = { type: 'seen'; sighting: Sighting } | { type: 'failed'; code: string; message: string };

export type FromImageWorker =
  | { type: 'ready' }
  | { type: 'no-decoder'; why: string }
  | { type: 'done'; id: number; outcome: Outcome; notedBytes: number };

import type { ReplyView } from '../../model/adapter.ts';

/** Five seconds at 48 kB/s: the header, and enough to tell speech from silence. */
const keptBytes = 256 * 1024;

/** Audio that comes in pieces: its beginning and its length are kept. */
export class StreamedAudio {
  readonly #pieces: Buffer[] = [];
  #kept = 0;
  #bytes = 0;

  /** Each piece is base64 of its own. */
  append(base64: string): void {
    const piece = Buffer.from(base64, 'base64');
    const kept = piece.subarray(0, keptBytes - this.#kept);
    if (kept.length > 0) {
      // A copy: what is cut off must not stay in memory.
      this.#pieces.push(Buffer.from(kept));
      this.#kept += kept.length;
    }
    this.#bytes += piece.length;
  }

  /** As if it had come as the body of a reply. */
  asReply(): ReplyView {
    return {
      status: 200,
      headers: { 'content-length': String(this.#bytes) },
      body: Buffer.concat(this.#pieces),
      truncated: this.#bytes > this.#kept,
    };
  }
}

import { identityCount } from '../base/audio-frames.ts';
import type { CorpusGenerator, CorpusItem } from '../model/corpus.ts';
import { invalidParam } from './params/parse-params.ts';
import { type ClipShape, clipBytes, clipChunks, clipTranscript } from './speech/clip.ts';
import { clipSamples } from './speech/lengths.ts';
import { parseSpeechParams, speechLongformParams } from './speech/params.ts';

/** One for all: a corpus has up to a million items. */
const noAttachments: readonly CorpusItem[] = [];

function createItem(corpus: string, index: number, shape: ClipShape): CorpusItem {
  const number = String(index).padStart(5, '0');
  return {
    id: `${corpus}/${number}`,
    bytes: clipBytes(shape),
    sha256: null,
    mediaType: 'audio/wav',
    fileName: `${corpus}-${number}.wav`,
    content: 'code',
    traits: { audioSeconds: shape.samples / shape.sampleRate },
    truth: {
      // A getter, since eight hours hold 71,999 words and most items are never asked.
      get tokens() {
        return clipTranscript(shape);
      },
    },
    attachments: noAttachments,
    chunks: (range) => clipChunks(shape, range),
  };
}

/** WAV clips of speech-like sound with a planted, decodable word every 400 ms (tones, not speech). */
export const speechLongform: CorpusGenerator = {
  id: 'speech-longform',
  title: 'Long audio with a planted transcript',
  version: 1,
  params: speechLongformParams,
  items(params, { name, count, random, place }) {
    const parsed = parseSpeechParams(params, place);
    const { encoding, sampleRate } = parsed;
    if (encoding === 'mulaw' && sampleRate !== 8000) {
      const what = `mu-law is a telephone's encoding, but the sample rate is ${sampleRate}.`;
      throw invalidParam(place, ['encoding'], what, 'Write "sampleRate: 8000", or leave the encoding out.');
    }
    const lengths = clipSamples(parsed, { count, random, place });
    const firstIdentity = random.fork('identity').below(identityCount);
    const keys = random.fork('keys');
    return lengths.map((samples, index) =>
      createItem(name, index, {
        encoding,
        sampleRate,
        samples,
        id: (firstIdentity + index) % identityCount,
        wordKey: keys.uint32(),
        soundKey: keys.uint32(),
      }),
    );
  },
};

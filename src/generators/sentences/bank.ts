import { canonicalJson, sha256Hex } from '../../base/digest.ts';
import { createRandom } from '../../base/random.ts';
import { createResampler } from '../../base/resample.ts';
import { readWavPcm } from '../../base/wav-pcm.ts';
import { cachedPieces } from './bank-cache.ts';
import { bedSample } from './bed.ts';
import { type FliteVoice, fliteSha256, openFlite } from './flite.ts';
import { listRecordings, readRecording } from './recordings.ts';
import { sentenceTexts } from './texts.ts';

/** Grows whenever the same sources give other sound, so that an old cache is not taken for a new one. */
const bankVersion = 1;

export interface Utterance {
  text: string;
  /** One channel, 16 bits, little-endian. */
  pcm: Uint8Array;
}

export interface SentenceBank {
  /** SHA-256 over all that the bank is made from. */
  key: string;
  utterances: readonly Utterance[];
}

/** What is outside: the file of the speech engine, and the folder in which made sound is kept. */
export interface BankPlaces {
  /** null: not installed. */
  engineFile: () => string | null;
  cacheFolder: string;
}

function littleEndian(samples: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc(samples.length * 2);
  for (let index = 0; index < samples.length; index += 1) {
    bytes.writeInt16LE(samples[index] ?? 0, index * 2);
  }
  return bytes;
}

/** Building a resampler costs as much as using it for a minute of sound. */
function resamplersTo(sampleRate: number): (fromHz: number) => (pcm: Int16Array) => Int16Array {
  const held = new Map<number, (pcm: Int16Array) => Int16Array>();
  return (fromHz) => {
    const resampler = held.get(fromHz) ?? createResampler(fromHz, sampleRate);
    held.set(fromHz, resampler);
    return resampler;
  };
}

function withBed(pcm: Int16Array, label: string): Int16Array {
  const random = createRandom(label);
  return pcm.map((value) => Math.max(-32_768, Math.min(32_767, Math.floor(value + bedSample(random) + 0.5))));
}

function bankOf(
  cacheFolder: string,
  sources: object,
  texts: readonly string[],
  make: () => Uint8Array[],
): SentenceBank {
  const key = sha256Hex(canonicalJson({ bankVersion, texts, ...sources }));
  const pieces = cachedPieces(cacheFolder, key, make);
  return { key, utterances: texts.map((text, index) => ({ text, pcm: pieces[index] ?? new Uint8Array(0) })) };
}

/** The sentences that come with the generator, said by the voices in turns. */
export function synthesisedBank(
  voices: readonly FliteVoice[],
  sampleRate: number,
  places: BankPlaces,
  place: string,
): SentenceBank {
  return bankOf(places.cacheFolder, { engine: fliteSha256, voices, sampleRate }, sentenceTexts, () => {
    const speak = openFlite(places.engineFile(), place);
    const resamplerFrom = resamplersTo(sampleRate);
    return sentenceTexts.map((text, index) => {
      const spoken = readWavPcm(speak(voices[index % voices.length] ?? 'slt', text));
      if ('unusable' in spoken) {
        throw new Error(`Flite wrote no speech for "${text}": ${spoken.unusable}`);
      }
      const pcm = resamplerFrom(spoken.sampleRate)(spoken.pcm);
      return littleEndian(withBed(pcm, `speech-sentences/utterance/${index}`));
    });
  });
}

/** The user's own recordings, as they are but for their sample rate and their channels. */
export function recordedBank(folder: string, sampleRate: number, places: BankPlaces, place: string): SentenceBank {
  const recordings = listRecordings(folder, sampleRate, place);
  const hashes = recordings.map(({ sha256 }) => sha256);
  const texts = recordings.map(({ text }) => text);
  return bankOf(places.cacheFolder, { recordings: hashes, sampleRate }, texts, () => {
    const resamplerFrom = resamplersTo(sampleRate);
    return recordings.map((recording) => {
      const sound = readRecording(recording, place);
      return littleEndian(resamplerFrom(sound.sampleRate)(sound.pcm));
    });
  });
}

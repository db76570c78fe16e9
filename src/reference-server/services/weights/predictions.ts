import { createHash } from 'node:crypto';
import type { InferMode } from './infer-request.ts';

/** A prompt tells its code word once in these words, and asks for it with the same words at its end. */
const toldCodeWord = /\bThe code word is ([A-Za-z0-9-]+)\./;

/** Tokens of a prompt that asks for nothing; more than may be asked for, and an odd step visits each once. */
const vocabulary =
  'the of and to in is it you that he was for on are with as his they be at one have this from or had by hot word but what some'.split(
    ' ',
  );

export interface Prediction {
  token: string;
  probability: number;
}

/** One for each run of characters that are no white space. */
export function estimatedTokens(prompt: string): number {
  return prompt.match(/\S+/g)?.length ?? 0;
}

/** Short of a model: the code word that the prompt tells, then words that depend on the prompt alone. */
export function predictionsFor(prompt: string, top: number): Prediction[] {
  const codeWord = toldCodeWord.exec(prompt)?.[1];
  const digest = createHash('sha256').update(prompt).digest();
  const first = digest.readUInt16LE(0);
  const step = digest.readUInt16LE(2) | 1;
  const others = Array.from(
    { length: top },
    (_, index) => vocabulary[(first + index * step) % vocabulary.length] ?? '',
  );
  const tokens = codeWord === undefined ? others : [codeWord, ...others].slice(0, top);
  return tokens.map((token, index) => ({ token, probability: 2 ** -(index + 1) }));
}

/** What a mode takes of a dense pass: a walk looks at the gates only, a comparison does both. */
export function workRatio(mode: InferMode): number {
  switch (mode) {
    case 'walk':
      return 0.5;
    case 'dense':
      return 1;
    case 'compare':
      return 1.5;
  }
}

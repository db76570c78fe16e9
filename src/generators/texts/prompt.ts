import type { ByteRange } from '../../model/corpus.ts';
import { sentenceBytes, sentenceOf, sentenceTokens } from './filler.ts';
import { type TextPiece, textChunks } from './text-chunks.ts';
import { wordLetters, wordsOfNumber } from './vocabulary.ts';

/** What decides every byte of a prompt; numbers, since a corpus may have a million of them. */
export interface PromptShape {
  /** Sentences that all prompts of the corpus begin with. */
  sharedSentences: number;
  sharedKey: number;
  /** Below 2^24 and no other prompt's: the first words that are this prompt's own. */
  salt: number;
  /** Below 2^24 and no other prompt's: the code word. */
  answer: number;
  fillerKey: number;
  fillerTokens: number;
  /** Whole sentences of filler before the code word is told. */
  sentencesBefore: number;
}

const wordsOfCode = 3;
const codeBytes = wordsOfCode * (wordLetters + 1) - 1;
const saltEnd = '. ';
const needle = ['The code word is ', '. '] as const;
const question = 'What is the code word? The code word is';
// Tokens of salt, needle and question, rounded from the five vocabularies that `vocabulary` names.
const saltTokens = 4;
const needleTokens = 10;
const questionTokens = 10;

const fixedTokens = saltTokens + needleTokens + questionTokens;

/** Room for a sentence of filler; a shorter prompt cannot be made. */
export const leastPromptTokens = 32;

const fixedBytes = 2 * codeBytes + saltEnd.length + needle.join('').length + question.length;

export function codeWord(answer: number): string {
  return wordsOfNumber(answer, wordsOfCode, '-');
}

/** Whole sentences, and the words of one that fills what is left: a full stop alone is none, so it is a longer one. */
function fillerOf(tokens: number): { sentences: number; lastWords: number } {
  const left = tokens % sentenceTokens;
  const lastTokens = left === 1 ? sentenceTokens + 1 : left;
  return { sentences: (tokens - lastTokens) / sentenceTokens, lastWords: Math.max(0, lastTokens - 1) };
}

/** Tokens of filler that a prompt of `tokens` has, and the whole sentences among them. */
export function fillerFor(tokens: number, sharedSentences: number): { fillerTokens: number; sentences: number } {
  const fillerTokens = tokens - sharedSentences * sentenceTokens - fixedTokens;
  return { fillerTokens, sentences: fillerOf(fillerTokens).sentences };
}

/** Tokens of the prompt in a vocabulary that knows our words; another counts some more. */
export function promptTokens({ sharedSentences, fillerTokens }: PromptShape): number {
  return sharedSentences * sentenceTokens + fixedTokens + fillerTokens;
}

/** The exact length, without making the prompt. */
export function promptBytes({ sharedSentences, fillerTokens }: PromptShape): number {
  const { sentences, lastWords } = fillerOf(fillerTokens);
  const lastBytes = lastWords === 0 ? 0 : lastWords * (wordLetters + 1) + 1;
  return fixedBytes + (sharedSentences + sentences) * sentenceBytes + lastBytes;
}

function piecesOf(shape: PromptShape): TextPiece[] {
  const encoder = new TextEncoder();
  const { fillerKey, sentencesBefore } = shape;
  const { sentences, lastWords } = fillerOf(shape.fillerTokens);
  const last = lastWords === 0 ? new Uint8Array() : sentenceOf(lastWords, fillerKey, sentences);
  return [
    { key: shape.sharedKey, firstSentence: 0, sentences: shape.sharedSentences },
    { literal: encoder.encode(wordsOfNumber(shape.salt, wordsOfCode, ' ') + saltEnd) },
    { key: fillerKey, firstSentence: 0, sentences: sentencesBefore },
    { literal: encoder.encode(needle.join(codeWord(shape.answer))) },
    { key: fillerKey, firstSentence: sentencesBefore, sentences: sentences - sentencesBefore },
    { literal: last },
    { literal: encoder.encode(question) },
  ];
}

/** ASCII without quotes, backslashes and line breaks, so JSON takes it as it is. */
export function promptChunks(shape: PromptShape, range?: ByteRange): Iterable<Uint8Array> {
  const bytes = promptBytes(shape);
  return textChunks(piecesOf(shape), { start: range?.start ?? 0, end: Math.min(bytes, range?.end ?? bytes) });
}

import type { AnswerFault } from './answer-check.ts';
import { parseJson } from './json-reply.ts';

export type EmbeddingReading = { numbers: readonly number[] } | { fault: NonNullable<AnswerFault> };

/** Steps from 0 to the largest component: batches differ in the last bits, other inputs in the first. */
const digestSteps = 500;

function fault(code: string, detail: string): EmbeddingReading {
  return { fault: { code, detail } };
}

/** base64 of 32-bit floats, little-endian; null if it is something else. */
function decoded(text: string): number[] | null {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    return null;
  }
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

/** A list of numbers, the same as text, or base64 of 32-bit floats. */
export function readEmbedding(value: unknown): EmbeddingReading {
  const isList = typeof value === 'string' && value.trimStart().startsWith('[');
  const list: unknown = isList ? parseJson(value) : typeof value === 'string' ? decoded(value) : value;
  if (!Array.isArray(list)) {
    return fault('no_embedding', 'The embedding is neither a list of numbers nor base64 of 32-bit floats.');
  }
  const numbers: readonly unknown[] = list;
  if (numbers.length === 0) {
    return fault('empty_answer', 'The embedding has no numbers.');
  }
  if (!numbers.every((number) => typeof number === 'number' && Number.isFinite(number))) {
    return fault('not_finite', `A number of the embedding of ${numbers.length} is missing, infinite or not a number.`);
  }
  // What a crashed kernel leaves: no model maps an input to the origin.
  return numbers.every((number) => number === 0)
    ? fault('zero_embedding', `All ${numbers.length} numbers of the embedding are zero.`)
    : { numbers: numbers as number[] };
}

/** Of the vector's direction, so that a batch of another size gives the same; unlike inputs never do. */
export function embeddingIdentity(numbers: readonly number[]): string {
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  return numbers.map((number) => Math.round((number / largest) * digestSteps) + 0).join(' ');
}

import type { AdapterOptions } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { AnswerFault } from './answer-check.ts';
import type { Judgement } from './judged-reply.ts';

function identityFault(found: string | null, meant: string): AnswerFault {
  if (found === meant) {
    return null;
  }
  return found === null
    ? { code: 'no_image_id', detail: `The reply does not say which image it is for; ${meant} was sent.` }
    : { code: 'wrong_answer', detail: `The reply is for the image ${found}; ${meant} was sent.` };
}

/** The identity that a server read in the pixels against the one that was planted there; null = it gave none. */
export function checkImageId(found: string | null, item: CorpusItem, options: AdapterOptions): Judgement {
  const { imageId } = item.truth;
  // Classes are no identity: unlike images honestly have the same ones. And a server that is not known to read
  // ours may number its replies in its own way.
  if (imageId === undefined || (found !== imageId && options.check === 'auto')) {
    return { check: 'consistency', identity: null, fault: null };
  }
  return { check: 'answer', identity: found, fault: identityFault(found, imageId) };
}

/** The planted number where the text holds it, else the first number that could be one. */
export function imageIdInText(text: string, item: CorpusItem): string | null {
  const numbers = text.match(/\d+/g) ?? [];
  const { imageId } = item.truth;
  return numbers.find((number) => number === imageId) ?? numbers[0] ?? null;
}

import type { AdapterOptions } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { codeWordFault, codeWordIn, holdsAnswer } from './code-word.ts';
import { checkImageId, imageIdInText } from './image-identity.ts';
import { objectOf } from './json-reply.ts';
import type { Judgement } from './judged-reply.ts';
import { checkTranscript } from './transcript.ts';

/** A model may honestly miss the code word, so only a target that is known to repeat it can fail by it. */
export function checkCodeWord(text: string, item: CorpusItem, options: AdapterOptions): Judgement {
  const { answer } = item.truth;
  const identity = codeWordIn(text);
  if (answer === undefined || (options.check === 'auto' && !holdsAnswer(text, answer))) {
    return { check: 'consistency', identity, fault: null };
  }
  return { check: 'answer', identity, fault: codeWordFault(text, answer) };
}

/** For formats that do not say what a text is: what was sent decides how the answer is checked. */
export function checkAnswerText(text: string, item: CorpusItem, options: AdapterOptions): Judgement {
  if (item.mediaType.startsWith('audio/')) {
    return checkTranscript(text, item, options);
  }
  return item.mediaType.startsWith('image/')
    ? checkImageId(imageIdInText(text, item), item, options)
    : checkCodeWord(text, item, options);
}

const textKeys = ['text', 'transcription', 'generated_text', 'text_output', 'output', 'answer'] as const;

/** The answer in a reply of a shape that nobody has agreed upon; null if no text stands where texts do. */
export function findAnswerText(value: unknown): string | null {
  if (typeof value === 'string') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.length === 1 ? findAnswerText(value[0]) : null;
  }
  const object = objectOf(value);
  const key = textKeys.find((name) => typeof object?.[name] === 'string');
  return key === undefined ? null : String(object?.[key]);
}

import { wordIndex } from '../../base/audio-code.ts';

/** Why an answer is not the expected one; null = it is. */
export type AnswerFault = { code: string; detail: string } | null;

// Below this share of planted words the target does not decode the code, so its words prove nothing.
const vocabularyShare = 0.8;
// Half of the words wrong (PROTOCOL 5.4) is beyond any recogniser's honest error.
const wrongWordShare = 0.5;
// The comparison is quadratic; an hour of speech would hold the event loop for a third of a second.
const comparedWords = 500;

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Case, punctuation and spacing do not make another answer. */
export function normalisedText(text: string): string {
  return wordsOf(
    text
      .normalize('NFC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s]/gu, ''),
  ).join(' ');
}

/** True if the answer is written in the planted code's own words. */
export function speaksCode(text: string): boolean {
  const words = wordsOf(text);
  const known = words.filter((word) => wordIndex(word) !== null).length;
  return words.length > 0 && known >= vocabularyShare * words.length;
}

function isPrefix(shorter: readonly string[], longer: readonly string[]): boolean {
  return shorter.length < longer.length && shorter.every((word, index) => word === longer[index]);
}

/** The planted code decides exactly; only spacing is free. */
export function tokenFault(answer: string, truth: string): AnswerFault {
  const said = wordsOf(answer);
  const meant = wordsOf(truth);
  if (said.join(' ') === meant.join(' ')) {
    return null;
  }
  if (said.length === 0) {
    return { code: 'empty_answer', detail: `The answer is empty; ${meant.length} words were planted.` };
  }
  if (isPrefix(said, meant)) {
    return { code: 'truncated_answer', detail: `The answer stops after ${said.length} of ${meant.length} words.` };
  }
  if (isPrefix(meant, said)) {
    return { code: 'overlong_answer', detail: `The answer goes on for ${said.length - meant.length} words too many.` };
  }
  const at = meant.findIndex((word, index) => word !== said[index]);
  return {
    code: 'wrong_answer',
    detail: `Word ${at + 1} of ${meant.length} is not the planted one; the answer has ${said.length} words.`,
  };
}

/** Word edits (insert, delete, replace) between two texts. */
function wordEdits(a: readonly string[], b: readonly string[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, word] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      const replace = (previous[column] ?? 0) + (word === other ? 0 : 1);
      current.push(Math.min(replace, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

export interface WordCount {
  spoken: number;
  errors: number;
}

/**
 * Real speech: more than half of the words wrong is a wrong answer. Texts beyond 500 words are compared by head and
 * length. `words` is missing where nothing was spoken.
 */
export function compareWords(answer: string, truth: string): { fault: AnswerFault; words?: WordCount } {
  const said = wordsOf(normalisedText(answer));
  const meant = wordsOf(normalisedText(truth));
  if (meant.length === 0) {
    return { fault: null };
  }
  const head = meant.slice(0, comparedWords);
  const words = { spoken: head.length, errors: wordEdits(head, said.slice(0, comparedWords)) };
  if (said.length === 0) {
    const detail = `The answer is empty; ${meant.length} words were spoken.`;
    return { words, fault: { code: 'empty_answer', detail } };
  }
  const lengthRate = Math.abs(said.length - meant.length) / meant.length;
  const rate = Math.max(words.errors / words.spoken, lengthRate);
  const detail = `Word error rate ${rate.toFixed(2)} against ${meant.length} words spoken.`;
  return { words, fault: rate > wrongWordShare ? { code: 'wrong_answer', detail } : null };
}

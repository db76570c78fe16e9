import type { AnswerFault } from './answer-check.ts';

/** Letters and digits only: models change case, hyphens and spacing, and put a word in quotes. */
function plain(text: string): string {
  return ` ${text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}

export function holdsAnswer(text: string, answer: string): boolean {
  return plain(text).includes(plain(answer));
}

/**
 * The first code word of ours in a text, whoever's it is; null without one. Only a code word makes an answer one
 * item's own: honest models give the same short sentence to many prompts.
 */
export function codeWordIn(text: string): string | null {
  return (
    /\b[a-z]{4}(?:[-\u2010\u2011][a-z]{4}){2}\b/i
      .exec(text)?.[0]
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '-') ?? null
  );
}

/** For a target that is known to repeat the code word. */
export function codeWordFault(text: string, answer: string): AnswerFault {
  if (holdsAnswer(text, answer)) {
    return null;
  }
  const other = codeWordIn(text);
  return {
    code: 'wrong_answer',
    detail:
      other === null
        ? `The answer does not hold the code word ${answer}.`
        : `The answer holds the code word ${other}, not ${answer}.`,
  };
}

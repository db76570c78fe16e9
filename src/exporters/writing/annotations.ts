import { type Judgement, worstFirst } from './judgements.ts';

/** GitHub shows so many of a type and step; the rest is lost without a word. */
export const maxAnnotations = 10;

const levels: Readonly<Partial<Record<Judgement['state'], 'error' | 'warning'>>> = {
  fail: 'error',
  invalid: 'error',
  warn: 'warning',
  flaky: 'warning',
};

/** Escapes of workflow commands: the data, and beside it what separates properties. Texts hold no line feed. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Lines that an Actions step prints: worst first; what does not fit is counted in the last one. */
export function annotationLines(judgements: readonly Judgement[]): readonly string[] {
  const all = worstFirst(judgements).flatMap(({ name, state, sentence }) => {
    const level = levels[state];
    return level === undefined ? [] : [`::${level} title=${property(name)}::${data(sentence)}`];
  });
  if (all.length <= maxAnnotations) {
    return all;
  }
  const shown = all.slice(0, maxAnnotations - 1);
  return [
    ...shown,
    `::warning title=headroom::${all.length - shown.length} more did not pass; see the summary of this step.`,
  ];
}

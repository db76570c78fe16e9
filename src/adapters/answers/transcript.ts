import type { AdapterOptions } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { compareWords, normalisedText, speaksCode, tokenFault } from './answer-check.ts';
import type { Judgement } from './judged-reply.ts';

/** A transcript against what was planted or spoken; where neither is known, only that it is always the same. */
export function checkTranscript(text: string, item: CorpusItem, options: AdapterOptions): Judgement {
  const identity = normalisedText(text);
  // `truth` may be computed when it is read, so it is read only where it decides.
  if (item.content === 'code' && (options.check === 'tokens' || speaksCode(text))) {
    const planted = item.truth['tokens'];
    return planted === undefined
      ? { check: 'consistency', identity, fault: null }
      : { check: 'tokens', identity, fault: tokenFault(text, planted) };
  }
  // Recordings of the user's own are speech too, where a transcript came with them.
  const spoken = item.content === 'code' ? undefined : item.truth['text'];
  return spoken === undefined
    ? { check: 'consistency', identity, fault: null }
    : { check: 'words', identity, ...compareWords(text, spoken) };
}

import { sha256Hex } from '../../base/digest.ts';
import type { ReplyCheck, ReplyView } from '../../model/adapter.ts';
import type { CheckLevel } from '../../model/record.ts';
import type { AnswerFault, WordCount } from './answer-check.ts';

export interface Judgement {
  check: CheckLevel;
  /** What makes the answer this item's own, to compare answers after the run; null where nothing does. */
  identity: string | null;
  fault: AnswerFault;
  /** Real speech only. */
  words?: WordCount;
  /** Absent where the format has no such count. */
  outputTokens?: number | null;
}

export function judgedReply(reply: Pick<ReplyView, 'headers'>, judgement: Judgement): ReplyCheck {
  const { check, identity, fault, words, outputTokens } = judgement;
  const checked = {
    check,
    answerDigest: identity === null ? null : sha256Hex(identity).slice(0, 16),
    route: reply.headers['x-route'] ?? null,
    ...(words === undefined ? {} : { words }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  };
  return fault === null ? { ok: true, ...checked } : { ok: false, ...checked, ...fault };
}

/** A reply that could not be read as an answer. */
export function unreadReply(reply: Pick<ReplyView, 'headers'>, fault: NonNullable<AnswerFault>): ReplyCheck {
  return judgedReply(reply, { check: 'none', identity: null, fault });
}

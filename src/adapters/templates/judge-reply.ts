import type { AdapterOptions, ReplyCheck, ReplyView } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import type { AnswerFault } from '../answers/answer-check.ts';
import { checkAnswerText } from '../answers/answer-text.ts';
import { errorFault, isError, textOfBody } from '../answers/json-reply.ts';
import { type Judgement, judgedReply, unreadReply } from '../answers/judged-reply.ts';
import { readPlainReply } from '../answers/plain-reply.ts';
import { pointedAt } from './json-pointer.ts';
import type { Extractor, ReplyRules } from './template-schema.ts';

/** Both forms of a reply; `value` undefined = it is not JSON. */
interface ReadBody {
  text: string;
  value: unknown;
}

function extracted(extractor: Extractor, { text, value }: ReadBody): unknown {
  if ('pointer' in extractor) {
    return pointedAt(value, extractor.pointer);
  }
  const match = new RegExp(extractor.regex, 'su').exec(text);
  return match === null ? undefined : (match[1] ?? match[0]);
}

function nameOf(extractor: Extractor): string {
  return 'pointer' in extractor ? `pointer "${extractor.pointer}"` : `expression ${extractor.regex}`;
}

function typeFault({ headers }: ReplyView, { mediaTypes }: ReplyRules): AnswerFault {
  const type = headers['content-type']?.toLowerCase() ?? '';
  return mediaTypes === undefined || mediaTypes.some((prefix) => type.startsWith(prefix.toLowerCase()))
    ? null
    : { code: 'unexpected_media_type', detail: `The reply is "${type}", not ${mediaTypes.join(' or ')}.` };
}

/** Why a reply of these rules cannot be read at all. */
function shapeFault(reply: ReplyView, rules: ReplyRules, value: unknown): AnswerFault {
  const extractors = [rules.text, rules.error, rules.usage].filter((extractor) => extractor !== undefined);
  const { length } = reply.body;
  if (reply.truncated && extractors.length > 0) {
    return { code: 'reply_too_long', detail: `The reply is longer than the ${length} bytes that are kept.` };
  }
  return value === undefined && rules.text !== undefined && 'pointer' in rules.text
    ? { code: 'not_json', detail: `The reply of ${length} bytes is not JSON.` }
    : null;
}

function answerOf(body: ReadBody, rules: ReplyRules, item: CorpusItem, options: AdapterOptions): Judgement {
  if (rules.text === undefined) {
    return { check: 'consistency', identity: null, fault: null };
  }
  const text = extracted(rules.text, body);
  return typeof text === 'string' || typeof text === 'number'
    ? checkAnswerText(String(text), item, options)
    : {
        check: 'none',
        identity: null,
        fault: { code: 'no_text', detail: `The ${nameOf(rules.text)} of the template finds no text in the reply.` },
      };
}

/** Judges a reply by what a template says of it. */
export function judgeByRules(
  reply: ReplyView,
  rules: ReplyRules,
  item: CorpusItem,
  options: AdapterOptions,
): ReplyCheck {
  const wrongType = typeFault(reply, rules);
  const read = wrongType === null ? readPlainReply(reply) : { fault: wrongType };
  if ('fault' in read) {
    return unreadReply(reply, read.fault);
  }
  const shape = shapeFault(reply, rules, read.value);
  if (shape !== null) {
    return unreadReply(reply, shape);
  }
  if (reply.truncated) {
    return judgedReply(reply, { check: 'none', identity: null, fault: null });
  }
  const body = { text: textOfBody(reply), value: read.value };
  const error = rules.error === undefined ? null : extracted(rules.error, body);
  if (isError(error)) {
    return unreadReply(reply, errorFault(error));
  }
  const judgement = answerOf(body, rules, item, options);
  if (rules.usage === undefined) {
    return judgedReply(reply, judgement);
  }
  const found = extracted(rules.usage, body);
  const count = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  const outputTokens = typeof count === 'number' && Number.isFinite(count) ? count : null;
  return judgedReply(reply, { ...judgement, outputTokens });
}

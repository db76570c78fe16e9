import type { AdapterOptions, CallAdapter, ReplyCheck, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { checkAnswerText } from './answers/answer-text.ts';
import { type Judgement, judgedReply, unreadReply } from './answers/judged-reply.ts';
import { type KserveOutput, readKserveReply } from './answers/kserve-reply.ts';
import { type KserveTemplate, kserveSchema } from './templates/kserve-schema.ts';
import { templateReader } from './templates/read-template.ts';
import { jsonLengthHeader, type KserveInput, kserveBinary, kserveJson } from './wire/kserve-request.ts';

const hint = 'A template of kserve-v2 has: input {name, datatype, shape}, output and binary; all are optional.';
const readTemplate = templateReader(kserveSchema, hint);
const defaultShapes = { BYTES: [1, 1], UINT8: [1, -1] } as const;

function templateOf({ template }: AdapterOptions): KserveTemplate {
  return template === null ? {} : readTemplate(template);
}

function inputOf({ input, output }: KserveTemplate): KserveInput {
  const { name, datatype, shape } = input ?? { name: 'INPUT', datatype: 'BYTES' };
  return { name, datatype, shape: shape ?? defaultShapes[datatype], output: output ?? null };
}

/** Bytes of JSON at the start of a reply; null if it is all JSON. */
function jsonBytesOf({ headers }: ReplyView): number | null {
  const length = Number(headers[jsonLengthHeader] ?? Number.NaN);
  return Number.isSafeInteger(length) && length > 0 ? length : null;
}

/** Masked scores may honestly be infinite or not a number, but never all of them. */
function isBroken({ numbers }: KserveOutput): boolean {
  return numbers.length > 0 && numbers.every((number) => Number.isNaN(number));
}

function checkOutputs(outputs: readonly KserveOutput[], item: CorpusItem, options: AdapterOptions): Judgement {
  const broken = outputs.find(isBroken);
  if (broken !== undefined) {
    const detail = `All ${broken.numbers.length} numbers of the output "${broken.name}" are missing or not a number.`;
    return { check: 'consistency', identity: null, fault: { code: 'not_finite', detail } };
  }
  const texts = outputs.some((output) => output.texts !== null)
    ? outputs.flatMap((output) => output.texts ?? [])
    : null;
  return texts === null
    ? { check: 'consistency', identity: null, fault: null }
    : checkAnswerText(texts.join(' '), item, options);
}

export const kserveV2: CallAdapter = {
  kind: 'call',
  id: 'kserve-v2',
  title: 'KServe v2 and Triton: POST /v2/models/MODEL/infer, binary tensors or JSON (--template FILE names the tensor)',
  accepts: ['audio/', 'image/', 'text/'],

  request(item, options) {
    const template = templateOf(options);
    const path = options.path ?? `/v2/models/${encodeURIComponent(options.model)}/infer`;
    const request = template.binary === false ? kserveJson : kserveBinary;
    return request(path, item, inputOf(template));
  },

  judge(reply, item, options): ReplyCheck {
    // A long reply is a tensor such as a mask: an answer, of which nothing is proven.
    if (reply.truncated) {
      return judgedReply(reply, { check: 'none', identity: null, fault: null });
    }
    const read = readKserveReply(reply, jsonBytesOf(reply));
    return 'fault' in read
      ? unreadReply(reply, read.fault)
      : judgedReply(reply, checkOutputs(read.outputs, item, options));
  },
};

import type { AdapterOptions, CallAdapter, ReplyCheck } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import type { AnswerFault } from './answers/answer-check.ts';
import { embeddingIdentity, readEmbedding } from './answers/embedding.ts';
import { checkImageId, imageIdInText } from './answers/image-identity.ts';
import { type JsonObject, objectOf, readJsonReply } from './answers/json-reply.ts';
import { type Judgement, judgedReply, unreadReply } from './answers/judged-reply.ts';
import { fieldPart, filePart, formRequest } from './wire/multipart.ts';
import { entriesFor, type PredictTask } from './wire/predict-entries.ts';

function unread(code: string, detail: string): Judgement {
  return { check: 'none', identity: null, fault: { code, detail } };
}

/** A picture may be turned by what its camera noted, so the sides may change places. */
function sidesFault(reply: JsonObject, item: CorpusItem): AnswerFault {
  const { imageWidth, imageHeight } = reply;
  const { width, height } = item.traits;
  if (
    typeof imageWidth !== 'number' ||
    typeof imageHeight !== 'number' ||
    width === undefined ||
    height === undefined
  ) {
    return null;
  }
  const isSame = (imageWidth === width && imageHeight === height) || (imageWidth === height && imageHeight === width);
  return isSame
    ? null
    : {
        code: 'wrong_answer',
        detail: `The reply is for an image of ${imageWidth} x ${imageHeight}; ${width} x ${height} was sent.`,
      };
}

function checkEmbedding(answer: unknown): Judgement {
  const embedding = readEmbedding(answer);
  return 'fault' in embedding
    ? { check: 'none', identity: null, fault: embedding.fault }
    : { check: 'consistency', identity: embeddingIdentity(embedding.numbers), fault: null };
}

/** A picture without any text or face is answered with empty lists. */
function checkTexts(answer: unknown, item: CorpusItem, options: AdapterOptions): Judgement {
  const texts = objectOf(answer)?.['text'];
  return Array.isArray(texts) && texts.every((text) => typeof text === 'string')
    ? checkImageId(imageIdInText(texts.join(' '), item), item, options)
    : unread('no_text', 'The field "ocr" of the reply has no field "text" with a list of strings.');
}

function checkFaces(answer: unknown): Judgement {
  return Array.isArray(answer) && answer.every((face) => objectOf(face) !== null)
    ? { check: 'consistency', identity: null, fault: null }
    : unread('no_faces', 'The field "facial-recognition" of the reply is no list of faces.');
}

function checkTask(task: PredictTask, answer: unknown, item: CorpusItem, options: AdapterOptions): Judgement {
  switch (task) {
    case 'clip':
      return checkEmbedding(answer);
    case 'ocr':
      return checkTexts(answer, item, options);
    case 'facial-recognition':
      return checkFaces(answer);
  }
}

export const predict: CallAdapter = {
  kind: 'call',
  id: 'predict',
  title:
    'Predictions on images and texts: POST /predict, multipart (model: ocr/NAME, clip/NAME, facial-recognition/NAME)',
  accepts: ['image/', 'text/plain'],

  request(item, options) {
    const { entries } = entriesFor(options.model, item);
    const input = item.mediaType.startsWith('text/')
      ? { name: 'text', fileName: null, mediaType: null, pieces: [{ item }] }
      : filePart('image', item);
    return formRequest(options.path ?? '/predict', item, [fieldPart('entries', JSON.stringify(entries)), input]);
  },

  judge(reply, item, options): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    const { task } = entriesFor(options.model, item);
    const answers = objectOf(read.value) ?? {};
    const answer = answers[task];
    if (answer === undefined || answer === null) {
      return unreadReply(reply, { code: 'empty_answer', detail: `The reply has no field "${task}".` });
    }
    const judgement = checkTask(task, answer, item, options);
    return judgedReply(reply, { ...judgement, fault: judgement.fault ?? sidesFault(answers, item) });
  },
};

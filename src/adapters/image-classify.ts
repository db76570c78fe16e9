import type { CallAdapter, ReplyCheck } from '../model/adapter.ts';
import { checkImageId } from './answers/image-identity.ts';
import { objectOf, readJsonReply } from './answers/json-reply.ts';
import { judgedReply, unreadReply } from './answers/judged-reply.ts';
import { multipartRequest } from './wire/multipart.ts';

const listKeys = ['predictions', 'labels', 'classes', 'results'] as const;

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') {
    return true;
  }
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  const object = objectOf(value);
  if (object === null) {
    return false;
  }
  return Object.keys(object).length === 0 || listKeys.some((key) => isEmptyList(object[key]));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The identity that the server read in the pixels; null if it gives none, or a name of its own. */
function imageIdIn(value: unknown): string | null {
  const id = objectOf(value)?.['image_id'];
  const text = typeof id === 'number' || typeof id === 'string' ? String(id) : '';
  return /^\d+$/.test(text) ? text : null;
}

export const imageClassify: CallAdapter = {
  kind: 'call',
  id: 'image-classify',
  title: 'Image classification: POST /v1/images/classify, multipart',
  accepts: ['image/'],

  request(item, options) {
    return multipartRequest(options.path ?? '/v1/images/classify', item);
  },

  judge(reply, item, options): ReplyCheck {
    const read = readJsonReply(reply);
    if ('fault' in read) {
      return unreadReply(reply, read.fault);
    }
    if (isEmpty(read.value)) {
      const detail = 'The reply names no class.';
      return judgedReply(reply, { check: 'consistency', identity: null, fault: { code: 'empty_answer', detail } });
    }
    return judgedReply(reply, checkImageId(imageIdIn(read.value), item, options));
  },
};

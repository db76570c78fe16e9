import type { AdapterOptions, HandOut, ReplyCheck } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';
import { checkImageId } from './image-identity.ts';
import { errorIn, type JsonObject, objectOf } from './json-reply.ts';
import { type Judgement, judgedReply, unreadReply } from './judged-reply.ts';

const noHeaders = { headers: {} };

/** The identity that the worker read in the pixels; null if it gives none, or a name of its own. */
function plantedIdIn(image: JsonObject | null): string | null {
  const id = image?.['planted_id'];
  const text = typeof id === 'number' || typeof id === 'string' ? String(id) : '';
  return /^\d+$/.test(text) ? text : null;
}

/** The name under which a task's image is given out. */
export function imageIdOf({ task }: HandOut): string {
  return `image-${task}`;
}

/** An image that bears another of our own names was mixed up, whatever is in its pixels. */
function mixedUpFault(image: JsonObject | null, handOut: HandOut): AnswerFault {
  const id = image?.['id'];
  const meant = imageIdOf(handOut);
  return typeof id === 'string' && id !== meant && /^image-\d+$/.test(id)
    ? { code: 'wrong_answer', detail: `The result is for ${id}; ${meant} was given out.` }
    : null;
}

function judge(result: JsonObject, handOut: HandOut, options: AdapterOptions): ReplyCheck {
  const images = result['source_images'];
  const image = Array.isArray(images) ? objectOf(images[0]) : null;
  const judgement: Judgement = checkImageId(plantedIdIn(image), handOut.item, options);
  return judgedReply(noHeaders, { ...judgement, fault: mixedUpFault(image, handOut) ?? judgement.fault });
}

/**
 * What a worker posted for one task. An empty list of detections is an answer: many an image honestly has none.
 * A result for what was never given out can be held against nothing.
 */
export function readTaskResult(
  result: unknown,
  handOut: HandOut | null,
  options: AdapterOptions,
): { check: ReplyCheck; bytes: number } {
  const object = objectOf(result);
  const bytes = object === null ? 0 : Buffer.byteLength(JSON.stringify(object));
  const error = errorIn(object);
  if (error !== null) {
    return { check: unreadReply(noHeaders, error), bytes };
  }
  if (object === null || handOut === null || !Array.isArray(object['detections'])) {
    const detail = 'The result has no list of detections.';
    return { check: unreadReply(noHeaders, { code: 'empty_answer', detail }), bytes };
  }
  return { check: judge(object, handOut, options), bytes };
}

import { parseJsonObject } from '../../json-body.ts';
import { RequestError } from '../../upload.ts';

const modes = ['walk', 'dense', 'compare'] as const;
export type InferMode = (typeof modes)[number];

export interface InferRequest {
  prompt: string;
  /** Predictions asked for. */
  top: number;
  mode: InferMode;
}

const defaultTop = 5;
const mostTop = 20;

/** `{"prompt", "top" 1 to 20, "mode"}`; throws `RequestError` with 400 on anything else. */
export function parseInferRequest(json: string): InferRequest {
  const { prompt, top = defaultTop, mode = 'dense' } = parseJsonObject(json);
  if (typeof prompt !== 'string' || prompt.trim() === '') {
    throw new RequestError(400, 'empty_prompt', 'The field "prompt" must be a text that is not empty.');
  }
  if (typeof top !== 'number' || !Number.isInteger(top) || top < 1 || top > mostTop) {
    throw new RequestError(400, 'invalid_top', `The field "top" must be a whole number from 1 to ${mostTop}.`);
  }
  const known = modes.find((one) => one === mode);
  if (known === undefined) {
    throw new RequestError(400, 'unknown_mode', `The field "mode" must be one of ${modes.join(', ')}.`);
  }
  return { prompt, top, mode: known };
}

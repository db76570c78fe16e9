import { RequestError } from '../../upload.ts';
import { modelKindOf, modelKinds } from './models.ts';

/** One model that a request wants to be run. */
export interface WantedModel {
  task: string;
  type: string;
  modelName: string;
}

/** Names are kept for as long as their models are, so they are short. */
const nameShape = /^[\w.:-]{1,100}$/;

function bad(message: string): RequestError {
  return new RequestError(422, 'invalid_entries', message);
}

function parseObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw bad(`${place} is no object.`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message would quote the request.
    throw bad('"entries" is no JSON.');
  }
}

function parseWanted(task: string, type: string, value: unknown): WantedModel {
  if (modelKindOf(task, type) === null) {
    const known = modelKinds.map((kind) => `${kind.task}/${kind.type}`);
    throw bad(`There is no such model among the "entries"; known are ${known.join(', ')}.`);
  }
  const { modelName, options } = parseObject(value, `"${task}" / "${type}"`);
  if (typeof modelName !== 'string' || !nameShape.test(modelName)) {
    throw bad(`"modelName" of "${task}" / "${type}" is no name of up to 100 letters, digits, dots and dashes.`);
  }
  if (options !== undefined) {
    parseObject(options, `"options" of "${task}" / "${type}"`);
  }
  return { task, type, modelName };
}

/** `{task: {type: {modelName, options}}}` to the models in their order. Throws `RequestError` 422. */
export function parseEntries(text: string | undefined): WantedModel[] {
  if (text === undefined) {
    throw bad('The form has no field "entries".');
  }
  const wanted = Object.entries(parseObject(parseJson(text), '"entries"')).flatMap(([task, types]) =>
    Object.entries(parseObject(types, 'A task of "entries"')).map(([type, value]) => parseWanted(task, type, value)),
  );
  if (wanted.length === 0) {
    throw bad('"entries" names no model.');
  }
  return wanted;
}

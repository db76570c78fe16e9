import type { ReplyView } from '../../model/adapter.ts';
import type { AnswerFault } from './answer-check.ts';
import { type JsonObject, objectOf, readJsonReply } from './json-reply.ts';

/** `texts`: the elements of BYTES, null for other types. `numbers`: of 32 and 64 bit floats, where NaN tells that a model has failed. */
export interface KserveOutput {
  name: string;
  texts: readonly string[] | null;
  numbers: readonly number[];
}

export type KserveReading = { outputs: readonly KserveOutput[] } | { fault: NonNullable<AnswerFault> };
type OutputReading = { output: KserveOutput } | { fault: NonNullable<AnswerFault> };

const elementBytes: Readonly<Record<string, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
};

interface Tensor {
  name: string;
  datatype: string;
  elements: number;
}

function fault(code: string, detail: string): { fault: NonNullable<AnswerFault> } {
  return { fault: { code, detail } };
}

function tensorOf(output: JsonObject): Tensor | null {
  const { name, datatype, shape } = output;
  const isShape = Array.isArray(shape) && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
  return typeof name === 'string' && typeof datatype === 'string' && isShape
    ? { name, datatype, elements: (shape as number[]).reduce((all, side) => all * side, 1) }
    : null;
}

function sizeFault({ name, elements }: Tensor, found: string): { fault: NonNullable<AnswerFault> } {
  return fault('wrong_shape', `The output "${name}" should have ${elements} elements; it has ${found}.`);
}

/** Elements of a length in 32 bits and so many bytes; null if the bytes end within one. */
function bytesElements(blob: Buffer): string[] | null {
  const texts: string[] = [];
  let at = 0;
  while (at < blob.length) {
    const end = at + 4 <= blob.length ? at + 4 + blob.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (end > blob.length) {
      return null;
    }
    texts.push(blob.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}

function floatsOf(datatype: string, blob: Buffer): number[] {
  const isWide = datatype === 'FP64';
  if (!isWide && datatype !== 'FP32') {
    return [];
  }
  const width = isWide ? 8 : 4;
  return Array.from({ length: blob.length / width }, (_, index) =>
    isWide ? blob.readDoubleLE(index * width) : blob.readFloatLE(index * width),
  );
}

function readBlob(tensor: Tensor, blob: Buffer): OutputReading {
  const { name, datatype, elements } = tensor;
  if (datatype === 'BYTES') {
    const texts = bytesElements(blob);
    return texts?.length === elements
      ? { output: { name, texts, numbers: [] } }
      : sizeFault(tensor, texts === null ? 'one that is cut' : `${texts.length}`);
  }
  const width = elementBytes[datatype];
  // A datatype that is not in the list may be an extension of the server's.
  return width === undefined || blob.length === elements * width
    ? { output: { name, texts: null, numbers: floatsOf(datatype, blob) } }
    : sizeFault(tensor, `${blob.length} bytes`);
}

function readData(tensor: Tensor, data: unknown): OutputReading {
  const { name, datatype, elements } = tensor;
  if (!Array.isArray(data)) {
    return fault('no_data', `The output "${name}" has neither data nor a size of binary data.`);
  }
  // The protocol allows data both flat and in the nesting of the shape.
  const flat: readonly unknown[] = (data as unknown[]).flat(Number.POSITIVE_INFINITY);
  if (flat.length !== elements) {
    return sizeFault(tensor, `${flat.length}`);
  }
  const isFloat = datatype === 'FP32' || datatype === 'FP64';
  return {
    output: {
      name,
      texts: datatype === 'BYTES' ? flat.filter((element) => typeof element === 'string') : null,
      numbers: isFloat ? flat.map((element) => (typeof element === 'number' ? element : Number.NaN)) : [],
    },
  };
}

/** The JSON of a reply and the bytes that follow it, which are none without the extension's header. */
function splitReply(reply: ReplyView, jsonBytes: number): { json: ReplyView; blobs: Buffer } {
  const { body } = reply;
  const rest = body.subarray(Math.min(jsonBytes, body.length));
  return {
    json: { ...reply, body: body.subarray(0, jsonBytes) },
    blobs: Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength),
  };
}

function readOutputs(list: readonly unknown[], blobs: Buffer): KserveReading {
  const outputs: KserveOutput[] = [];
  let at = 0;
  for (const held of list) {
    const output = objectOf(held);
    const tensor = output === null ? null : tensorOf(output);
    if (output === null || tensor === null) {
      return fault('no_tensor', 'An output of the reply lacks name, datatype or shape.');
    }
    const size = objectOf(output['parameters'])?.['binary_data_size'];
    const end = at + (typeof size === 'number' && size >= 0 ? size : 0);
    if (end > blobs.length) {
      return fault('truncated_answer', `The output "${tensor.name}" should end at byte ${end} of ${blobs.length}.`);
    }
    const read =
      typeof size === 'number' ? readBlob(tensor, blobs.subarray(at, end)) : readData(tensor, output['data']);
    if ('fault' in read) {
      return read;
    }
    outputs.push(read.output);
    at = end;
  }
  return { outputs };
}

/** Reads outputs of both forms; an output that is a tensor of nothing is an answer, no output is none. */
export function readKserveReply(reply: ReplyView, jsonBytes: number | null): KserveReading {
  const { json, blobs } = splitReply(reply, jsonBytes ?? reply.body.length);
  const read = readJsonReply(json);
  if ('fault' in read) {
    return read;
  }
  const list = objectOf(read.value)?.['outputs'];
  if (!Array.isArray(list)) {
    return fault('no_outputs', 'The reply has no field "outputs" with a list.');
  }
  if (list.length === 0) {
    return fault('empty_answer', 'The list of outputs is empty.');
  }
  return readOutputs(list, blobs);
}

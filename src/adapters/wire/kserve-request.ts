import type { Segment, WireRequest } from '../../model/adapter.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { jsonRequest } from './json-request.ts';

/** Header of the binary tensor data extension: bytes of JSON at the body's start. */
export const jsonLengthHeader = 'inference-header-content-length';

/** One input that takes the item, and how it goes. */
export interface KserveInput {
  name: string;
  datatype: 'BYTES' | 'UINT8';
  /** -1 stands for the number of bytes. */
  shape: readonly number[];
  /** The one output that is asked for; null: all. */
  output: string | null;
}

function shapeOf({ shape }: KserveInput, item: CorpusItem): number[] {
  return shape.map((side) => (side === -1 ? item.bytes : side));
}

/** The tensor behind the JSON. An element of BYTES is its length in 32 bits, little-endian, and its bytes. */
export function kserveBinary(path: string, item: CorpusItem, input: KserveInput): WireRequest {
  const lead = Buffer.alloc(input.datatype === 'BYTES' ? 4 : 0);
  if (lead.length > 0) {
    lead.writeUInt32LE(item.bytes);
  }
  const { name, datatype, output } = input;
  const parameters = { binary_data_size: lead.length + item.bytes };
  const asked =
    output === null
      ? { parameters: { binary_data_output: true } }
      : { outputs: [{ name: output, parameters: { binary_data: true } }] };
  const json = Buffer.from(
    JSON.stringify({ inputs: [{ name, shape: shapeOf(input, item), datatype, parameters }], ...asked }),
  );
  return {
    method: 'POST',
    path,
    headers: {
      accept: 'application/json, application/octet-stream',
      'content-type': 'application/octet-stream',
      [jsonLengthHeader]: String(json.length),
    },
    segments: [{ bytes: Buffer.concat([json, lead]) }, { item }],
  };
}

/** For servers without the extension: a text as it is, all else as base64, of which `content_type` tells. */
export function kserveJson(path: string, item: CorpusItem, input: KserveInput): WireRequest {
  const isText = item.mediaType.startsWith('text/');
  const { name, datatype, output } = input;
  const parameters = isText ? {} : { parameters: { content_type: 'base64' } };
  const head = JSON.stringify({ name, shape: shapeOf(input, item), datatype, ...parameters }).slice(0, -1);
  const segment: Segment = { item, encoding: isText ? 'json' : 'base64' };
  const asked = output === null ? '' : `,"outputs":[${JSON.stringify({ name: output })}]`;
  return jsonRequest(path, [`{"inputs":[${head},"data":["`, segment, `"]}]${asked}}`]);
}

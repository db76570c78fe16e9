import { describe, expect, it } from 'vitest';
import type { AdapterOptions, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { kserveV2 } from './kserve-v2.ts';

const clip = itemOf('RIFFabc', { mediaType: 'audio/wav', truth: { tokens: 'tere poze' } });
const image = itemOf(Uint8Array.of(255, 216, 255), { mediaType: 'image/jpeg', truth: { imageId: '77' } });
const text = itemOf('Say "lamp-tree-moon".', { truth: { answer: 'lamp-tree-moon' } });

function by(yaml: string, options = knowing): AdapterOptions {
  return { ...options, template: { text: yaml, fileName: 'model.yaml' } };
}

/** JSON, and blobs behind it. */
function binaryReply(outputs: readonly object[], blobs: readonly Uint8Array[]): ReplyView {
  const json = Buffer.from(JSON.stringify({ model_name: 'm', model_version: '1', outputs }));
  return replyOf(Buffer.concat([json, ...blobs]), {
    headers: { 'inference-header-content-length': String(json.length) },
  });
}

function output(datatype: string, shape: readonly number[], binaryBytes: number): object {
  return { name: 'OUT', datatype, shape, parameters: { binary_data_size: binaryBytes } };
}

function element(held: string): Buffer {
  const bytes = Buffer.from(held);
  return Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
}

const floats = (...numbers: number[]): Buffer => Buffer.from(Float32Array.from(numbers).buffer);
const json = (outputs: unknown): ReplyView => replyOf({ model_name: 'm', id: '', outputs });

describe('a request for an inference', () => {
  it('is JSON, a length and the bytes of the item', () => {
    const wire = kserveV2.request(clip, knowing);
    expect(wire.path).toBe('/v2/models/tiny%20%221%22/infer');
    const body = bodyOf(wire);
    const jsonBytes = Number(wire.headers['inference-header-content-length']);
    expect(wire.headers['content-type']).toBe('application/octet-stream');
    expect(JSON.parse(body.subarray(0, jsonBytes).toString())).toEqual({
      inputs: [{ name: 'INPUT', shape: [1, 1], datatype: 'BYTES', parameters: { binary_data_size: 11 } }],
      parameters: { binary_data_output: true },
    });
    expect(body.subarray(jsonBytes).equals(element('RIFFabc'))).toBe(true);
  });

  it('names the tensors of a template, whose -1 is the number of bytes', () => {
    const options = by('input: {name: IMAGE, datatype: UINT8, shape: [1, -1]}\noutput: LABEL\n');
    const wire = kserveV2.request(image, options);
    const jsonBytes = Number(wire.headers['inference-header-content-length']);
    const body = bodyOf(wire);
    expect(JSON.parse(body.subarray(0, jsonBytes).toString())).toEqual({
      inputs: [{ name: 'IMAGE', shape: [1, 3], datatype: 'UINT8', parameters: { binary_data_size: 3 } }],
      outputs: [{ name: 'LABEL', parameters: { binary_data: true } }],
    });
    expect([...body.subarray(jsonBytes)]).toEqual([255, 216, 255]);
  });

  it.each([
    ['a text as it is', text, undefined, 'Say "lamp-tree-moon".'],
    ['all else as base64', clip, { content_type: 'base64' }, 'UklGRmFiYw=='],
  ])('is JSON alone where the template says so, with %s', (_, item, parameters, data) => {
    const wire = kserveV2.request(
      item,
      by('{binary: false, input: {name: A, datatype: BYTES, shape: [1]}, output: B}'),
    );
    expect(wire.headers['inference-header-content-length']).toBeUndefined();
    expect(JSON.parse(bodyOf(wire).toString())).toEqual({
      inputs: [{ name: 'A', shape: [1], datatype: 'BYTES', ...(parameters && { parameters }), data: [data] }],
      outputs: [{ name: 'B' }],
    });
  });

  it.each([
    ['a key that is none', 'inptu: {}', 'model.yaml:1:1 inptu: there is no key "inptu" here.'],
    ['another datatype', 'input: {name: A, datatype: FP32}', 'model.yaml:1:18 input.datatype: must be BYTES or UINT8.'],
    ['two free sides', 'input: {name: A, datatype: UINT8, shape: [-1, -1]}', 'at most once'],
    [
      'bytes as numbers of JSON',
      'input: {name: A, datatype: UINT8}\nbinary: false',
      'model.yaml:2:1 binary: must be true',
    ],
  ])('is refused with %s in the template', (_, yaml, says) => {
    expect(() => kserveV2.request(clip, by(yaml))).toThrow(says);
  });
});

describe('an inference', () => {
  const good: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    [
      'planted words in binary',
      binaryReply([output('BYTES', [1], 13)], [element('tere poze')]),
      clip,
      knowing,
      'tokens',
    ],
    [
      'planted words in JSON',
      json([{ name: 'O', datatype: 'BYTES', shape: [1, 1], data: ['tere poze'] }]),
      clip,
      knowing,
      'tokens',
    ],
    [
      'prose where the target need not decode',
      json([{ name: 'O', datatype: 'BYTES', shape: [1], data: ['hi'] }]),
      clip,
      unknowing,
      'consistency',
    ],
    ['scores in binary', binaryReply([output('FP32', [1, 2], 8)], [floats(0.5, -1)]), image, knowing, 'consistency'],
    [
      'scores in JSON, flat',
      json([{ name: 'O', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] }]),
      image,
      knowing,
      'consistency',
    ],
    [
      'scores in JSON, nested',
      json([
        {
          name: 'O',
          datatype: 'FP32',
          shape: [2, 2],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      ]),
      image,
      knowing,
      'consistency',
    ],
    [
      'no box found, which is a tensor of nothing',
      binaryReply([output('FP32', [0, 4], 0)], []),
      image,
      unknowing,
      'consistency',
    ],
    [
      'some masked scores',
      binaryReply([output('FP32', [2], 8)], [floats(Number.NEGATIVE_INFINITY, 1)]),
      image,
      unknowing,
      'consistency',
    ],
    [
      'half floats and a datatype of its own',
      binaryReply([output('FP16', [3], 6), output('FP8', [3], 3)], [Buffer.alloc(9)]),
      image,
      unknowing,
      'consistency',
    ],
    [
      'the planted number in a label',
      json([{ name: 'O', datatype: 'BYTES', shape: [2], data: ['0.9:77', 'cat'] }]),
      image,
      knowing,
      'answer',
    ],
    [
      'the code word',
      json([{ name: 'O', datatype: 'BYTES', shape: [1], data: ['It is Lamp-Tree-Moon.'] }]),
      text,
      knowing,
      'answer',
    ],
    ['a mask that is longer than what is kept', replyOf('{"outputs":[{', { truncated: true }), image, knowing, 'none'],
  ];
  it.each(good)('is ok with %s', (_, view, item, options, check) => {
    expect(kserveV2.judge(view, item, options)).toMatchObject({ ok: true, check });
  });

  const bad: readonly [string, ReplyView, CorpusItem, string][] = [
    [
      'another clip answers',
      json([{ name: 'O', datatype: 'BYTES', shape: [1], data: ['tere pozo'] }]),
      clip,
      'wrong_answer',
    ],
    ['nothing was heard', binaryReply([output('BYTES', [1], 4)], [element('')]), clip, 'empty_answer'],
    [
      'another image answers',
      json([{ name: 'O', datatype: 'BYTES', shape: [1], data: ['78'] }]),
      image,
      'wrong_answer',
    ],
    ['the bytes end too early', binaryReply([output('FP32', [2], 8)], [floats(1)]), image, 'truncated_answer'],
    ['the bytes are fewer than the shape', binaryReply([output('FP32', [2], 4)], [floats(1)]), image, 'wrong_shape'],
    ['an element is cut', binaryReply([output('BYTES', [1], 6)], [element('abc').subarray(0, 6)]), clip, 'wrong_shape'],
    ['an element is missing', binaryReply([output('BYTES', [2], 5)], [element('a')]), clip, 'wrong_shape'],
    [
      'data are fewer than the shape',
      json([{ name: 'O', datatype: 'INT64', shape: [3], data: [1] }]),
      image,
      'wrong_shape',
    ],
    ['no number is one', binaryReply([output('FP32', [2], 8)], [floats(Number.NaN, Number.NaN)]), image, 'not_finite'],
    [
      'all numbers are null',
      json([{ name: 'O', datatype: 'FP64', shape: [2], data: [null, null] }]),
      image,
      'not_finite',
    ],
    ['there is no output', json([]), image, 'empty_answer'],
    ['outputs are missing', replyOf({ model_name: 'm' }), image, 'no_outputs'],
    ['an output has no shape', json([{ name: 'O', datatype: 'FP32' }]), image, 'no_tensor'],
    ['an output has no data', json([{ name: 'O', datatype: 'FP32', shape: [1] }]), image, 'no_data'],
    ['an error hides in it', replyOf({ error: 'in ensemble: out of memory' }), image, 'error_in_reply'],
    [
      'the header is longer than the body',
      replyOf('{"outp', { headers: { 'inference-header-content-length': '900' } }),
      image,
      'not_json',
    ],
  ];
  it.each(bad)('is no answer if %s', (_, view, item, code) => {
    expect(kserveV2.judge(view, item, knowing)).toMatchObject({ ok: false, code });
  });
});

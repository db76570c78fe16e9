import { describe, expect, it } from 'vitest';
import { RequestError } from '../../upload.ts';
import { parseEntries } from './entries.ts';

describe('parseEntries', () => {
  it('lists the models in their order', () => {
    const entries = {
      ocr: { detection: { modelName: 'PP-OCRv5', options: { minScore: 0.5 } }, recognition: { modelName: 'PP-OCRv5' } },
      clip: { visual: { modelName: 'ViT-B-32__openai' } },
    };
    expect(parseEntries(JSON.stringify(entries))).toEqual([
      { task: 'ocr', type: 'detection', modelName: 'PP-OCRv5' },
      { task: 'ocr', type: 'recognition', modelName: 'PP-OCRv5' },
      { task: 'clip', type: 'visual', modelName: 'ViT-B-32__openai' },
    ]);
  });

  const rows: readonly [why: string, text: string | undefined, words: string][] = [
    ['no field', undefined, 'no field'],
    ['no JSON', '{', 'no JSON'],
    ['a list', '[]', 'no object'],
    ['null', 'null', 'no object'],
    ['nothing wanted', '{}', 'no model'],
    ['a task without types', '{"ocr":{}}', 'no model'],
    ['a task that is no object', '{"ocr":1}', 'no object'],
    ['an unknown task', '{"depth":{"visual":{"modelName":"a"}}}', 'no such model'],
    ['an unknown type', '{"ocr":{"visual":{"modelName":"a"}}}', 'no such model'],
    ['a type of a prototype', '{"__proto__":{"detection":{"modelName":"a"}}}', 'no such model'],
    ['no name', '{"ocr":{"detection":{}}}', 'no name'],
    ['a name that is a number', '{"ocr":{"detection":{"modelName":3}}}', 'no name'],
    ['a name with a path in it', '{"ocr":{"detection":{"modelName":"../a"}}}', 'no name'],
    ['a long name', `{"ocr":{"detection":{"modelName":"${'a'.repeat(101)}"}}}`, 'no name'],
    ['options that are no object', '{"ocr":{"detection":{"modelName":"a","options":[]}}}', 'no object'],
  ];
  it.each(rows)('refuses %s with 422', (_why, text, words) => {
    const parse = (): unknown => parseEntries(text);
    expect(parse).toThrow(RequestError);
    expect(parse).toThrow(expect.objectContaining({ status: 422, message: expect.stringContaining(words) as unknown }));
  });
});

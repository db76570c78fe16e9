import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import type { AdapterOptions } from '../../model/adapter.ts';
import { damaged } from '../../testing/damaged.ts';
import { itemOf, replyOf, unknowing } from '../answers/reply.fixture.ts';
import { adapters } from '../index.ts';
import { pointedAt } from './json-pointer.ts';

const multipart = `path: /any
headers: {x-a: "{{item.id}}"}
parts:
  - {name: file, file: item}
  - {name: model, value: "{{model}}"}
reply:
  text: {pointer: /text}
  error: {regex: "error: (.*)"}
`;
const json = multipart.replace(/parts:\n.*\n.*\n/, 'body: \'{"a":"{{base64}}"}\'\n');
const kserve = 'path: /v2/models/m/infer\ninputs:\n  - {name: a, datatype: BYTES, shape: [1], from: item}\n';

const item = itemOf('RIFF', { mediaType: 'audio/wav', truth: { tokens: 'tere poze' }, traits: { audioSeconds: 2 } });
const asked = adapters.flatMap((adapter) =>
  adapter.kind === 'call' && ['generic-json', 'generic-multipart', 'kserve-v2'].includes(adapter.id) ? [adapter] : [],
);

describe.each(asked)('a template of $id', (adapter) => {
  it('that is damaged makes a request and judges a reply, or is refused with its file', () => {
    const reply = fc.oneof(fc.json(), fc.string());
    fc.assert(
      fc.property(damaged(multipart, json, kserve, ''), reply, (text, body) => {
        const options: AdapterOptions = { ...unknowing, template: { text, fileName: 'any.yaml' } };
        try {
          expect(adapter.request(item, options).path).toMatch(/^\//);
          expect(adapter.judge(replyOf(body), item, options).ok).toBeTypeOf('boolean');
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BenchError);
          expect((error as BenchError).message).toContain('any.yaml');
        }
      }),
      { numRuns: 80 },
    );
  });
});

describe('a JSON pointer', () => {
  it('leads to what stands there, by any names', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('a/b', '~', '~1', '__proto__', 'constructor', '0', '-'));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (names) => {
        const value = names.reduceRight<unknown>(
          (inner, key) => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(inner)}}`),
          7,
        );
        const pointer = names.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        expect(pointedAt(value, pointer)).toBe(7);
      }),
    );
  });

  it('to nowhere gives nothing, whatever the reply is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        expect(() => pointedAt(value, `/${text}`)).not.toThrow();
      }),
    );
    expect(pointedAt({}, '/constructor')).toBeUndefined();
  });
});

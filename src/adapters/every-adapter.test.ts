import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdapterOptions, CallAdapter, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { adapters } from './index.ts';

const template = {
  fileName: 'any.yaml',
  text: `path: /any
parts:
  - {name: file, file: item}
reply:
  text: {pointer: /text}
  error: {pointer: /error}
`,
};
const jsonTemplate = { ...template, text: template.text.replace(/parts:\n.*\n/, 'body: \'{"a":"{{base64}}"}\'\n') };
const templates: Readonly<Record<string, AdapterOptions['template']>> = {
  'generic-multipart': template,
  'generic-json': jsonTemplate,
};

const items: readonly CorpusItem[] = [
  itemOf('RIFF', { mediaType: 'audio/wav', truth: { tokens: 'tere poze' }, traits: { audioSeconds: 2 } }),
  itemOf('\u00ff\u00d8', { mediaType: 'image/jpeg', truth: { imageId: '7' }, traits: { width: 4, height: 3 } }),
  itemOf('Say lamp-tree-moon.', { truth: { answer: 'lamp-tree-moon' } }),
  itemOf('print(1)', { mediaType: 'text/x-python', truth: { stdout: '1\n', exitCode: '0' } }),
];

type Row = { id: string; adapter: CallAdapter; item: CorpusItem; options: AdapterOptions };

const rows: readonly Row[] = adapters.flatMap((adapter) =>
  adapter.kind === 'serve'
    ? []
    : items
        .filter(({ mediaType }) => adapter.accepts.some((prefix) => mediaType.startsWith(prefix)))
        .flatMap((item) =>
          [knowing, unknowing].map((options) => ({
            id: `${adapter.id} (${item.mediaType}, ${options.check})`,
            adapter,
            item,
            options: { ...options, template: templates[adapter.id] ?? null },
          })),
        ),
);

const text = 'x'.repeat(100_000);
const json = { 'content-type': 'application/json' };
const bad: readonly [string, ReplyView][] = [
  ['a reply of no bytes', replyOf('', { headers: json })],
  [
    'an HTML page',
    replyOf('<!DOCTYPE html><html><body>502 Bad Gateway</body></html>', { headers: { 'content-type': 'text/html' } }),
  ],
  ['JSON that is cut', replyOf('{"text":"tere po', { headers: json })],
  ['an error with a code', replyOf({ error: { code: 'oom', message: 'no memory' } }, { headers: json })],
  ['an error as text', replyOf({ error: 'CUDA out of memory' }, { headers: json })],
  [
    'an error with a number for its code',
    replyOf({ error: { code: 500, message: 'EngineCore died' } }, { headers: json }),
  ],
  ['an error text of 100 kB', replyOf({ error: { code: text, message: text } }, { headers: json })],
  ['an error that is one by its type', replyOf({ object: 'error', message: text, code: 400 }, { headers: json })],
];

describe.each(rows)('$id', ({ adapter, item, options }) => {
  it.each(bad)('does not take %s for an answer, and says why in a line', (_, view) => {
    const check = adapter.judge(view, item, options);
    expect(check.ok).toBe(false);
    if (!check.ok) {
      expect(check.code).toMatch(/^[a-z0-9_]{3,64}$|^x{64}$/);
      expect(check.detail.length).toBeLessThanOrEqual(600);
    }
  });

  it('knows how long its request is before it is sent, and sends the same bytes again', () => {
    const body = bodyOf(adapter.request(item, options));
    expect(body.length).toBeGreaterThan(0);
    expect(bodyOf(adapter.request(item, options)).equals(body)).toBe(true);
  });

  it('judges any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), fc.boolean(), (body, truncated) => {
        expect(typeof adapter.judge(replyOf(body, { truncated }), item, options).ok).toBe('boolean');
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(rows.filter(({ adapter }) => adapter.readStream !== undefined))('$id', ({ adapter, item, options }) => {
  it('reads any events without an exception', () => {
    const piece = fc.oneof(fc.string(), fc.json(), fc.constantFrom('[DONE]', '{"choices":[{}]}', '{"type":5}'));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(fc.string()), piece)), (events) => {
        const reader = adapter.readStream?.(item, options);
        for (const [name, data] of events) {
          expect(reader?.event(name, data)).toMatch(/^(content|other)$/);
        }
        expect(typeof reader?.judge().ok).toBe('boolean');
      }),
      { numRuns: 50 },
    );
  });
});

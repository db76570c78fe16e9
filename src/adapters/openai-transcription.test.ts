import { describe, expect, it } from 'vitest';
import type { AdapterOptions, ReplyView } from '../model/adapter.ts';
import type { CorpusItem } from '../model/corpus.ts';
import { openaiTranscription } from './openai-transcription.ts';

const planted = 'tere poze rino dako';
const options: AdapterOptions = { model: 'tiny "1"', check: 'tokens', path: null, stream: false, template: null };
const auto: AdapterOptions = { ...options, check: 'auto' };

function item(parts: Partial<CorpusItem> = {}): CorpusItem {
  return {
    id: 'clip-1',
    bytes: 3,
    sha256: null,
    mediaType: 'audio/wav',
    fileName: 'clip "1".wav',
    content: 'code',
    traits: {},
    truth: { tokens: planted },
    attachments: [],
    *chunks() {
      yield Buffer.from('abc');
    },
    ...parts,
  };
}

function reply(body: unknown, parts: Partial<ReplyView> = {}): ReplyView {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status: 200, headers: {}, body: Buffer.from(text), truncated: false, ...parts };
}

function bodyOf(of: CorpusItem): string {
  return openaiTranscription
    .request(of, options)
    .segments.map((segment) =>
      'item' in segment ? Buffer.concat([...segment.item.chunks()]).toString() : Buffer.from(segment.bytes).toString(),
    )
    .join('');
}

describe('a transcription request', () => {
  it('is a multipart form that the platform reads back', async () => {
    const wire = openaiTranscription.request(item(), options);
    expect(wire).toMatchObject({ method: 'POST', path: '/v1/audio/transcriptions' });
    const form = await new Response(bodyOf(item()), { headers: { ...wire.headers } }).formData();
    expect(form.get('model')).toBe('tiny "1"');
    expect(form.get('response_format')).toBe('json');
    const file = form.get('file') as unknown as { name: string; type: string; text(): Promise<string> };
    expect(file.name.replaceAll('%22', '"')).toBe('clip "1".wav');
    expect(file.type).toBe('audio/wav');
    expect(await file.text()).toBe('abc');
  });

  it('is the same bytes for the same item, with another boundary for another', () => {
    expect(bodyOf(item())).toBe(bodyOf(item()));
    expect(openaiTranscription.request(item({ id: 'clip-2' }), options).headers).not.toEqual(
      openaiTranscription.request(item(), options).headers,
    );
  });

  it('goes to the path that was given', () => {
    expect(openaiTranscription.request(item(), { ...options, path: '/inference' }).path).toBe('/inference');
  });
});

describe('a transcription reply', () => {
  const speech = item({ content: 'speech', truth: { text: 'The quick brown fox jumps.' } });
  const imported = item({ content: 'import', truth: {} });
  const good: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    ['the planted words', reply({ text: planted }), item(), options, 'tokens'],
    ['the planted words with other spacing', reply({ text: ` ${planted}\n` }), item(), options, 'tokens'],
    ['planted words where the target may not decode', reply({ text: planted }), item(), auto, 'tokens'],
    ['prose where the target need not decode', reply({ text: 'thank you for watching' }), item(), auto, 'consistency'],
    ['an empty text where nothing is known', reply({ text: '' }), item(), auto, 'consistency'],
    ['a text with extra fields and an empty error', reply({ text: planted, error: null }), item(), options, 'tokens'],
    ['speech with a few errors', reply({ text: 'the quick, brown socks jumps' }), speech, auto, 'words'],
    ['any text for a clip without truth', reply({ text: 'anything' }), imported, options, 'consistency'],
  ];
  it.each(good)('is ok with %s', (_, view, of, how, check) => {
    expect(openaiTranscription.judge(view, of, how)).toMatchObject({ ok: true, check });
  });

  it.each([
    { says: 'The quick brown fox jumps.', of: speech, words: { spoken: 5, errors: 0 } },
    { says: 'the quick, brown socks jumps', of: speech, words: { spoken: 5, errors: 1 } },
    { says: 'the brown fox jumps high', of: speech, words: { spoken: 5, errors: 2 } },
    {
      says: 'a quick fox',
      of: item({ content: 'import', truth: { text: 'A quick fox.' } }),
      words: { spoken: 3, errors: 0 },
    },
  ])('counts the wrong words of "$says"', ({ says, of, words }) => {
    expect(openaiTranscription.judge(reply({ text: says }), of, auto)).toMatchObject({ ok: true, words });
  });

  it('counts no words where only the shape could be checked', () => {
    expect(openaiTranscription.judge(reply({ text: 'x' }), imported, auto)).not.toHaveProperty('words');
  });

  const bad: readonly [string, ReplyView, CorpusItem, AdapterOptions, string][] = [
    ['another clip answers', reply({ text: 'tere poze rino doko' }), item(), options, 'wrong_answer'],
    ['another clip answers in the code', reply({ text: 'bebo poze rino doko' }), item(), auto, 'wrong_answer'],
    ['prose comes where the code is due', reply({ text: 'thank you' }), item(), options, 'wrong_answer'],
    ['nothing was heard', reply({ text: '' }), item(), options, 'empty_answer'],
    ['the end is missing', reply({ text: 'tere poze' }), item(), auto, 'truncated_answer'],
    ['a word is cut', reply({ text: 'tere poze ri' }), item(), options, 'wrong_answer'],
    ['it repeats itself', reply({ text: `${planted} ${planted}` }), item(), options, 'overlong_answer'],
    ['other speech is heard', reply({ text: 'something else was said here' }), speech, auto, 'wrong_answer'],
    ['speech is not heard', reply({ text: '' }), speech, auto, 'empty_answer'],
    ['an error hides in it', reply({ error: { code: 'oom', message: 'no memory' } }), item(), options, 'oom'],
    ['an error without a code hides in it', reply({ error: 'boom', text: planted }), item(), options, 'error_in_reply'],
    ['it has no text', reply({ segments: [] }), item(), options, 'no_text'],
    ['its text is no string', reply({ text: 5 }), item(), options, 'no_text'],
    ['it is no object', reply('null'), item(), options, 'no_text'],
    ['it is no JSON', reply('<html>'), item(), options, 'not_json'],
    ['it is empty', reply(''), item(), options, 'not_json'],
    [
      'it is longer than what is kept',
      reply({ text: planted }, { truncated: true }),
      item(),
      options,
      'reply_too_long',
    ],
  ];
  it.each(bad)('is no answer if %s', (_, view, of, how, code) => {
    expect(openaiTranscription.judge(view, of, how)).toMatchObject({ ok: false, code });
  });

  it('has a digest that spacing, case and punctuation do not change, and the route of its header', () => {
    const digest = (text: string): string | null =>
      openaiTranscription.judge(reply({ text }), imported, auto).answerDigest;
    expect(digest('Hello,  world.')).toBe(digest('hello world'));
    expect(digest('hello world')).toMatch(/^[0-9a-f]{16}$/);
    expect(digest('hello word')).not.toBe(digest('hello world'));
    const routed = reply({ text: planted }, { headers: { 'x-route': 'cold' } });
    expect(openaiTranscription.judge(routed, item(), options).route).toBe('cold');
  });

  it('does not compute the truth where it does not decide', () => {
    const lazy = item({
      truth: {
        get tokens(): string {
          throw new Error('read');
        },
      },
    });
    expect(openaiTranscription.judge(reply({ text: 'thank you' }), lazy, auto).ok).toBe(true);
  });

  it('compares an hour of speech by its first 500 words and its length, for more would hold the event loop', () => {
    const words = Array.from({ length: 9000 }, (_, index) => `word${index}`).join(' ');
    const hour = item({ content: 'speech', truth: { text: words } });
    expect(openaiTranscription.judge(reply({ text: words }), hour, auto)).toMatchObject({
      ok: true,
      check: 'words',
      words: { spoken: 500, errors: 0 },
    });
    expect(openaiTranscription.judge(reply({ text: words.slice(0, 9000) }), hour, auto).ok).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import type { AdapterOptions, ReplyView, WireRequest } from '../model/adapter.ts';
import { bodyOf, itemOf, knowing, replyOf, unknowing } from './answers/reply.fixture.ts';
import { genericJson } from './generic-json.ts';
import { genericMultipart } from './generic-multipart.ts';

const clip = itemOf('RIFF"ab', {
  mediaType: 'audio/wav',
  fileName: 'clip é.wav',
  traits: { audioSeconds: 2.5 },
  truth: { tokens: 'tere poze' },
});
const text = itemOf('Say "it".');
const sha256 = 'd3f1a59f2f3b7e4a';

function by(yaml: string, options: AdapterOptions = knowing): AdapterOptions {
  return { ...options, template: { text: yaml, fileName: 'ours.yaml' } };
}

function formOf(wire: WireRequest): Promise<FormData> {
  return new Response(bodyOf(wire), { headers: { ...wire.headers } }).formData();
}

const jsonYaml = `path: /models/{{model}}/run
headers: {X-Model: "{{model}}", X-File: "{{fileName}}"}
body: |
  {"audio": "data:{{mediaType}};base64,{{base64}}", "seconds": {{durationSeconds}},
   "digest": "{{ sha256 }}", "model": "{{model}}"}
reply:
  mediaTypes: [application/json]
  text: {pointer: /results/0/text}
  error: {pointer: /status/failure}
  usage: {pointer: /usage/tokens}
`;

const formYaml = `path: /asr
parts:
  - {name: model, value: "{{model}}"}
  - {name: audio, file: item, fileName: "a.wav", contentType: audio/x-wav}
  - {name: seconds, value: "{{durationSeconds}} s"}
  - {name: again, value: "<{{base64}}>"}
reply:
  text: {regex: 'said: (.*?)\\n'}
  error: {regex: 'ERROR .*'}
`;

describe('a request of JSON by a template', () => {
  it('has each placeholder in its place, escaped where it must be', () => {
    const wire = genericJson.request({ ...clip, sha256 }, by(jsonYaml));
    expect(wire.path).toBe('/models/tiny%20%221%22/run');
    expect(wire.headers).toMatchObject({ 'x-model': 'tiny "1"', 'x-file': 'clip %C3%A9.wav' });
    expect(JSON.parse(bodyOf(wire).toString())).toEqual({
      audio: `data:audio/wav;base64,${Buffer.from('RIFF"ab').toString('base64')}`,
      seconds: 2.5,
      digest: sha256,
      model: 'tiny "1"',
    });
    expect(genericJson.request(clip, { ...by(jsonYaml), path: '/other' }).path).toBe('/other');
  });

  it('streams the item, and computes its digest where it is not known', () => {
    const wire = genericJson.request(clip, by(jsonYaml));
    expect(wire.segments.filter((segment) => 'item' in segment)).toEqual([{ item: clip, encoding: 'base64' }]);
    expect(JSON.parse(bodyOf(wire).toString())).toMatchObject({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('holds a text escaped, and null for the duration of what has none', () => {
    const options = by('path: /x\nbody: \'{"q":"<{{text}}>","s":{{durationSeconds}}}\'');
    expect(JSON.parse(bodyOf(genericJson.request(text, options)).toString())).toEqual({ q: '<Say "it".>', s: null });
  });
});

describe('a form by a template', () => {
  it('has its parts in order, with names and types of their own', async () => {
    const wire = genericMultipart.request(clip, by(formYaml));
    expect(wire.path).toBe('/asr');
    const form = await formOf(wire);
    expect([...form.keys()]).toEqual(['model', 'audio', 'seconds', 'again']);
    expect(form.get('model')).toBe('tiny "1"');
    expect(form.get('seconds')).toBe('2.5 s');
    expect(form.get('again')).toBe(`<${Buffer.from('RIFF"ab').toString('base64')}>`);
    expect(form.get('audio')).toMatchObject({ name: 'a.wav', type: 'audio/x-wav', size: 7 });
  });

  it("takes the item's own name and type where the template has none, and a text as a field", async () => {
    const options = by('path: /x\nparts: [{name: f, file: item}, {name: t, value: "{{text}}"}]');
    const form = await formOf(genericMultipart.request(text, options));
    expect(form.get('f')).toMatchObject({ name: 'item-1.txt', type: 'text/plain' });
    expect(form.get('t')).toBe('Say "it".');
  });
});

describe('a template', () => {
  it.each([
    ['a key that is none', 'path: /x\nbdoy: "{}"', 'ours.yaml:2:1 bdoy: there is no key "bdoy" here.'],
    ['no path', 'body: "{}"', 'path: is missing.'],
    ['no body', 'path: /x', 'body: is missing.'],
    ['a path that does not begin with a slash', 'path: x\nbody: "{}"', 'ours.yaml:1:1 path: must begin with a slash'],
    [
      'an unknown placeholder',
      'path: /x\nbody: \'{"a":"{{bas64}}"}\'',
      'ours.yaml:2:1 body: has the placeholder {{bas64}}, which is not known here (did you mean {{base64}}?).',
    ],
    ['the item in the path', 'path: /{{text}}\nbody: "{}"', 'path: has the placeholder {{text}}'],
    [
      'a body that is no JSON',
      'path: /x\nbody: \'{"a": {{model}}}\'',
      'ours.yaml:2:1 body: must be JSON once its placeholders',
    ],
    [
      'a header that ends the message',
      'path: /x\nbody: "{}"\nheaders: {Content-Length: "3"}',
      'ours.yaml:3:11 headers.Content-Length: ',
    ],
    [
      'a header in two lines',
      'path: /x\nbody: "{}"\nheaders: {A: "b\\nc: d"}',
      'headers.A: must be one line of ASCII.',
    ],
    [
      'no pointer',
      'path: /x\nbody: "{}"\nreply: {text: {pointer: text}}',
      'ours.yaml:3:16 reply.text.pointer: must be a JSON pointer',
    ],
    ['no expression', 'path: /x\nbody: "{}"\nreply: {text: {regex: "("}}', 'ours.yaml:3:16 reply.text.regex: must be'],
    [
      'two extractors in one',
      'path: /x\nbody: "{}"\nreply: {text: {regex: a, pointer: /a}}',
      'must be one of {pointer',
    ],
    ['YAML that is none', 'path: [', 'ours.yaml:1:'],
  ])('is refused with %s', (_, yaml, says) => {
    expect(() => genericJson.request(clip, by(yaml))).toThrow(says);
    expect(() => genericJson.request(clip, by(yaml))).toThrow(BenchError);
  });

  it.each([
    ['no part', 'path: /x\nparts: []', 'ours.yaml:2:1 parts: must have at least one part.'],
    [
      'a part of both kinds',
      'path: /x\nparts: [{name: a, value: b, file: item}]',
      'parts[0]: must be one of {name, value}',
    ],
    ['a file from the disk', 'path: /x\nparts: [{name: a, file: /etc/passwd}]', 'parts[0]'],
  ])('of a form is refused with %s', (_, yaml, says) => {
    expect(() => genericMultipart.request(clip, by(yaml))).toThrow(says);
  });

  it.each([
    ['in single braces', '{"q": "{prompt}"}', '"{prompt}" is sent as it stands (did you mean {{text}}?)'],
    ['of a shell', `{"q": "$\{text}"}`, `"$\{text}" is sent as it stands`],
    ['of a shell, in capitals', '{"q": "$TEXT"}', '"$TEXT" is sent as it stands'],
    ['in angles', '{"q": "<text>"}', '"<text>" is sent as it stands'],
    ['that names only the model, which never changes', '{"q": "{{model}}"}', 'has no placeholder of the item.'],
    ['that is not there', '{"q": "hello", "n": {"a": 1}}', 'would send the same bytes every time'],
  ])('of JSON is refused with a placeholder %s', (_, body, says) => {
    const options = by(`path: /x\nbody: '${body}'`);
    expect(() => genericJson.request(text, options)).toThrow(says);
    expect(() => genericJson.request(text, options)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        hint: 'For text/plain there are {{text}}, {{base64}}, {{model}}, {{fileName}}, {{mediaType}}, {{sha256}}; to send the same bytes on purpose, add "constant: true".',
      }) as Error,
    );
  });

  it('of a form without the item is refused, and names what sound has', () => {
    const options = by('path: /x\nparts: [{name: a, value: "<audio>"}]');
    expect(() => genericMultipart.request(clip, options)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('{{durationSeconds}}') as string }) as Error,
    );
    expect(() => genericMultipart.request(clip, options)).toThrow('"<audio>" is sent as it stands');
  });

  it.each([
    ['the item in a header', 'path: /x\nbody: "{}"\nheaders: {X-Item: "{{sha256}}"}'],
    ['the item in its path', 'path: /x/{{fileName}}\nbody: "{}"'],
    ['braces of its own beside the item', 'path: /x\nbody: \'{"q": "{name}: {{text}}"}\''],
    ['the word that it is meant', 'path: /x\nbody: \'{"q": "{prompt}"}\'\nconstant: true'],
  ])('is taken with %s', (_, yaml) => {
    expect(genericJson.request({ ...text, sha256 }, by(yaml)).method).toBe('POST');
  });

  it('is not taken with a constant that is not true', () => {
    expect(() => genericJson.request(text, by('path: /x\nbody: "{}"\nconstant: maybe'))).toThrow(
      'ours.yaml:3:1 constant: must be true, or not there.',
    );
  });

  it.each([genericJson, genericMultipart])('is needed', (adapter) => {
    expect(() => adapter.request(clip, knowing)).toThrow(/has no template/);
  });
});

describe('a reply by a template', () => {
  const json = { headers: { 'content-type': 'application/json; charset=utf-8' } };
  const said = (held: unknown, rest: object = {}): ReplyView => replyOf({ results: [{ text: held }], ...rest }, json);

  it('is checked as what was sent, and its usage counted', () => {
    expect(genericJson.judge(said('tere poze', { usage: { tokens: '7' } }), clip, by(jsonYaml))).toMatchObject({
      ok: true,
      check: 'tokens',
      outputTokens: 7,
    });
    expect(genericJson.judge(said('prose'), clip, by(jsonYaml, unknowing))).toMatchObject({
      ok: true,
      check: 'consistency',
      outputTokens: null,
    });
  });

  it.each([
    ['another clip answers', said('tere pozo'), 'wrong_answer'],
    ['its text is not there', replyOf({ results: [] }, json), 'no_text'],
    ['its error is there', said('tere poze', { status: { failure: 'no memory' } }), 'error_in_reply'],
    ['its error has a code', said('tere poze', { status: { failure: { code: 'oom' } } }), 'oom'],
    [
      'it is of another type',
      replyOf('tere poze', { headers: { 'content-type': 'text/plain' } }),
      'unexpected_media_type',
    ],
    ['it is of no type', replyOf({ results: [] }), 'unexpected_media_type'],
    ['it is longer than what is kept', replyOf('{', { ...json, truncated: true }), 'reply_too_long'],
    ['it is cut', replyOf('{"results":', json), 'not_json'],
    ['it is empty', replyOf('', json), 'empty_answer'],
  ])('is no answer if %s', (_, view, code) => {
    expect(genericJson.judge(view, clip, by(jsonYaml))).toMatchObject({ ok: false, code });
  });

  it.each([
    ['an empty error field', said('tere poze', { status: { failure: '' } })],
    ['an error field of null', said('tere poze', { status: { failure: null }, error: null })],
  ])('is ok with %s', (_, view) => {
    expect(genericJson.judge(view, clip, by(jsonYaml)).ok).toBe(true);
  });

  it.each([
    ['said: tere poze\nbye', true, 'tokens'],
    ['said: tere pozo\nbye', false, 'tokens'],
    ['ERROR no memory\nsaid: tere poze\n', false, 'none'],
    ['hello', false, 'none'],
  ])('is read by expressions: %j', (body, ok, check) => {
    expect(genericMultipart.judge(replyOf(body), clip, by(formYaml))).toMatchObject({ ok, check });
  });

  it('is any reply that is no error and no page where no rules are given', () => {
    const options = by('path: /x\nbody: "{}"');
    expect(genericJson.judge(replyOf({ a: 1 }), clip, options)).toMatchObject({ ok: true, check: 'consistency' });
    expect(genericJson.judge(replyOf('[[1,', { truncated: true }), clip, options)).toMatchObject({
      ok: true,
      check: 'none',
    });
    expect(genericJson.judge(replyOf('<html>'), clip, options)).toMatchObject({ ok: false, code: 'not_an_answer' });
  });
});

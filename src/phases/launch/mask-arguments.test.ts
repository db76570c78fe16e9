import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskArguments } from './mask-arguments.ts';

describe('maskArguments', () => {
  it.each([
    { why: 'a header', argv: ['--header', 'Authorization: Bearer sk-1'], kept: ['--header', 'Authorization: ***'] },
    { why: 'a header in one word', argv: ['--header=X-Key: sk-1'], kept: ['--header=X-Key: ***'] },
    { why: 'a token', argv: ['--jobs-token', 'sk-1'], kept: ['--jobs-token', '***'] },
    { why: 'a token in one word', argv: ['--jobs-token=sk-1'], kept: ['--jobs-token=***'] },
    { why: 'a URL', argv: ['--target', 'http://me:sk-1@host/'], kept: ['--target', 'http://***@host/'] },
    { why: 'a URL in one word', argv: ['--target=http://me:sk-1@host/'], kept: ['--target=http://***@host/'] },
    {
      why: 'an option of the command of --exec',
      argv: ['--exec', 'vllm serve m --api-key sk-1 --port 8000'],
      kept: ['--exec', 'vllm serve m --api-key *** --port 8000'],
    },
    {
      why: 'assignments and quotes in the command of --exec',
      argv: [`--exec=HF_TOKEN=sk-1 serve --auth="sk 1" -H 'X-Key: sk-1'`],
      kept: [`--exec=HF_TOKEN=*** serve --auth=*** -H 'X-Key: ***'`],
    },
    {
      why: 'a value of a query',
      argv: ['--metrics', 'http://host/m?format=text&access_token=sk-1&n=2'],
      kept: ['--metrics', 'http://host/m?format=text&access_token=***&n=2'],
    },
    { why: 'nothing', argv: ['run', 'smoke', '--scale', '0.1'], kept: ['run', 'smoke', '--scale', '0.1'] },
  ])('hides $why', ({ argv, kept }) => {
    expect(maskArguments(argv)).toEqual(kept);
  });

  /** Long and random enough not to stand in an argument by chance; letters that a shell, a URL and a header keep. */
  const secret = fc.stringMatching(/^[A-Za-z0-9_.~-]{12,40}$/).filter((text) => !text.startsWith('-'));
  const quoted = fc.constantFrom('', "'", '"');

  it('lets no secret through, wherever one is given', () => {
    fc.assert(
      fc.property(secret, quoted, fc.boolean(), (text, quote, isOneWord) => {
        const given: readonly (readonly [string, string])[] = [
          ['--header', `Authorization: Bearer ${text}`],
          ['--jobs-token', text],
          ['--target', `https://user:${text}@host:8000/v1`],
          ['--metrics', `http://${text}@host/metrics`],
          ['--metrics', `http://host/metrics?all=1&api_key=${text}&plain=1`],
          ['--exec', `serve --hook http://host/done?token=${text}`],
          ['--prometheus', `http://p:${text}@host`],
          ['--exec', `serve --api-key ${quote}${text}${quote} --port 1`],
          ['--exec', `HF_TOKEN=${quote}${text}${quote} serve`],
          ['--exec', `serve --db http://me:${text}@host/x`],
        ];
        const argv = given.flatMap(([name, value]) => (isOneWord ? [`${name}=${value}`] : [name, value]));
        expect(maskArguments(argv).join(' ')).not.toContain(text);
      }),
    );
  });
});

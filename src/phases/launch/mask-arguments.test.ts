import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskArguments, maskCommand, maskCommandLine } from './mask-arguments.ts';
import { splitCommandLine } from './split-command-line.ts';

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
      argv: [`--exec=env HF_TOKEN=sk-1 serve --auth="sk 1" -H 'X-Key: sk-1'`],
      kept: [`--exec=env HF_TOKEN=*** serve --auth=*** -H 'X-Key: ***'`],
    },
    {
      why: 'a value of a query',
      argv: ['--metrics', 'http://host/m?format=text&access_token=sk-1&n=2'],
      kept: ['--metrics', 'http://host/m?format=text&access_token=***&n=2'],
    },
    {
      why: 'a signature of a query',
      argv: ['--metrics', 'http://host/m?X-Amz-Signature=sk-1&sig=sk-1'],
      kept: ['--metrics', 'http://host/m?X-Amz-Signature=***&sig=***'],
    },
    {
      why: 'the words behind --',
      argv: ['watch', '--target', 'http://h', '--', 'k6', '-e', 'API_KEY=sk-1', '--token', 'sk-1'],
      kept: ['watch', '--target', 'http://h', '--', 'k6', '-e', 'API_KEY=***', '--token', '***'],
    },
    { why: 'nothing', argv: ['run', 'smoke', '--scale', '0.1'], kept: ['run', 'smoke', '--scale', '0.1'] },
  ])('hides $why', ({ argv, kept }) => {
    expect(maskArguments(argv)).toEqual(kept);
  });

  /** Long and random enough not to stand in an argument by chance; letters that a shell, a URL and a header keep. */
  const secret = fc.stringMatching(/^[A-Za-z0-9_.~-]{12,40}$/).filter((text) => !text.startsWith('-'));
  const quoted = fc.constantFrom('', "'", '"');
  const places = (text: string, quote: string): readonly (readonly [string, string])[] => [
    ['--header', `Authorization: Bearer ${text}`],
    ['--header', `X-Anything:${text}`],
    ['--jobs-token', text],
    ['--target', `https://user:${text}@host:8000/v1`],
    ['--target', `http://user:p@${text}@host:8000/v1`],
    ['--target', `HTTP:user:${text}@host:8000/v1`],
    ['--metrics', `http://${text}@host/metrics`],
    ['--metrics', `http://host/metrics?all=1&api_key=${text}&plain=1`],
    ['--metrics', `http://host/metrics?X-Amz-Signature=${text}#access_token=${text}`],
    ['--exec', `serve --hook http://host/done?token=${text}`],
    ['--prometheus', `http://p:${text}@host`],
    ['--exec', `serve --api-key ${quote}${text}${quote} --port 1`],
    ['--exec', `HF_TOKEN=${quote}${text}${quote} serve`],
    ['--exec', `env ${quote}HF_TOKEN=${text}${quote} serve`],
    ['--exec', `serve --db http://me:${text}@host/x`],
    ['--exec', `serve --db postgres://me:a#${text}@host/x`],
    ['--exec', `sh -c 'cd /x; API_KEY=${text} exec serve'`],
    ['--exec', `sh -c 'export A="1" API_KEY="a ${text}"; serve'`],
    ['--exec', `sh -c "serve --api-key '${text} b'"`],
    ['--exec', `sh -c 'curl -H "Authorization: Bearer ${text}" http://h'`],
    ['--exec', `serve --config '{"api_key": "${text}", "n": 1}'`],
    ['--exec', `serve --config={\\"auth_token\\":\\"${text}\\"}`],
    ['--exec', `curl -u me:${text} -HX-Key:${text} --header=X-Key:${text}`],
    ['--exec', `serve --api-key a\\ ${text}`],
  ];

  it('lets no secret through, wherever one is given, and hears each', () => {
    fc.assert(
      fc.property(secret, quoted, fc.boolean(), (text, quote, isOneWord) => {
        for (const [name, value] of places(text, quote)) {
          const heard: string[] = [];
          const masked = maskArguments(isOneWord ? [`${name}=${value}`] : [name, value], (one) => heard.push(one));
          expect(masked.join(' '), value).not.toContain(text);
          expect(
            heard.some((one) => one.includes(text)),
            value,
          ).toBe(true);
        }
      }),
    );
  });

  it('leaves alone what is masked already, so that a kept command line can be checked', () => {
    fc.assert(
      fc.property(secret, quoted, (text, quote) => {
        const masked = maskArguments(places(text, quote).flat());
        expect(maskArguments(masked)).toEqual(masked);
      }),
    );
  });
});

describe('maskCommandLine', () => {
  it.each([
    'vllm serve m --max-num-batched-tokens 8192 --tokenizer mistral --tokenizer-mode=auto',
    'docker run --user 1000:1000 registry:5000/vllm:v1@sha256:ab -p 8000:8000',
    `sh -c 'exec serve --name "two words"'`,
    'python -u server.py --max-tokens=4096',
  ])('keeps %j as it is, since nothing in it is a secret', (text) => {
    expect(maskCommandLine(text)).toBe(text);
  });

  it('gives a line that splits into the same words but for the secrets', () => {
    const line = `env A=1 serve --name 'it'\\''s two' --api-key sk-1 "$"`;
    expect(splitCommandLine(maskCommandLine(line))).toEqual(
      splitCommandLine(line).map((word) => (word === 'sk-1' ? '***' : word)),
    );
  });
});

describe('maskCommand', () => {
  it.each([
    [
      ['-H', 'Authorization: Bearer s3cret'],
      ['-H', 'Authorization: ***'],
    ],
    [
      ['--header', 'X-Key: s3cret'],
      ['--header', 'X-Key: ***'],
    ],
    [
      ['--api-key', 's3cret'],
      ['--api-key', '***'],
    ],
    [['--api-key=s3cret'], ['--api-key=***']],
    [
      ['-e', 'HF_TOKEN=s3cret'],
      ['-e', 'HF_TOKEN=***'],
    ],
    [['http://user:s3cret@host/x'], ['http://***@host/x']],
    [
      ['--token', '--other'],
      ['--token', '--other'],
    ],
    [
      ['--out', 'json=k6.json', '--vus', '4'],
      ['--out', 'json=k6.json', '--vus', '4'],
    ],
  ])('makes %j into %j', (argv, masked) => {
    expect(maskCommand(argv)).toEqual(masked);
  });
});

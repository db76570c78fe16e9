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
    { why: 'nothing', argv: ['run', 'smoke', '--scale', '0.1'], kept: ['run', 'smoke', '--scale', '0.1'] },
  ])('hides $why', ({ argv, kept }) => {
    expect(maskArguments(argv)).toEqual(kept);
  });
});

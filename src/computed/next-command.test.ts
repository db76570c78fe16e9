import { describe, expect, it } from 'vitest';
import { nextCommand } from './next-command.ts';

const profile = { name: 'capacity-search', adapter: 'openai-transcription', corpus: 'stt-longform' };

describe('the next command', () => {
  it.each([
    {
      why: 'keeps target and options, and names the adapter and the corpus that were used',
      argv: ['run', 'capacity-search', '--target', 'http://127.0.0.1:8000', '--scale', '0.2'],
      says: 'bench run leak-rounds --target http://127.0.0.1:8000 --scale 0.2 --adapter openai-transcription --corpus stt-longform',
    },
    {
      why: 'does not name them twice, nor the run itself',
      argv: ['run', '--adapter=infer', 'mine/capacity-search.yaml', '--corpus', 'x', '--run-id', 'one', '--repeats=2'],
      says: 'bench run leak-rounds --adapter=infer --corpus x',
    },
    {
      why: 'quotes what a shell would take apart',
      argv: ['run', 'capacity-search', '--exec', 'python3 -m server'],
      says: "bench run leak-rounds --exec 'python3 -m server' --adapter openai-transcription --corpus stt-longform",
    },
    { why: 'is none after another command', argv: ['watch', '--', 'k6'], says: null },
    { why: 'is none without the profile', argv: ['run', 'other'], says: null },
  ])('$why', ({ argv, says }) => {
    expect(nextCommand(argv, profile, 'leak-rounds')).toBe(says);
  });
});

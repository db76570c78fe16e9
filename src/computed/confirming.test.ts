import { describe, expect, it } from 'vitest';
import { manifest } from '../testing/build-manifest.ts';
import { confirmingCommand } from './confirming.ts';

const load = '--adapter openai-transcription --corpus clips';

describe('the command that confirms what each request keeps', () => {
  it.each([
    {
      why: 'has the target of the run',
      argv: ['run', 'trial', '--target', 'http://127.0.0.1:8000'],
      says: `bench run leak-rounds --target http://127.0.0.1:8000 ${load}`,
    },
    {
      why: 'keeps what finds and reads the target, and quotes it',
      argv: ['run', '--exec', 'serve --port 1', 'trial', '--health=/livez', '--scale', '0.1'],
      says: `bench run leak-rounds --exec 'serve --port 1' --health=/livez --scale 0.1 ${load}`,
    },
    {
      why: 'leaves out what was of that run, or is told anew',
      argv: ['run', 'own.yaml', '--corpus', 'other', '--adapter=infer', '--run-id', 'a', '--json', '--target', 'x'],
      says: `bench run leak-rounds --target x ${load}`,
    },
    {
      why: 'knows the profile from the recipe of a corpus',
      argv: ['run', '--corpus', '/x/own.yaml', 'trial', '--target', 'x'],
      says: `bench run leak-rounds --target x ${load}`,
    },
  ])('$why', ({ argv, says }) => {
    expect(confirmingCommand(manifest({ argv }))).toBe(says);
  });

  it("names the target alone where another tool's load was watched", () => {
    expect(confirmingCommand(manifest({ argv: ['watch', '--target', 'x', '--', 'k6'], adapter: 'none' }))).toBe(
      'bench run leak-rounds --target http://127.0.0.1:8000',
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { damaged } from '../testing/damaged.ts';
import { commonKnobs, parseKnob } from './knobs.ts';
import { leastFree, readMemoryBounds } from './memory.ts';
import { parseOptions } from './options.ts';
import { parseChat } from './services/model-cache/chat.ts';
import { parseEntries } from './services/model-cache/entries.ts';
import { parseExecuteRequest } from './services/sandbox/execute-request.ts';
import { parseInferRequest } from './services/weights/infer-request.ts';
import { RequestError } from './upload.ts';

const code = JSON.stringify({ code: 'print(1)', timeout: 5, language: 'python' });
const infer = JSON.stringify({ prompt: 'The capital', top: 3, mode: 'dense' });
const chat = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] });
const entries = JSON.stringify({ ocr: { detection: { modelName: 'a', options: {} } } });

describe('the body of a request', () => {
  it.each([
    ['code to run', parseExecuteRequest],
    ['a prompt', parseInferRequest],
    ['a chat', parseChat],
    ['models', parseEntries],
  ] as const)('as %s is read, or refused with a status of the client', (_what, parse) => {
    const deep = `${'{"prompt":'.repeat(5000)}1${'}'.repeat(5000)}`;
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged(code, infer, chat, entries, deep, '')), (text) => {
        try {
          expect(parse(text)).toBeTypeOf('object');
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(RequestError);
          expect((error as RequestError).status).toBeGreaterThanOrEqual(400);
          expect((error as RequestError).status).toBeLessThan(500);
        }
      }),
    );
  });
});

describe('what the server is started with', () => {
  it('as options is taken, or refused in one line', () => {
    const flag = fc.constantFrom('--port', '--knob', '--fault', '--fix', '--vram', '--device', '--time-scale');
    const value = damaged('8000', 'manager-s=0.5', 'ungated-pool', '800MiB', 'virtual', '0.25', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(flag, value), { maxLength: 3 }), (pairs) => {
        try {
          expect(parseOptions(pairs.flat()).port).toBeGreaterThanOrEqual(0);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BenchError);
        }
      }),
    );
  });

  it('as a knob is of the kind of its default, or refused', () => {
    fc.assert(
      fc.property(damaged('manager-s=0.5', 'context-mib=512', 'constructor=1', ''), (text) => {
        try {
          const values = Object.values(parseKnob(commonKnobs, text));
          expect(values.filter((given) => !(typeof given === 'number' && given >= 0))).toEqual([]);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BenchError);
        }
      }),
    );
  });

  it('as bounds on memory is finite numbers, and an empty file is no limit of 0', () => {
    const files: Readonly<Record<string, string>> = {
      '/proc/meminfo': 'MemTotal:  16384 kB\nMemAvailable:  9000 kB\n',
      '/proc/self/cgroup': '4:memory:/a\n0::/b\n',
      '/sys/fs/cgroup/b/memory.max': '734003200\n',
      '/sys/fs/cgroup/b/memory.current': '1000\n',
      '/sys/fs/cgroup/b/memory.stat': 'inactive_file 10\nactive_file 5\n',
      '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': '734003200\n',
      '/sys/fs/cgroup/memory/a/memory.usage_in_bytes': '1000\n',
    };
    const paths = Object.keys(files);
    const change = fc
      .constantFrom(...paths)
      .chain((path) => damaged(files[path] ?? '', '').map((text) => [path, text] as const));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
        const given = { ...files, ...Object.fromEntries(changes) };
        const bounds = readMemoryBounds((path) => given[path] ?? null);
        const numbers = bounds.flatMap(({ limitBytes, freeBytes }) => [limitBytes, freeBytes]);
        expect(numbers.filter((bytes) => !Number.isFinite(bytes))).toEqual([]);
        const free = leastFree(bounds);
        expect(free === null || Number.isFinite(free.spareBytes)).toBe(true);
      }),
    );
    const emptied = readMemoryBounds((path) => (path.endsWith('memory.max') ? '' : (files[path] ?? null)));
    expect(emptied.map(({ limitBytes }) => limitBytes)).not.toContain(0);
  });
});

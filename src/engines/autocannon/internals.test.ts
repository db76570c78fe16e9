import { describe, expect, it } from 'vitest';
import { BenchError } from '../../base/errors.ts';
import { type Autocannon, type AutocannonClient, checkInternals, loadAutocannon } from './internals.ts';

/** The installed class, with one of its insides changed after it was made. */
function changed(change: (client: AutocannonClient) => void): Autocannon {
  const { Client } = loadAutocannon();
  class Changed extends Client {
    constructor(options: ConstructorParameters<typeof Client>[0]) {
      super(options);
      change(this);
    }
  }
  return { Client: Changed, version: '9.1.0' };
}

function errorOf(run: () => unknown): BenchError {
  try {
    run();
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the insides of autocannon', () => {
  it('are as the engine uses them, in the installed version', () => {
    expect(() => checkInternals(loadAutocannon())).not.toThrow();
  });

  const changes: readonly [string, (client: AutocannonClient) => void, RegExp][] = [
    [
      'a queue of another kind',
      (client) => {
        client.pipelinedRequests = { ...client.pipelinedRequests, terminateRequest: () => ({ headers: {} }) };
      },
      /the end of a reply is told in another way/,
    ],
    [
      'a parser that does not begin anew',
      ({ parser }) => {
        parser.initialize = () => undefined;
      },
      /ends one reply again and again/,
    ],
    [
      'a head that nobody is told of',
      (client) => {
        client.pipelinedRequests = { ...client.pipelinedRequests, setHeaders: () => undefined };
      },
      /a reply is told in another way/,
    ],
    [
      'a part that is gone',
      (client) => {
        Reflect.set(client, 'parser', null);
      },
      /works in another way inside than this engine needs: Cannot read properties of null/,
    ],
  ];
  it.each(changes)('fail loudly with the version: %s', (_, change, message) => {
    const error = errorOf(() => checkInternals(changed(change)));
    expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', exitCode: 5 });
    expect(error.message).toMatch(/^autocannon 9\.1\.0 works in another way/);
    expect(error.message).toMatch(message);
    expect(error.hint).toContain('--engine native');
  });

  it('are missed in one line where the package is not installed', () => {
    const error = errorOf(() =>
      loadAutocannon(() => {
        throw new Error("Cannot find module 'autocannon/package.json'\nRequire stack:\n- somewhere");
      }),
    );
    expect(error.code).toBe('ENGINE_UNAVAILABLE');
    expect(error.message).toBe("autocannon cannot be loaded: Cannot find module 'autocannon/package.json'.");
  });
});

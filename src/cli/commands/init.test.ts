import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../config-file.ts';
import { createProgram } from '../program.ts';
import { withSettings } from '../settings.ts';
import { type InitOptions, initCommand } from './init.ts';

const workflow = '.github/workflows/headroom.yml';
const home = process.cwd();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  process.chdir(folder);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const options = (given: Partial<InitOptions>): InitOptions => ({ yes: false, force: false, ...given });
const silent = () => ({ input: Object.assign(new PassThrough(), { isTTY: false }), output: new PassThrough() });

/** A terminal on which somebody answers each question when it is asked. */
function terminalOf(answers: readonly (string | null)[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const left = [...answers];
  let asked = '';
  output.on('data', (part: Buffer) => {
    asked += part.toString();
    if (part.toString().endsWith(': ')) {
      const answer = left.shift() ?? null;
      if (answer === null) {
        input.end();
      } else {
        input.write(`${answer}\n`);
      }
    }
  });
  return { input, output, asked: () => asked };
}

/** The arguments that bench run has in this folder. */
function argumentsOfRun(): readonly string[] {
  const program = createProgram(() => undefined);
  const file = parseConfig(readFileSync('bench.yaml', 'utf8'), 'bench.yaml', program);
  return withSettings(program, ['run'], { file, environment: {} }).argv;
}

describe('bench init', () => {
  it('asks four questions and writes what was answered', async () => {
    const terminal = terminalOf(['http://127.0.0.1:9000', 'chat', '2GiB', 'yes']);
    expect(await initCommand(options({}), terminal)).toBe(0);
    expect(terminal.asked().match(/: $|: (?=\S+ )/gm)).not.toBeNull();
    expect(argumentsOfRun()).toEqual(
      expect.arrayContaining(['--target=http://127.0.0.1:9000', '--adapter=openai-chat', '--guard=90%']),
    );
    expect(readFileSync('bench.yaml', 'utf8')).toContain('capacity:\n  limit: 2GiB');
    expect(readFileSync(workflow, 'utf8')).toContain('npx --no bench run');
  });

  it('takes the usual answer for an empty one, and asks again after one that it cannot take', async () => {
    const terminal = terminalOf(['', '9', '1', 'much', '', 'perhaps', 'no']);
    await initCommand(options({}), terminal);
    expect(terminal.asked()).toContain('There is no kind of server "9"');
    expect(terminal.asked()).toContain('"much" is not a size');
    expect(argumentsOfRun()).toContain('--target=http://127.0.0.1:8000');
    expect(existsSync(workflow)).toBe(false);
  });

  it('does not ask what a flag said', async () => {
    const terminal = terminalOf([]);
    const all = options({ target: 'reference', kind: 'images', memoryLimit: '1GiB', ci: false });
    await initCommand(all, terminal);
    expect(terminal.asked()).toBe('');
    expect(argumentsOfRun()).toContain('--memory-limit=1GiB');
  });

  it('holds a server under its limit only where bench starts it', async () => {
    const exec = `uvicorn app:app --header 'a: #b'`;
    await initCommand(options({ yes: true, target: 'http://127.0.0.1:1', memoryLimit: '1GiB' }), silent());
    expect(argumentsOfRun()).not.toContain('--memory-limit=1GiB');
    await initCommand(options({ yes: true, force: true, exec, memoryLimit: '1GiB' }), silent());
    expect(argumentsOfRun()).toEqual(expect.arrayContaining(['--memory-limit=1GiB', `--exec=${exec}`]));
  });

  it('writes what is sent beside the settings where the server takes JSON of its own', async () => {
    await initCommand(options({ target: 'http://127.0.0.1:9', kind: 'json' }), silent());
    expect(argumentsOfRun()).toEqual(expect.arrayContaining(['--adapter=generic-json', '--template=request.yaml']));
    expect(readFileSync('request.yaml', 'utf8')).toContain('{{text}}');
    rmSync('bench.yaml');
    await expect(initCommand(options({ target: 'http://127.0.0.1:9', kind: 'json' }), silent())).rejects.toThrow(
      'request.yaml is there already',
    );
    expect(existsSync('bench.yaml')).toBe(false);
  });

  it('does not allow itself another machine', async () => {
    await initCommand(options({ target: 'http://gpu-box:8000' }), silent());
    expect(argumentsOfRun()).not.toContain('--allow-remote');
    expect(readFileSync('bench.yaml', 'utf8')).toContain('# allow-remote: true');
  });

  it.each([
    { why: 'bench.yaml is there', there: 'bench.yaml', given: { yes: true }, says: 'bench.yaml is there already' },
    { why: 'nobody can be asked', there: null, given: {}, says: 'no terminal to ask on' },
    { why: 'the kind is unknown', there: null, given: { yes: true, kind: 'chatt' }, says: 'no kind of server "chatt"' },
    { why: 'the target is no URL', there: null, given: { target: 'nonsense' }, says: 'neither a URL' },
    { why: 'the target is a worker', there: null, given: { target: 'worker' }, says: 'needs more' },
    { why: 'the limit is no size', there: null, given: { yes: true, memoryLimit: '2 apples' }, says: 'not a size' },
  ])('writes nothing where $why', async ({ there, given, says }) => {
    if (there !== null) {
      writeFileSync(there, 'mine: true\n');
    }
    await expect(initCommand(options(given), silent())).rejects.toThrow(says);
    expect(existsSync('bench.yaml') ? readFileSync('bench.yaml', 'utf8') : null).toBe(
      there === null ? null : 'mine: true\n',
    );
  });

  it('writes nothing where the answers end early', async () => {
    await expect(initCommand(options({}), terminalOf(['http://127.0.0.1:9000', null]))).rejects.toThrow('input ended');
    expect(existsSync('bench.yaml')).toBe(false);
  });

  it('keeps a workflow that is there, and then writes no bench.yaml either', async () => {
    await initCommand(options({ yes: true, ci: true }), silent());
    rmSync('bench.yaml');
    await expect(initCommand(options({ yes: true, ci: true }), silent())).rejects.toThrow('headroom.yml is there');
    expect(existsSync('bench.yaml')).toBe(false);
  });
});

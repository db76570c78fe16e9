import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faults } from '../reference-server/faults/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What `node src/bench.js` is here. */
const standIn = join(root, 'src', 'testing', 'stand-in-bench.sh');
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-night-'));
  cpSync(join(root, '.ci'), join(scratch, '.ci'), { recursive: true });
  mkdirSync(join(scratch, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(scratch, 'dist', 'cli', 'main.js'), '');
  mkdirSync(join(scratch, 'dist', 'reference-server', 'faults'), { recursive: true });
  const data = `export const faults = ${JSON.stringify(faults)};`;
  writeFileSync(join(scratch, 'dist', 'reference-server', 'faults', 'index.js'), data);
  writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(scratch, 'bin'));
  const node = `case $1 in */src/bench.js) shift; exec bash "${standIn}" "$@" ;; *) exec "${process.execPath}" "$@" ;; esac`;
  writeFileSync(join(scratch, 'bin', 'node'), `#!/bin/bash\n${node}\n`, { mode: 0o755 });
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

async function night(profiles: readonly string[], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await execa(join(scratch, '.ci', 'nightly'), [...profiles], {
    cwd: scratch,
    reject: false,
    env: {
      PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`,
      STAND_IN: scratch,
      PAGE: '0',
      HEADROOM_LOCK: join(scratch, 'lock'),
      HEADROOM_NIGHT: 'n1',
      HEADROOM_REPEATS: '1',
      HEADROOM_CONTROLS: 'off',
      GITHUB_STEP_SUMMARY: join(scratch, 'step.md'),
      GITHUB_ACTIONS: '',
      ...env,
    },
  });
  const rows = stdout.slice(stdout.lastIndexOf('profile  ')).split('\n').slice(1);
  return { exitCode, stdout, stderr, table: rows.map((row) => row.trim().split(/\s{2,}/)) };
}

const calls = (command: string): string[] =>
  readFileSync(join(scratch, 'calls.txt'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${command} `));

describe('.ci/nightly', () => {
  it('runs, verifies, gates, keeps, exports and publishes; a green night exits 0', async () => {
    const { exitCode, table } = await night(['calm'], { HEADROOM_REPEATS: '3' });
    expect({ exitCode, table }).toEqual({ exitCode: 0, table: [['calm', 'pass', '0', '3']] });
    expect(calls('verify')).toHaveLength(3);
    expect(calls('history')).toHaveLength(1);
    expect(calls('export')).toHaveLength(2);
    expect(calls('publish')).toHaveLength(1);
    expect(readFileSync(join(scratch, 'step.md'), 'utf8')).toContain('page of calm');
  });

  it.each([
    { profiles: ['red', 'calm'], code: 1, why: 'the gate fails, and the others go on' },
    { profiles: ['busy', 'red'], code: 3, why: 'an invalid session comes before a failed one' },
    { profiles: ['away', 'calm'], code: 5, why: 'there is no target' },
    { profiles: ['torn', 'calm'], code: 1, why: 'a run whose folder is not sound is not gated' },
    { profiles: ['brief-busy'], code: 0, why: 'the host was busy, and a session later it was not' },
    { profiles: ['noise'], code: 0, why: 'the second session does not show it' },
  ])('$profiles exits $code: $why', async ({ profiles, code }) => {
    const { exitCode, table } = await night(profiles);
    expect(exitCode).toBe(code);
    expect(table.map(([name]) => name)).toEqual(profiles);
    expect(calls('publish')).toHaveLength(1);
  });

  it.each([
    { why: 'alone', asked: ['--help'] },
    { why: 'in short', asked: ['-h'] },
    { why: 'behind a profile', asked: ['calm', '--help'] },
  ])('prints its head comment when asked for help $why, and makes nothing', async ({ asked }) => {
    const { exitCode, stdout } = await night(asked);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^A night on this host: /);
    expect(stdout).toMatch(/^HEADROOM_PROJECT {3}/m);
    expect(stdout).not.toMatch(/^#|pipefail/m);
    expect(existsSync(join(scratch, '.cache'))).toBe(false);
  });

  it('leaves --help behind the options of bench run to bench', async () => {
    const { exitCode } = await night(['calm', '--', '--help']);
    expect(exitCode).toBe(0);
    expect(calls('run')[0]).toMatch(/ --help$/);
  });

  it.each([['cal'], ['calm', '--repeats']])('refuses %s before anything is made', async (...asked) => {
    const { exitCode, stderr } = await night(asked);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`There is no profile "${asked.at(-1) ?? ''}".`);
    expect(existsSync(join(scratch, '.cache'))).toBe(false);
  });

  it('measures no second time what no request of succeeded', async () => {
    const { exitCode, table } = await night(['wrong']);
    expect({ exitCode, table }).toEqual({ exitCode: 3, table: [['wrong', 'invalid', '3', '1']] });
    expect(calls('run')).toHaveLength(1);
  });

  it('hands the project to the gate and to the history', async () => {
    await night(['calm'], { HEADROOM_PROJECT: 'stt' });
    expect(calls('gate')[0]).toContain('--project stt');
    expect(calls('history')[0]).toContain('--project stt');
  });

  it('measures a suspect again in a session of its own, and gates both together', async () => {
    const { table } = await night(['suspect']);
    expect(table).toEqual([['suspect', 'fail', '1', '1']]);
    expect(calls('run').map((line) => /--session (\S+) --purpose (\S+)/.exec(line)?.slice(1))).toEqual([
      ['n1-suspect', 'nightly'],
      ['n1-suspect-confirm', 'confirm'],
    ]);
    expect(
      calls('gate')
        .at(-1)
        ?.match(/--confirmation/g),
    ).toHaveLength(1);
    expect(calls('history')[0]).toContain('--confirmation');
  });

  it('runs two repeats more where they differ much', async () => {
    expect((await night(['wide'])).table).toEqual([['wide', 'pass', '0', '3']]);
  });

  it('measures nothing twice when it is called again with the same name', async () => {
    await night(['calm']);
    await night(['calm']);
    expect(calls('run')).toHaveLength(1);
    await night(['calm'], { HEADROOM_NIGHT: 'n2' });
    expect(calls('run')).toHaveLength(2);
  });

  it('begins a session anew that was cut off, since its runs would lie hours apart', async () => {
    const cut = join(scratch, '.cache', 'nightly', 'results', 'r000_calm');
    mkdirSync(cut, { recursive: true });
    writeFileSync(join(cut, 'manifest.json'), '{ "status": "completed", "session": { "id": "n1-calm" } }');
    await night(['calm'], { HEADROOM_REPEATS: '3' });
    expect(calls('run')[0]).toContain('--session n1-calm-2 ');
  });

  it('reads the history from a folder before the night and puts it back after', async () => {
    const data = join(scratch, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'series.jsonl'), 'before\n');
    await night(['calm'], { HEADROOM_DATA: data });
    expect(readFileSync(join(data, 'series.jsonl'), 'utf8')).toBe('before\nnight\n');
  });

  it('passes options on as a shell would split them, and carries nothing out', async () => {
    await night(['calm'], {
      HEADROOM_OPTIONS: `--exec 'serve --port 1; touch oops' --memory-limit 1GiB $(touch oops)`,
    });
    expect(calls('run')[0]).toContain('--exec serve --port 1; touch oops --memory-limit 1GiB $(touch oops)');
    expect(existsSync(join(scratch, 'oops'))).toBe(false);
  });

  it('refuses a second night on the host at once', async () => {
    const lock = join(scratch, 'lock');
    const holder = execa('flock', [lock, 'sh', '-c', 'echo held; read _'], { reject: false });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const { exitCode, stderr } = await night(['calm']);
    holder.stdin.end();
    await holder;
    expect(exitCode).toBe(5);
    expect(stderr).toContain('Another measurement holds');
    expect(existsSync(join(scratch, 'calls.txt'))).toBe(false);
  });

  it('keeps the summary of a step below the 1 MiB that GitHub takes', async () => {
    await night(['calm', 'quiet', 'still'], { PAGE: '450000' });
    const text = readFileSync(join(scratch, 'step.md'), 'utf8');
    expect(text.length).toBeLessThan(1024 ** 2);
    expect(text).toMatch(/calm .*\n.*quiet .*\n.*still /);
    expect(text.match(/page of/g)).toHaveLength(2);
  });

  it('prints annotations where GitHub reads them', async () => {
    expect((await night(['red'], { GITHUB_ACTIONS: 'true' })).stdout).toContain('::warning::of red');
    expect(calls('publish')[0]).toContain('--no-raw-links');
    expect((await night(['red'])).stdout).not.toContain('::warning::');
  });
});

describe('the controls of a night', () => {
  const controlled = async (env: Record<string, string>, profiles: readonly string[] = ['calm']) =>
    await night(profiles, { HEADROOM_CONTROLS: '', ...env });
  const rowsOf = (faulty: string, fixed: string) => [
    ['control faulty', ...faulty.split(' ')],
    ['control fixed', ...fixed.split(' ')],
  ];

  it.each([
    { env: {}, code: 0, rows: rowsOf('seen 0 1', 'quiet 0 1'), why: 'what it must see it sees' },
    { env: { CONTROL_FAULTY: 'ok' }, code: 6, rows: rowsOf('blind 6 1', 'quiet 0 1'), why: 'it is blind' },
    { env: { CONTROL_FAULTY: 'warn' }, code: 6, rows: rowsOf('blind 6 1', 'quiet 0 1'), why: 'half blind is blind' },
    { env: { CONTROL_FIXED: 'fail' }, code: 6, rows: rowsOf('seen 0 1', 'wolf 6 1'), why: 'it cries wolf' },
    {
      env: { CONTROL_FIXED: 'warn' },
      code: 6,
      rows: rowsOf('seen 0 1', 'wolf 6 1'),
      why: 'a warning of it is one too',
    },
    {
      env: { CONTROL_DETECTOR: 'oom-kill', CONTROL_FIXED: 'fail' },
      code: 6,
      rows: rowsOf('blind 6 1', 'wolf 6 1'),
      why: 'a finding of something else',
    },
    {
      env: { CONTROL_FAULTY: 'invalid', CONTROL_FIXED: 'invalid' },
      code: 0,
      rows: rowsOf('inconclusive 0 1', 'inconclusive 0 1'),
      why: 'an invalid run proves neither',
    },
    {
      env: { CONTROL_FAULTY: 'brief', CONTROL_FIXED: 'brief' },
      code: 0,
      rows: rowsOf('seen 0 1', 'quiet 0 1'),
      why: 'the host was busy, and a run later it was not',
    },
  ])('exit $code: $why', async ({ env, code, rows }) => {
    const { exitCode, table } = await controlled(env);
    expect(exitCode).toBe(code);
    expect(table).toEqual([...rows, ['calm', 'pass', '0', '1']]);
  });

  it('that failed are no regression of the server: said so, measured all the same, kept out of its history', async () => {
    const { exitCode, stderr } = await controlled({ CONTROL_FAULTY: 'ok' }, ['red']);
    expect(exitCode).toBe(6);
    expect(stderr).toContain('controls failed: the harness is blind. A server that is faulty was not flagged');
    expect(stderr).toContain('What this night says of the server counts for nothing.');
    expect(readFileSync(join(scratch, 'step.md'), 'utf8')).toContain('controls failed: the harness is blind');
    expect(calls('history')).toEqual([]);
    expect(calls('publish')).toHaveLength(1);
  });

  it('that are inconclusive are said to be, with the reason', async () => {
    const { stderr } = await controlled({ CONTROL_FIXED: 'invalid' });
    expect(stderr).toContain('control fixed: inconclusive. The run is INVALID: The host was busy.');
  });

  it('lie apart from the runs of the server, and are measured once a night', async () => {
    await controlled({});
    await controlled({});
    const runs = calls('run').filter((line) => line.includes('requeue-spin'));
    expect(runs).toHaveLength(2);
    expect(runs.every((line) => line.includes(join('.cache', 'nightly', 'controls')))).toBe(true);
  });
});

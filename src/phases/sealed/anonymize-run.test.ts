import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { readRun } from '../../store/read-run.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { event, record } from '../../testing/build.ts';
import { manifest } from '../../testing/build-manifest.ts';
import { emptyResult } from '../../testing/empty-result.ts';
import { removeScratch, scratchFolder, writeRun, writeSealedRun } from '../../testing/run-folder.ts';
import { Aliases } from './anonymize-names.ts';
import { anonymizeResult, anonymizeRun } from './anonymize-run.ts';
import { migrateRun } from './migrate-run.ts';
import { verifyRun } from './verify-run.ts';

afterEach(removeScratch);

const aliases = () =>
  new Aliases({
    hosts: ['gpu-box', 'gpu-box.example.org'],
    users: ['alice', 'root'],
    pathRoots: ['work'],
    groups: ['', 'acme-batch', 'user.slice', 'docker', 'job'],
    kernelRelease: '6.1.0-28-acme',
  });

describe('names in a text', () => {
  it.each([
    { why: 'a host in a URL', text: 'http://gpu-box:8000/v1/audio', masked: 'http://host-1:8000/v1/audio' },
    { why: 'the longer host first, of any case', text: 'GPU-Box.example.org', masked: 'host-1' },
    { why: 'a part of a word is no host', text: 'gpu-boxes and my-gpu-box2', masked: 'gpu-boxes and my-gpu-box2' },
    { why: 'an account', text: 'ssh alice@gpu-box', masked: 'ssh user-1@host-1' },
    { why: 'a user that everybody has', text: 'runs as root', masked: 'runs as root' },
    { why: 'a path of a person', text: "open '/home/bob/a model.bin'", masked: "open '/path-1 model.bin'" },
    { why: 'the same path twice', text: '/tmp/a /tmp/b /tmp/a', masked: '/path-1 /path-2 /path-1' },
    { why: 'a path in an option', text: '--out=/srv/x -I/usr/include', masked: '--out=/path-1 -I/path-2' },
    { why: 'a root of this machine alone', text: '/work/runs', masked: '/path-1' },
    { why: 'a stack of this program', text: 'at file:///opt/bench/x.js:1:2', masked: 'at file:///path-1:1:2' },
    { why: 'paths of the kernel stay', text: '/proc/1/stat /dev/shm /sys/fs', masked: '/proc/1/stat /dev/shm /sys/fs' },
    { why: 'routes stay', text: 'GET /health /v1/tmp', masked: 'GET /health /v1/tmp' },
    { why: 'an address', text: 'from 10.1.2.3:9000', masked: 'from 192.0.2.1:9000' },
    { why: 'loopback stays', text: '127.0.0.1 0.0.0.0 ::1 localhost', masked: '127.0.0.1 0.0.0.0 ::1 localhost' },
    { why: 'a version is no address', text: 'driver 535.104.05, v1.2.3.4.5', masked: 'driver 535.104.05, v1.2.3.4.5' },
    { why: 'an address of version 6', text: '[fe80::1%eth0]:80', masked: '[2001:db8::1]:80' },
    { why: 'a time is no address', text: 'at 12:30:05', masked: 'at 12:30:05' },
    { why: 'an address of a card', text: 'aa:bb:cc:dd:ee:0f', masked: '02:00:00:00:00:01' },
    { why: 'a container', text: `/docker/${'0af'.repeat(21)}0/x`, masked: '/docker/id-1/x' },
    { why: 'a group of this machine', text: 'cgroup /user.slice/acme-batch/x', masked: 'cgroup /user.slice/group-1/x' },
    { why: 'a group with a short name stays', text: 'the job is done', masked: 'the job is done' },
    { why: 'what a vendor calls its kernel', text: 'Linux 6.1.0-28-acme', masked: 'Linux 6.1.0' },
    { why: 'a pod and a device', text: 'GPU-1b2c3d4e-0000-1111-2222-333344445555', masked: 'GPU-id-1' },
    { why: 'a digest of a file stays', text: 'a'.repeat(64), masked: 'a'.repeat(64) },
  ])('$why', ({ text, masked }) => {
    expect(aliases().mask(text)).toBe(masked);
  });

  it('are masked once and for all: a masked text stays as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('gpu-box', 'alice', '/home/x', '10.0.0.1', ' ', '"', 'a', ':')), (words) => {
        const one = aliases();
        const masked = one.mask(words.join(' '));
        return one.mask(masked).replaceAll(/192\.0\.2\.\d+/g, 'IP') === masked.replaceAll(/192\.0\.2\.\d+/g, 'IP');
      }),
    );
  });

  it('are found within a megabyte of nothing in a moment', () => {
    const startMs = performance.now();
    aliases().mask(`${'a'.repeat(500_000)}${'/'.repeat(250_000)}${':'.repeat(250_000)}`);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

/** Everything that could tell of this machine or of the one in the story. */
const secrets = [
  'gpu-box',
  'corp.example',
  'alice',
  '/home/alice',
  '10.20.30.40',
  'fd00::77',
  'registry.corp',
  hostname(),
]
  // Names so short or common that they stand in any text.
  .filter((name) => name.length > 3);

function namedRun(outFolder: string, runId: string): RunFolder {
  const folder = writeRun(outFolder, {
    runId,
    manifest: {
      argv: ['run', 'smoke', '--target', 'http://gpu-box.corp.example:8000', '--template', '/home/alice/t.yaml'],
      corpus: { ...manifest().corpus, recipe: '/home/alice/talks.yaml' },
      exitCause: 'the target at 10.20.30.40 ended',
      subject: { version: '1', commit: null, image: 'registry.corp.example:5000/team/stt:1' },
      target: {
        ...manifest().target,
        url: 'http://gpu-box.corp.example:8000/',
        exec: 'ssh alice@gpu-box /home/alice/serve --bind [fd00::77]:80',
        observed: 'cgroup /system.slice/stt.service on gpu-box.corp.example',
      },
      notObserved: [{ what: 'PSS', why: 'cannot open /home/alice/x: EACCES' }],
    },
    records: [
      record(0, { plannedMs: 30_000, route: 'gpu-box.corp.example', errorCode: '=HYPERLINK("http://10.20.30.40")' }),
    ],
    samples: [
      [-1.5, 'base', 'cgroup-memory', 'cgroup', '/user.slice/alice.scope', 'usage_bytes', -3, 'ok'],
      [0, 'base', 'target-metrics', 'target', 'metrics', 'requests{instance="gpu-box.corp.example:8000"}', 1, 'ok'],
    ],
    events: [
      event(0, 'run_start'),
      event(9, 'process_gone', { subject: 'alice#1', detail: 'was /home/alice/serve' }),
      event(150_000, 'run_end'),
    ],
  });
  writeFileSync(
    join(folder.logs, 'target.log'),
    'listening on http://10.20.30.40:8000 as alice\n/home/alice/models loaded\n',
  );
  mkdirSync(folder.engine);
  writeFileSync(join(folder.engine, 'gpu-box.corp.example.txt'), 'ssh: gpu-box.corp.example\n');
  writeFileSync(join(folder.engine, 'core.bin'), Buffer.from([1, 0, 2]));
  return folder;
}

function textsOf(folder: RunFolder): string[] {
  const names = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
  const files = names.map((name) => join(folder.path, name)).filter((path) => statSync(path).isFile());
  return [...names, ...files.map((path) => readFileSync(path, 'utf8'))];
}

describe('a run whose names are replaced', () => {
  it('holds none of them in any file or file name', async () => {
    const folder = namedRun(scratchFolder(), 'a-run');
    await anonymizeRun(folder);
    const whole = textsOf(folder).join('\n');
    expect(secrets.filter((secret) => whole.includes(secret))).toEqual([]);
    expect(whole).not.toContain(homedir() === '/' ? '/home/' : `${homedir()}/`);
  });

  it('uses the same name everywhere, and says which files it had to leave out', async () => {
    const folder = namedRun(scratchFolder(), 'a-run');
    await anonymizeRun(folder);
    const { manifest: masked, records, samples } = await readRun(folder);
    const host = /^http:\/\/(host-\d+):8000\/$/.exec(masked.target.url)?.[1];
    expect(records[0]?.route).toBe(host);
    expect(samples.metrics('target')).toEqual([`requests{instance="${host}:8000"}`]);
    expect(masked.notObserved.map(({ what }) => what)).toEqual(['PSS', 'engine/core.bin']);
    expect(readdirSync(folder.engine)).toEqual([`${host}.txt`]);
  });

  it('keeps its numbers, negative ones too, and defused formulas', async () => {
    const folder = namedRun(scratchFolder(), 'a-run');
    await anonymizeRun(folder);
    const lines = readFileSync(folder.samples, 'utf8').split('\n');
    expect(lines[1]).toBe('-1.5,base,cgroup-memory,cgroup,/user.slice/user-1.scope,usage_bytes,-3,ok');
    expect(readFileSync(folder.requests, 'utf8')).toContain(`"'=HYPERLINK(""http://192.0.2.`);
  });

  it('may be a copy of a sealed run, which is sealed again and breaks no rule', async () => {
    const folder = await writeSealedRun(scratchFolder(), { manifest: { exitCause: 'lost 10.20.30.40' } });
    const migrated = await migrateRun({ folder, inPlace: false, isAnonymized: true, detectors });
    expect(migrated?.folder.path).toBe(`${folder.path}-anonymous`);
    if (migrated !== null) {
      const { rules } = await verifyRun(migrated.folder, detectors);
      expect(rules.filter(({ state }) => state === 'broken')).toEqual([]);
      expect((await readRun(migrated.folder)).manifest.exitCause).toBe('lost 192.0.2.1');
    }
    expect((await readRun(folder)).manifest.exitCause).toBe('lost 10.20.30.40');
  });

  it('has no path of this program in the stack of a detector that threw', async () => {
    const folder = namedRun(scratchFolder(), 'a-run');
    const names = await anonymizeRun(folder);
    const result = anonymizeResult(
      { ...emptyResult(), runtimeErrors: [{ where: 'x', stack: 'Error\n at /home/alice/x.js:1' }] },
      names,
    );
    expect(result.runtimeErrors[0]?.stack).toMatch(/^Error\n at \/path-\d+:1$/);
  });
});

import { describe, expect, it } from 'vitest';
import { parseProfile, profileHash, scaleProfile } from '../../model/parse-profile.ts';
import type { RunResult } from '../../model/result.ts';
import { soundResult } from '../../testing/gate-nights.ts';
import { warmup, withStages } from '../../testing/profile-text.ts';
import { comparabilityOf, differencesOf, projectOf, seriesOf } from './comparability.ts';

const base = soundResult({ comparability: { must: { processor: 'one' }, warn: { node: 'v20' } } });
const of = (over: Partial<RunResult>): ReturnType<typeof comparabilityOf> => comparabilityOf({ ...base, ...over }, 'p');
const device = {
  instance: 'cuda:0',
  kind: 'cuda',
  limitBytes: 80 * 1024 ** 3,
  baselineBytes: null,
  peakBytes: null,
  floorBytes: null,
  targetPeakBytes: null,
  othersPeakBytes: null,
} as const;
const memory = base.memory;

describe('what makes nights comparable', () => {
  it.each([
    { why: 'another profile', over: { profile: { ...base.profile, hash: 'x' } }, fields: ['profile hash'] },
    { why: 'another corpus', over: { corpus: { ...base.corpus, digest: 'x' } }, fields: ['corpus digest'] },
    { why: 'other rules of measuring', over: { measurementVersion: '2' }, fields: ['measurement version'] },
    { why: 'another engine', over: { engine: { ...base.engine, id: 'k6' } }, fields: ['load engine'] },
    {
      why: 'another processor',
      over: { comparability: { must: { processor: 'two' }, warn: { node: 'v20' } } },
      fields: ['processor'],
    },
    {
      why: 'a field that was not read',
      over: { comparability: { must: {}, warn: { node: 'v20' } } },
      fields: ['processor'],
    },
    {
      why: 'another limit',
      over: { memory: { ...memory, limitBytes: 5, limitSource: 'cgroup x' } },
      fields: ['memory limit'],
    },
    { why: 'a device', over: { memory: { ...memory, devices: [device] } }, fields: ['devices'] },
    { why: 'one device more', over: { memory: { ...memory, devices: [device, device] } }, fields: ['devices'] },
    {
      why: 'another version of what is tested',
      over: { subject: { version: '2', commit: 'c', image: 'i' } },
      fields: [],
    },
  ])('$why: $fields', ({ over, fields }) => {
    const differences = differencesOf(comparabilityOf(base, 'p'), of(over)).filter((one) => one.class === 'must');
    expect(differences.map(({ field }) => field)).toEqual(fields);
    expect(seriesOf('night', of(over)) === seriesOf('night', comparabilityOf(base, 'p'))).toBe(fields.length === 0);
  });

  it('keeps the series where only what should agree differs, and tells of it', () => {
    const other = of({ comparability: { must: { processor: 'one' }, warn: { node: 'v22' } } });
    expect(seriesOf('night', other)).toBe(seriesOf('night', of({})));
    expect(differencesOf(of({}), other)).toEqual([{ class: 'warn', field: 'node', baseline: 'v20', candidate: 'v22' }]);
  });

  it('takes the memory of the host as one limit, though it differs by pages from boot to boot', () => {
    const host = (limitBytes: number): Partial<RunResult> => ({
      memory: { ...memory, limitBytes, limitSource: 'host memory' },
    });
    expect(differencesOf(of(host(1000)), of(host(1001)))).toEqual([]);
  });

  it('looks at the profile before the host', () => {
    const fields = differencesOf(
      of({}),
      of({ profile: { ...base.profile, hash: 'x' }, comparability: { must: {}, warn: {} } }),
    );
    expect(fields.map(({ field }) => field)).toEqual(['profile hash', 'processor', 'node']);
  });

  it('makes a run of another scale another series, since the scale is in the hash of its profile', () => {
    const profile = parseProfile(withStages(warmup), 'p.yaml', []);
    expect(profileHash(scaleProfile(profile, 0.5), 'digest')).not.toBe(profileHash(profile, 'digest'));
  });

  it.each([
    { why: 'nobody said, so that it is its address', image: null, project: '127.0.0.1:9' },
    { why: 'with a tag', image: 'ghcr.io/acme/stt:1.4.0', project: 'ghcr.io/acme/stt' },
    { why: 'with a digest', image: 'acme/stt@sha256:00', project: 'acme/stt' },
    { why: 'of a registry with a port', image: 'localhost:5000/stt', project: 'localhost:5000/stt' },
  ])('names the project by its image without the version: $why', ({ image, project }) => {
    expect(projectOf(soundResult({ subject: { version: null, commit: null, image } }))).toBe(project);
  });

  it.each([
    { why: 'its port is the usual one', url: 'https://stt.example/v1', project: 'stt.example:443' },
    { why: 'nor has plain HTTP one', url: 'http://STT.example', project: 'stt.example:80' },
    { why: 'an address of IPv6', url: 'http://[::1]:9000/', project: '[::1]:9000' },
    { why: 'a watched load named none', url: '', project: 'unnamed' },
  ])('names what has no image by its address: $why', ({ url, project }) => {
    expect(projectOf(soundResult({ target: { ...base.target, url } }))).toBe(project);
  });

  it.each([
    {
      why: 'a cgroup',
      first: 'cgroup v2 /sys/fs/cgroup/a/headroom-12',
      second: 'cgroup v2 /sys/fs/cgroup/a/headroom-977',
    },
    { why: 'a scope', first: 'systemd scope headroom-12.scope', second: 'systemd scope headroom-977.scope' },
  ])('does not take the number in the name of $why for another environment', ({ first, second }) => {
    const limited = (how: string): Partial<RunResult> => ({
      target: { ...base.target, memoryLimit: { bytes: 5, how } },
    });
    expect(differencesOf(of(limited(first)), of(limited(second)))).toEqual([]);
    expect(differencesOf(of(limited(first)), of(limited('RLIMIT_DATA of each process')))).toHaveLength(1);
  });

  it('makes file names of any profile name', () => {
    expect(seriesOf('a b/../c', of({}))).toMatch(/^[\w.-]+-[0-9a-f]{12}$/);
  });
});

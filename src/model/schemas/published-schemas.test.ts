import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifest } from '../../testing/build-manifest.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import type { HistoryLine } from '../history.ts';
import { schemaVersion } from '../result.ts';
import { historyLineSchema } from './history-schema.ts';
import { manifestSchema } from './manifest-schema.ts';
import { publishedSchemas } from './published-schemas.ts';
import { resultSchema } from './result-schema.ts';

const root = new URL('../../../', import.meta.url);
const isUpdate = process.env['UPDATE_SCHEMA'] === '1';

describe('the committed schemas', () => {
  it.each(Object.entries(publishedSchemas()))('%s is what the code checks', (path, schema) => {
    const file = new URL(path, root);
    if (isUpdate) {
      writeFileSync(file, `${JSON.stringify(schema)}\n`);
    }
    const written: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
    const expected: unknown = JSON.parse(JSON.stringify(schema));
    expect(written, `${path} is old; run: npm run schemas`).toEqual(expected);
  });
});

const hash = 'a'.repeat(64);
const soundManifest = { ...manifest(), schemaVersion, profileHash: hash, planHash: hash };
const acceptance: HistoryLine = {
  kind: 'acceptance',
  schemaVersion,
  series: 'smoke',
  at: '2026-01-01T00:00:00.000Z',
  author: 'a person',
  reason: 'a new allocator',
  expiresAt: null,
  fromSessionId: 'one',
};

describe('a file of a run against its schema', () => {
  it.each([
    { why: 'a manifest', schema: manifestSchema, value: soundManifest },
    { why: 'a field of a newer minor schema', schema: manifestSchema, value: { ...soundManifest, weather: 'fair' } },
    {
      why: 'a run that was killed',
      schema: manifestSchema,
      value: { ...soundManifest, endedAt: null, measured: null },
    },
    { why: 'a result', schema: resultSchema, value: sampleResult() },
    { why: 'a line of a history', schema: historyLineSchema, value: acceptance },
  ])('passes: $why', ({ schema, value }) => {
    expect(schema.safeParse(JSON.parse(JSON.stringify(value))).error?.issues ?? []).toEqual([]);
  });

  it.each([
    { why: 'a field is missing', schema: manifestSchema, value: { ...soundManifest, hostClass: undefined } },
    { why: 'a status of no run', schema: manifestSchema, value: { ...soundManifest, status: 'done' } },
    { why: 'a time that is none', schema: manifestSchema, value: { ...soundManifest, startedAt: 'yesterday' } },
    {
      why: 'NaN became null',
      schema: resultSchema,
      value: { ...sampleResult(), prediction: { slopeBytesPerS: null } },
    },
    { why: 'a line of no kind', schema: historyLineSchema, value: { ...acceptance, kind: 'wish' } },
  ])('does not pass: $why', ({ schema, value }) => {
    expect(schema.safeParse(JSON.parse(JSON.stringify(value))).success).toBe(false);
  });

  it('keeps fields that it does not know', () => {
    expect(manifestSchema.parse({ ...soundManifest, weather: 'fair' })).toHaveProperty('weather', 'fair');
  });
});

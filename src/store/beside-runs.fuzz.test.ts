import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../base/errors.ts';
import { manifest } from '../testing/build-manifest.ts';
import { damaged } from '../testing/damaged.ts';
import { sampleDecision } from '../testing/sample-decision.ts';
import { itemColumns } from './columns.ts';
import { readDecision } from './decision-file.ts';
import { readHistory } from './history.ts';
import { readItems } from './items-table.ts';
import { readWhatIsLeft } from './read-run.ts';
import { createRunFolder, readAnyManifest } from './run-folder.ts';
import { checkSeal } from './seal.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headroom-beside-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Resolves if it was read, or refused in one line that names the file. */
async function expectReadOrTold(read: () => unknown, name: string): Promise<void> {
  try {
    await read();
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(BenchError);
    expect((error as BenchError).message).toContain(name);
    expect((error as BenchError).message).not.toContain('\n');
  }
}

const session = {
  kind: 'session',
  schemaVersion: '0.1',
  series: 's/linux',
  sessionId: 'a',
  at: '2026-01-02T03:04:05Z',
  profile: 's',
  profileHash: 'h',
  purpose: 'nightly',
  runIds: ['a'],
  subject: { version: null, commit: null, image: null },
  comparability: { must: {}, warn: {} },
  state: 'pass',
  isAccepted: true,
  metrics: [
    {
      id: 'm',
      stage: null,
      instance: null,
      unit: 'bytes',
      isBiggerBetter: false,
      values: [1],
      median: 1,
      isSuspect: false,
    },
  ],
  identities: [],
};

describe('what lies beside the runs', () => {
  it.each(['null', '5', '[]', '{}', '{"kind":"session","series":"x"}', '{"kind":"reference","series":"x","at":"y"}'])(
    'is no history where a line is %s',
    (line) => {
      const path = join(scratch, 'h.jsonl');
      writeFileSync(path, `${line}\n`);
      expect(() => readHistory(path)).toThrow('h.jsonl:1 is no line of a history.');
    },
  );

  it('as a history that is damaged is read, or refused with its line', async () => {
    const path = join(scratch, 'h.jsonl');
    const line = `${JSON.stringify(session)}\n`;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json().map((text) => `${text}\n`),
          damaged(line, `${line}${line}`, ''),
        ),
        async (text) => {
          writeFileSync(path, text);
          await expectReadOrTold(() => {
            for (const read of readHistory(path)) {
              expect(read.kind === 'session' ? read.metrics.length + read.runIds.length : 0).toBeGreaterThanOrEqual(0);
            }
          }, 'h.jsonl');
        },
      ),
    );
  });

  it('as a decision that is damaged is read, or refused with its name', async () => {
    const path = join(scratch, 'd.json');
    const whole = JSON.stringify(sampleDecision());
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), damaged(whole, '')), async (text) => {
        writeFileSync(path, text);
        await expectReadOrTold(() => readDecision(path), 'd.json');
      }),
    );
  });
});

describe('what lies in the folder of a run', () => {
  it('as its seal that is damaged is checked, and never taken for whole', async () => {
    const folder = createRunFolder(scratch, 'a-run');
    writeFileSync(folder.manifest, '{}');
    const whole = `${'0'.repeat(64)}  manifest.json\n`;
    await fc.assert(
      fc.asyncProperty(damaged(whole, `${whole}${whole}`, ''), async (text) => {
        writeFileSync(folder.seal, text);
        const { sealed, differences } = await checkSeal(folder);
        expect(sealed).toBe(true);
        expect(differences.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  it('as items that are damaged have weights that are numbers or null, or are refused', async () => {
    const folder = createRunFolder(scratch, 'b-run');
    const whole = `${itemColumns.join(',')}\na,100,2.5,\nb,70,,640\n`;
    await fc.assert(
      fc.asyncProperty(damaged(whole, ''), async (text) => {
        writeFileSync(folder.items, text);
        await expectReadOrTold(async () => {
          const weights = [...(await readItems(folder)).values()].flatMap(
            (traits) => Object.values(traits) as (number | null)[],
          );
          expect(weights.filter((weight) => weight !== null && !(Number.isFinite(weight) && weight >= 0))).toEqual([]);
        }, 'items.csv');
      }),
    );
  });

  it('as what a killed run left is read, whatever it is, or refused', async () => {
    const folder = createRunFolder(scratch, 'c-run');
    const whole = JSON.stringify(manifest());
    const tables = damaged('t_ms,wall\n1,2\n', 'seq,stage\n', '');
    await fc.assert(
      fc.asyncProperty(damaged(whole, '{}'), tables, async (text, table) => {
        writeFileSync(folder.manifest, text);
        for (const path of [folder.requests, folder.samples, folder.events]) {
          writeFileSync(path, table);
        }
        await expectReadOrTold(() => readAnyManifest(folder), 'c-run');
        await expectReadOrTold(() => readWhatIsLeft(folder, () => undefined), 'c-run');
      }),
      { numRuns: 60 },
    );
  });
});

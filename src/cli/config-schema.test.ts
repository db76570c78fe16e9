import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaPathFrom } from './commands/init.ts';
import { configSchema } from './config-file.ts';
import { packageRoot } from './library.ts';
import { createProgram } from './program.ts';
import { settingName } from './settings.ts';

const schemaFile = join(packageRoot, 'profiles', 'bench.schema.json');
const program = createProgram(() => undefined);
const schema = z.toJSONSchema(configSchema(program), { io: 'input' });

describe('the schema of bench.yaml', () => {
  it('is what the code accepts', () => {
    if (process.env['UPDATE_SCHEMA'] === '1') {
      writeFileSync(schemaFile, `${JSON.stringify(schema)}\n`);
    }
    const written: unknown = existsSync(schemaFile) ? JSON.parse(readFileSync(schemaFile, 'utf8')) : null;
    const expected: unknown = JSON.parse(JSON.stringify(schema));
    expect(written, 'profiles/bench.schema.json is old; run: npm run schemas').toEqual(expected);
  });

  it('knows every option of bench run, each with what it is for', () => {
    const options = program.commands.find((command) => command.name() === 'run')?.options ?? [];
    const known = Object.entries(schema.properties ?? {}).map(([key, value]) => [
      key,
      typeof value === 'object' && JSON.stringify(value).includes('"description":'),
    ]);
    expect(known).toEqual(expect.arrayContaining(options.map((option) => [settingName(option), true])));
  });
});

describe('schemaPathFrom', () => {
  it.each([
    { folder: '/home/a/headroom', inside: '/home/a/headroom', path: './profiles/bench.schema.json', why: 'a clone' },
    {
      folder: '/home/a/mine',
      inside: '/home/a/mine/node_modules/headroom',
      path: './node_modules/headroom/profiles/bench.schema.json',
      why: 'a dependency',
    },
    { folder: '/home/a/mine', inside: '/usr/lib/node_modules/headroom', path: null, why: 'installed for all' },
    { folder: '/home/a/mine', inside: '/home/a/mine-too', path: null, why: 'a folder beside it' },
  ])('is $path: $why', ({ folder, inside, path }) => {
    expect(schemaPathFrom(folder, inside)).toBe(path);
  });

  it('names a file that is there', () => {
    expect(existsSync(join(packageRoot, schemaPathFrom(packageRoot, packageRoot) ?? ''))).toBe(true);
  });
});

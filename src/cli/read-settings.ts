import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type ConfigFile, configName, type Settings, takeNone, withSettings } from './settings.ts';

/** The settings of this folder and environment, put into the arguments of a command of the program. */
export async function readSettings(program: Command, argv: readonly string[]): Promise<Settings> {
  if (takeNone.includes(argv[0] ?? '')) {
    return { argv, taken: [] };
  }
  let file: ConfigFile | null = null;
  if (existsSync(configName)) {
    // Loads zod, which a folder without the file need not pay for.
    const { parseConfig } = await import('./config-file.ts');
    file = parseConfig(readFileSync(configName, 'utf8'), configName, program);
  }
  return withSettings(program, argv, { file, environment: process.env });
}

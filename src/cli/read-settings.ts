import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type ConfigFile, configName, type Settings, takeNone, withSettings } from './settings.ts';

/** The settings of this folder and environment; help needs none, so that a broken file cannot hide it. */
export async function readSettings(program: Command, argv: readonly string[]): Promise<Settings> {
  const [name = ''] = argv;
  const end = argv.indexOf('--');
  const ours = end === -1 ? argv : argv.slice(0, end);
  const asksHelp = ours.includes('--help') || ours.includes('-h');
  const isCommand = program.commands.some((command) => command.name() === name);
  if (asksHelp || !isCommand || takeNone.includes(name)) {
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

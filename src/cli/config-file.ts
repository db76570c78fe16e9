import type { Command, Option } from 'commander';
import { z } from 'zod';
import { parseYaml } from '../model/yaml-document.ts';
import {
  type ConfigFile,
  isBareFlag,
  isRepeatable,
  type Setting,
  type SettingValue,
  settingCommands,
  settingName,
  takeNone,
} from './settings.ts';

const text = z.union([z.string(), z.number()], { error: 'Write a text or a number here' });
const texts = z.union([text, z.array(text)], { error: 'Write a text or a list of texts here' });
const flag = z.boolean({ error: 'Write true or false here' });

function valueSchema(option: Option): z.ZodType {
  return isBareFlag(option) ? flag : isRepeatable(option) ? texts : text;
}

function optionShape(commands: readonly Command[]): Record<string, z.ZodType> {
  // Of an option that several commands have, the words of the first one, which is bench run, are told.
  const options = commands.flatMap((command) => command.options).reverse();
  return Object.fromEntries(
    options.map((option) => [settingName(option), valueSchema(option).describe(option.description).optional()]),
  );
}

/** The keys are the options themselves, so that no option can be forgotten in the file. */
export function configSchema(program: Command): z.ZodObject {
  const shared = optionShape(program.commands.filter((command) => settingCommands.includes(command.name())));
  const shape: Record<string, z.ZodType> = {
    ...shared,
    profile: z.string('Write the name of a profile here').describe('name or path of a profile').optional(),
  };
  for (const command of program.commands.filter((candidate) => !takeNone.includes(candidate.name()))) {
    const section = z
      .strictObject(optionShape([command]), {
        error: (issue) =>
          issue.code === 'unrecognized_keys' ? undefined : `Write options of bench ${command.name()} here`,
      })
      .describe(`options of bench ${command.name()} alone`);
    const option = shared[command.name()];
    shape[command.name()] = option === undefined ? section.optional() : z.union([section, option]).optional();
  }
  return z.strictObject(shape);
}

function settingValue(value: unknown): SettingValue {
  if (typeof value === 'boolean') {
    return value;
  }
  return Array.isArray(value) ? value.map(String) : String(value);
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws USAGE with file, line, column and path. */
export function parseConfig(source: string, fileName: string, program: Command): ConfigFile {
  const schema = configSchema(program);
  const isEmpty = source.split('\n').every((row) => /^\s*(#|$)/.test(row));
  const { value, place } = parseYaml(isEmpty ? '{}' : source, fileName, {
    schema,
    code: 'USAGE',
    keys: Object.keys(schema.shape),
    hint: 'The keys are the options of bench run --help without dashes; options of one command stand under its name.',
  });
  const shared = new Map<string, Setting>();
  const sections = new Map<string, ReadonlyMap<string, Setting>>();
  for (const [key, entry] of Object.entries(value)) {
    if (isSection(entry)) {
      const section = Object.entries(entry).map(
        ([name, inner]) => [name, { value: settingValue(inner), place: place([key, name]) }] as const,
      );
      sections.set(key, new Map(section));
    } else if (entry !== undefined) {
      shared.set(key, { value: settingValue(entry), place: place([key]) });
    }
  }
  return { shared, sections };
}

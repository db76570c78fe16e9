import { z } from 'zod';
import { BenchError } from '../../base/errors.ts';
import type { AdapterOptions } from '../../model/adapter.ts';
import { parseYaml } from '../../model/yaml-document.ts';

type Template = NonNullable<AdapterOptions['template']>;

function keysIn(schema: unknown): string[] {
  if (schema === null || typeof schema !== 'object') {
    return [];
  }
  const own = 'properties' in schema && schema.properties !== null && typeof schema.properties === 'object';
  return [...(own ? Object.keys(schema.properties as object) : []), ...Object.values(schema).flatMap(keysIn)];
}

/**
 * A reader of one format's template file. It is asked for every request, so what it has read is kept for as long as
 * the options are. It throws USAGE with file, line, column and path.
 */
export function templateReader<T>(schema: z.ZodType<T>, hint: string): (template: Template) => T {
  const known = new WeakMap<Template, T>();
  const keys = keysIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return (template) => {
    const held = known.get(template);
    if (held !== undefined) {
      return held;
    }
    const { value } = parseYaml(template.text, template.fileName, { schema, code: 'USAGE', keys, hint });
    known.set(template, value);
    return value;
  };
}

/** For a format that is nothing without one. */
export function neededTemplate({ template }: AdapterOptions, adapterId: string): Template {
  if (template === null) {
    throw new BenchError('USAGE', `The adapter ${adapterId} has no template that says what to send.`, {
      hint: 'Give a YAML file with --template FILE.',
    });
  }
  return template;
}

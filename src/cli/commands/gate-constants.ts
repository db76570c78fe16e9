import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { type GateConstants, gateConstantsSchema } from '../../model/gate.ts';
import { packageRoot } from '../library.ts';

/** The gate file that was named, else the user's own `profiles/gates.json`, else the package's. */
export function readGateConstants(path: string | null): GateConstants {
  const candidates =
    path === null ? [resolve('profiles', 'gates.json'), join(packageRoot, 'profiles', 'gates.json')] : [path];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new BenchError('USAGE', `There is no gate file ${candidates.at(-1) ?? ''}.`, {
      hint: 'Copy profiles/gates.json of the package and change it.',
    });
  }
  const parsed = gateConstantsSchema.safeParse(readJson(found));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new BenchError('USAGE', `${found}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a gate file'}.`, {
      hint: "Compare it with the package's profiles/gates.json.",
    });
  }
  return parsed.data;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error: unknown) {
    throw new BenchError('USAGE', `${path} cannot be read as JSON.`, {
      hint: "Compare it with the package's profiles/gates.json.",
      cause: error,
    });
  }
}

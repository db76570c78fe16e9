#!/usr/bin/env node
// A committed launcher: a file that tsc emits loses its executable bit at every rebuild.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  process.stderr.write('bench: the build is missing. Run `npm run build` in the clone first.\n');
  process.exitCode = 70;
}

#!/usr/bin/env node
// A committed launcher: a file that tsc emits loses its executable bit at every rebuild.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const main = new URL('../dist/cli/main.js', import.meta.url);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`bench: Node ${process.versions.node} is too old. Install Node 20.19 or newer.\n`);
  process.exitCode = 5;
} else if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  process.stderr.write(
    'bench: the build is missing. Run `npm ci` in the clone, which builds too; after a change `npm run build`.\n',
  );
  process.exitCode = 70;
}

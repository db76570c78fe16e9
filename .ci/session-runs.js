// The runs of a session that came to their end, one id a line, oldest first: session-runs.js RESULTS SESSION
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [results, session] = process.argv.slice(2);

function manifestOf(id) {
  try {
    return JSON.parse(readFileSync(join(results, id, 'manifest.json'), 'utf8'));
  } catch {
    // A folder of something else, or of a run that was killed before its manifest stood.
    return null;
  }
}

const ids = existsSync(results) ? readdirSync(results).sort() : [];
for (const id of ids) {
  const manifest = manifestOf(id);
  if (manifest?.session?.id === session && !['running', 'aborted'].includes(manifest.status)) {
    process.stdout.write(`${id}\n`);
  }
}

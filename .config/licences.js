// Prints the licence of every package that an installation brings, from the lock file and the installed folders,
// without a network. Fails on a licence that is not on the list: unknown, or with duties that Apache-2.0 does not have.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const accepted = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
];
// Read by a person: why each may be shipped although its licence is not on the list.
const excepted = {
  'LGPL-3.0-or-later':
    'libvips, a shared library of its own beside the optional package sharp; nothing of it is linked into or copied to Headroom',
};

/** Whether an SPDX expression leaves a way that is accepted: one of OR, each of AND. */
function isAccepted(expression, known) {
  const text = expression.replace(/^\((.*)\)$/, '$1');
  if (/ OR /.test(text)) {
    return text.split(' OR ').some((part) => isAccepted(part, known));
  }
  return text.split(' AND ').every((part) => known.includes(part.replace(/[()]/g, '').trim()));
}

function licenceOf(path, entry) {
  if (typeof entry.license === 'string') {
    return entry.license;
  }
  try {
    const { license } = JSON.parse(readFileSync(`${root}/${path}/package.json`, 'utf8'));
    return typeof license === 'string' ? license : 'unknown';
  } catch {
    return 'unknown';
  }
}

const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
const rows = Object.entries(lock.packages)
  .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true)
  .map(([path, entry]) => ({
    name: `${path.replace(/^.*node_modules\//, '')}@${entry.version}`,
    licence: licenceOf(path, entry),
    isOptional: entry.optional === true,
    isPeer: entry.peer === true,
  }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const width = Math.max(...rows.map(({ name }) => name.length));
const licenceWidth = Math.max(...rows.map(({ licence }) => licence.length));
const refused = [];
for (const { name, licence, isOptional, isPeer } of rows) {
  const isExcepted =
    isOptional && !isAccepted(licence, accepted) && isAccepted(licence, [...accepted, ...Object.keys(excepted)]);
  const isFine = isAccepted(licence, accepted) || isExcepted;
  const notes = [isPeer ? 'peer' : isOptional ? 'optional' : '', isExcepted ? 'excepted' : '', isFine ? '' : 'REFUSED'];
  process.stdout.write(
    `${name.padEnd(width)}  ${licence.padEnd(licenceWidth)}  ${notes.filter((note) => note !== '').join(', ')}`.trimEnd(),
  );
  process.stdout.write('\n');
  if (!isFine) {
    refused.push(`${name} (${licence})`);
  }
}
for (const [licence, why] of Object.entries(excepted)) {
  process.stdout.write(`\nexcepted: ${licence}: ${why}\n`);
}
process.stdout.write(`${rows.length} packages, ${refused.length} refused\n`);
if (refused.length > 0) {
  process.stderr.write(
    `refused: ${refused.join(', ')}. Choose another package, or add the licence with its reason to .config/licences.js.\n`,
  );
  process.exitCode = 1;
}

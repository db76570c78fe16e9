// Makes the script that lets a page's charts be zoomed: the part of Vega that draws, in one file, with the licences
// of what is inside. Where esbuild is left out (an install without dev dependencies) the build that the package
// ships is used.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'dist', 'assets');

function licenceOf(packageFolder) {
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const file = readdirSync(packageFolder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  const text = file === undefined ? `License: ${manifest.license}` : readFileSync(join(packageFolder, file), 'utf8');
  return `${manifest.name} ${manifest.version}\n\n${text.trim()}\n`;
}

function packageFolders(inputs) {
  const folders = inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(folders)].sort();
}

async function build() {
  const { build: bundle } = await import('esbuild');
  const { outputFiles, metafile } = await bundle({
    entryPoints: [join(root, '.config', 'chart-runtime', 'browser.js')],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2020',
    charset: 'ascii',
    legalComments: 'none',
    write: false,
    metafile: true,
  });
  const script = outputFiles[0].text.trim();
  // Either would end or hide the script that the page inlines.
  if (/<\/script|<!--/i.test(script)) {
    throw new Error('The script cannot stand inside a page: it has </script or <!-- in it.');
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'chart-runtime.js'), script);
  const licences = packageFolders(Object.keys(metafile.inputs)).map((path) => licenceOf(join(root, path)));
  writeFileSync(join(folder, 'chart-runtime.LICENSES.txt'), licences.join('\n----\n\n'));
}

if (existsSync(join(root, 'node_modules', 'esbuild'))) {
  await build();
}

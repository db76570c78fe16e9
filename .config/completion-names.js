// Writes the names that `bench completion` offers beside the built command, so that it need not load every engine and
// adapter, nor ask the reference server, each time a shell starts. They are asked of the build itself.
import { writeFileSync } from 'node:fs';

const built = (path) => new URL(`../dist/${path}`, import.meta.url);
const { listedNames } = await import(built('cli/listed-names.js').href);
writeFileSync(built('cli/completion-names.json'), `${JSON.stringify(await listedNames())}\n`);

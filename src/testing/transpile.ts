import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The file and every source that it imports, itself or through others. */
function sourcesOf(entryPath: string): string[] {
  const found = new Set<string>();
  const waiting = [entryPath];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (!found.has(path)) {
      found.add(path);
      const { importedFiles } = ts.preProcessFile(readFileSync(path, 'utf8'));
      const names = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
      for (const name of names) {
        waiting.push(resolve(dirname(path), name));
      }
    }
  }
  return [...found];
}

/**
 * Makes a source, named from the root of the repository, runnable by a Node that knows no types, with
 * what it imports and without a build.
 */
export function transpile(source: string): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'transpiled-'));
  const outputOf = (path: string): string => join(folder, relative(repository, path)).replace(/\.ts$/, '.js');
  const entryPath = join(repository, source);
  for (const path of sourcesOf(entryPath)) {
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    mkdirSync(dirname(outputOf(path)), { recursive: true });
    writeFileSync(outputOf(path), outputText);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return { path: outputOf(entryPath), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A fenced block of a page. */
export interface Block {
  page: string;
  /** Of its first line, counted from 1. */
  line: number;
  language: string;
  text: string;
}

export interface Page {
  path: string;
  text: string;
}

/** Made, fetched or captured: not pages of ours. */
const skipped = new Set(['node_modules', 'dist', '.git', '.cache', 'captured', 'golden', 'coverage']);

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return skipped.has(entry.name) ? [] : filesBelow(root, path);
    }
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Every Markdown file of the repository, by its path from the root. */
export function readPages(root: string): Page[] {
  return filesBelow(root, '.')
    .map((path) => relative('.', path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function blocksOf({ path, text }: Page): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: content = '' }) => ({
    page: path,
    line: text.slice(0, index).split('\n').length + 1,
    language,
    text: content,
  }));
}

/** Text between single backquotes, outside of blocks. */
export function codesOf({ text }: Page): string[] {
  const prose = text.replaceAll(/^```\w*\n[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** Targets of links within the repository, without their anchors. */
export function linksOf({ text }: Page): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

/** A block that begins with the comment `# NAME.yaml` is that file: the commands of its page read it. */
export function filesOf(pages: readonly Page[]): { name: string; text: string }[] {
  return pages.flatMap(blocksOf).flatMap(({ language, text }) => {
    const name = language === 'yaml' ? /^# ([\w-]+\.yaml)$/m.exec(text.split('\n')[0] ?? '')?.[1] : undefined;
    return name === undefined ? [] : [{ name, text }];
  });
}

import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { findById } from '../../base/by-id.ts';
import { BenchError } from '../../base/errors.ts';
import { configText, type InitAnswers } from '../../phases/init/config.ts';
import { type ServerKind, serverKinds } from '../../phases/init/kinds.ts';
import { workflowPath, workflowText } from '../../phases/init/workflow.ts';
import { packageRoot } from '../library.ts';
import { size } from '../option-values.ts';
import { openQuestions, type Questions } from '../questions.ts';
import { writeWhole } from '../recipe-file.ts';
import { configName } from '../settings.ts';
import { isLoopback, parseTarget } from '../target-option.ts';
import { openTerminal } from '../terminal.ts';

export interface InitOptions {
  target?: string;
  kind?: string;
  memoryLimit?: string;
  exec?: string;
  ci?: boolean;
  yes: boolean;
  force: boolean;
}

interface Answers extends InitAnswers {
  ci: boolean;
}

const howToAnswer = 'Enter takes the answer in brackets; Ctrl-C leaves, and nothing is written.';
const usualTarget = 'http://127.0.0.1:8000';

function checkedTarget(text: string): string {
  if (parseTarget(text).kind === 'worker') {
    throw new BenchError('USAGE', '--target worker needs more than init asks for.', {
      hint: 'See bench run --help: --adapter job-queue, and --pid, --cgroup, --unit or --container.',
    });
  }
  return text;
}

function checkedSize(text: string): string {
  size(text);
  return text;
}

const checkedKind = (text: string): ServerKind =>
  serverKinds[Number(text) - 1] ?? findById('kind of server', serverKinds, text);

function checkedYes(text: string): boolean {
  if (!/^(y|yes|n|no)$/i.test(text)) {
    throw new BenchError('USAGE', `"${text}" is neither yes nor no.`);
  }
  return text.toLowerCase().startsWith('y');
}

/** Asks only for what no flag said; without a terminal the usual answers stand. */
async function answersOf(options: InitOptions, questions: Questions | null): Promise<Answers> {
  const ask = async <T>(text: string, usual: string, check: (answer: string) => T): Promise<T> =>
    questions === null ? check(usual) : await questions.ask(text, usual, check);
  const optional = (check: (answer: string) => string) => (answer: string) => (answer === '' ? null : check(answer));

  const target = checkedTarget(
    options.target ?? (await ask('Where does the server listen? A URL, or reference', usualTarget, checkedTarget)),
  );
  const kinds = serverKinds.map(({ id, title }, index) => `\n  ${index + 1} ${id}: ${title}`).join('');
  const kind =
    options.kind === undefined
      ? await ask(`What does it do?${kinds}\nA number or a name`, '1', checkedKind)
      : checkedKind(options.kind);
  const memoryLimit =
    options.memoryLimit === undefined
      ? await ask('How much memory may it take, such as 2GiB? Empty: not known', '', optional(checkedSize))
      : checkedSize(options.memoryLimit);
  const ci = options.ci ?? (await ask('Write a GitHub workflow that runs every night?', 'no', checkedYes));
  const parsed = parseTarget(target);
  return {
    target,
    isRemote: parsed.kind === 'url' && !isLoopback(parsed.url),
    kind,
    memoryLimit,
    exec: options.exec ?? null,
    ci,
  };
}

/**
 * The schema of bench.yaml as seen from a folder that holds the package, as a clone of it or under node_modules; null:
 * it lies elsewhere, and its place on this machine says nothing on another.
 */
export function schemaPathFrom(folder: string, packageFolder: string): string | null {
  const path = relative(folder, join(packageFolder, 'profiles', 'bench.schema.json'));
  return path.startsWith('..') ? null : `./${path.split(sep).join('/')}`;
}

/** Where init reads and writes; a test gives its own. */
export interface InitStreams {
  input: Readable & { isTTY?: boolean };
  output: Writable;
}

function refuseOver(path: string, force: boolean): void {
  if (!force && existsSync(path)) {
    throw new BenchError('USAGE', `${path} is there already.`, { hint: 'Keep it, or overwrite it with --force.' });
  }
}

/** Before anything is asked. */
function refuseReadOnly(): void {
  try {
    accessSync('.', constants.W_OK);
  } catch (error: unknown) {
    throw new BenchError('USAGE', `${process.cwd()} cannot be written to, so there is no place for ${configName}.`, {
      hint: 'Go to a folder of your own first.',
      cause: error,
    });
  }
}

/** Writes bench.yaml, and the workflow if it is wanted: both or none, and nothing over what is there. */
export async function initCommand(
  options: InitOptions,
  streams: InitStreams = { input: process.stdin, output: process.stderr },
): Promise<number> {
  const terminal = openTerminal();
  const isAsking = !options.yes && streams.input.isTTY === true;
  if (!isAsking && !options.yes && options.target === undefined) {
    throw new BenchError('USAGE', 'There is no terminal to ask on, and nothing says where the server listens.', {
      hint: `For example bench init --target ${usualTarget} --kind speech-to-text, or --yes for the usual answers.`,
    });
  }
  refuseOver(configName, options.force);
  refuseReadOnly();
  if (options.ci === true) {
    refuseOver(workflowPath, options.force);
  }
  const questions = isAsking ? openQuestions(streams, howToAnswer) : null;
  let answers: Answers;
  try {
    answers = await answersOf(options, questions);
  } finally {
    questions?.close();
  }
  if (answers.kind.template !== null) {
    refuseOver(answers.kind.template.fileName, options.force);
  }
  if (answers.ci) {
    refuseOver(workflowPath, options.force);
    await mkdir(dirname(workflowPath), { recursive: true });
    writeWhole(workflowPath, workflowText(answers.exec !== null || answers.target.startsWith('reference')));
  }
  const { template } = answers.kind;
  if (template !== null) {
    writeWhole(template.fileName, template.text);
  }
  writeWhole(configName, configText(answers, schemaPathFrom(process.cwd(), packageRoot)));
  const written = [
    configName,
    ...(template === null ? [] : [template.fileName]),
    ...(answers.ci ? [workflowPath] : []),
  ];
  terminal.out(`wrote ${written.join(' and ')}`);
  if (answers.isRemote) {
    terminal.err('The target is another machine: bench run asks for --allow-remote.');
  }
  const edit = template === null ? '' : `set path and body in ${template.fileName}, then `;
  terminal.err(`${answers.kind.id}: ${answers.kind.title}. If your server takes something else: --kind json.`);
  // What bench starts is not there before the run.
  const look = answers.exec !== null || answers.target.startsWith('reference') ? '' : 'bench doctor --try, then ';
  terminal.err(`Next: ${edit}${look}bench run.`);
  return 0;
}

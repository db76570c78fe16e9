import { stringify } from 'yaml';
import type { ServerKind } from './kinds.ts';

export interface InitAnswers {
  /** A URL, or reference for the bundled server. */
  target: string;
  /** The target is another machine, which must be allowed by hand. */
  isRemote: boolean;
  kind: ServerKind;
  /** As the user wrote it, such as 2GiB; null: none. */
  memoryLimit: string | null;
  /** The command that starts the server; null: it runs already. */
  exec: string | null;
}

/** `key: value` as YAML writes it, quoted where it must be. */
const line = (key: string, value: string): string => stringify({ [key]: value }, { lineWidth: 0 }).trimEnd();

function limitLines({ target, memoryLimit, exec }: InitAnswers): readonly string[] {
  const startedHere = exec !== null || target.startsWith('reference');
  const held = [
    '# A real limit (a cgroup where this host allows it); it holds only what bench starts itself.',
    startedHere && memoryLimit !== null
      ? line('memory-limit', memoryLimit)
      : `# ${line('memory-limit', memoryLimit ?? '2GiB')}`,
  ];
  const judged =
    memoryLimit === null
      ? []
      : [
          '',
          '# Under which limit bench capacity says how many requests fit.',
          'capacity:',
          `  ${line('limit', memoryLimit)}`,
        ];
  return [...held, ...judged];
}

/**
 * The text of bench.yaml: every setting with what it is for, and those that one may want next as comments. `schemaPath`
 * is for editors, which check and complete the file by it; null: none can be named.
 */
export function configText(answers: InitAnswers, schemaPath: string | null): string {
  const { target, isRemote, kind, exec } = answers;
  return `${[
    ...(schemaPath === null ? [] : [`# yaml-language-server: $schema=${schemaPath}`]),
    '# Settings of bench for this folder. A flag beats BENCH_* variables, and those beat this file.',
    '# Every option of bench run --help can stand here, without its dashes.',
    '',
    '# What is asked of the server: bench list profiles. bench run takes this one if none is named.',
    line('profile', kind.profile),
    '',
    '# Where it listens.',
    line('target', target),
    ...(isRemote
      ? ['# It is another machine. Overload hurts whoever shares it; if it is yours to break:', '# allow-remote: true']
      : []),
    '',
    `# How it is spoken to: bench list adapters. This one ${kind.title}.`,
    line('adapter', kind.adapter),
    ...(kind.corpus === null ? [] : ['# What is sent: bench list corpora.', line('corpus', kind.corpus)]),
    ...(kind.template === null
      ? []
      : [
          '# What is sent: change path and body there to those of your server; bench plan shows whether it is taken.',
          line('template', kind.template.fileName),
        ]),
    '# model: NAME            # value of the model field',
    '# health: /health        # the path that says whether it is well',
    '',
    '# Starts the server, waits until it is healthy, and stops it after the run.',
    exec === null ? '# exec: COMMAND' : line('exec', exec),
    '',
    ...limitLines(answers),
    '',
    '# The load stops at this share of the limit, before the kernel kills anything.',
    'guard: 90%',
    '',
    "# A secret belongs into the environment: BENCH_HEADER='Authorization: Bearer KEY'. It is never stored.",
  ].join('\n')}\n`;
}

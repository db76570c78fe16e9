import type { Command } from 'commander';

/** By the path of the command; a test parses each. Commands that bring their own text stand not here. */
const examples: Readonly<Record<string, readonly string[]>> = {
  run: [
    'bench run smoke --target reference',
    'bench run longform-sustained --target http://127.0.0.1:8000 --model whisper-1',
    "bench run soak-8h --target http://127.0.0.1:8000 --exec 'uvicorn app:app --port 8000' --memory-limit 2GiB",
  ],
  watch: [
    'bench watch --target http://127.0.0.1:8000 -- ./load.sh',
    'bench watch --target http://127.0.0.1:8000 --records k6.json -- k6 run --out json=k6.json script.js',
  ],
  plan: ['bench plan longform-sustained', 'bench plan sustained-overload --simulate --simulate-slots 8'],
  serve: ['bench serve --fault ungated-pool --port 9005', 'bench serve --fault ungated-pool --fix fixed'],
  list: ['bench list profiles', 'bench list faults'],
  doctor: [
    'bench doctor',
    'bench doctor --target http://127.0.0.1:8000',
    'bench doctor longform-sustained --target http://127.0.0.1:8000 --model whisper-1 --try',
  ],
  analyze: ['bench analyze RUN'],
  capacity: ['bench capacity RUN --limit 704MiB', 'bench capacity RUN --concurrency 16'],
  report: ['bench report RUN'],
  recover: ['bench recover RUN'],
  verify: ['bench verify RUN'],
  migrate: ['bench migrate RUN', 'bench migrate RUN --in-place --anonymize'],
  rerun: ['bench rerun RUN --dry-run', "bench rerun RUN --header 'Authorization: Bearer KEY'"],
  gate: [
    'bench gate RUN-1 RUN-2 RUN-3',
    'bench gate explain RUN',
    'bench gate RUN --confirmation RUN-2 --require-baseline',
  ],
  history: ['bench history add RUN', 'bench history list'],
  'history add': ['bench history add RUN-1 RUN-2 RUN-3'],
  'history list': ['bench history list'],
  'history accept': ["bench history accept SERIES --reason 'the new model holds more'"],
  'history calibrate': ['bench history calibrate SERIES'],
  compare: ['bench compare RUN-1 RUN-2', 'bench compare SESSION-1 SESSION-2 --force'],
  publish: ['bench publish --out reports'],
  export: ['bench export RUN --format junit', 'bench export RUN --format otava --out exported'],
  'scale-out': ['bench scale-out sustained-overload --runners 10 --target http://stt.test:8000 --out ten-runners'],
  merge: ['bench merge ten-runners/results-1 ten-runners/results-2'],
  agent: ['bench agent', 'bench agent --listen 0.0.0.0:9477 --token-file token --tls-cert cert.pem --tls-key key.pem'],
  corpus: ['bench corpus list', 'bench corpus inspect stt-callcenter'],
  'corpus list': ['bench corpus list'],
  'corpus inspect': ['bench corpus inspect stt-callcenter'],
  'corpus build': ['bench corpus build image-large --items 0-9 --out photos'],
  'corpus verify': ['bench corpus verify stt-short', 'bench corpus verify image-large photos --items 0-9'],
  'corpus digest': ['bench corpus digest stt-longform'],
  'corpus cat': ['bench corpus cat stt-short 3 > clip.wav'],
  'corpus fit': ['bench corpus fit access.log --name my-traffic'],
  'corpus import': ['bench corpus import recordings --name my-calls --to stt-longform'],
  init: [
    'bench init',
    'bench init --target http://127.0.0.1:8000 --kind chat --memory-limit 2GiB --ci',
    'bench init --target reference --yes',
  ],
  completion: ['source <(bench completion bash)', 'bench completion fish > ~/.config/fish/completions/bench.fish'],
};

/** Of the command at this path; none for one that brings its own text. */
export function examplesOf(path: readonly string[]): readonly string[] {
  return examples[path.join(' ')] ?? [];
}

const width = 80;

/** An example within the width of a terminal, continued as a shell takes it. */
function shellLines(example: string): string {
  const lines: string[] = [];
  for (const word of example.match(/(?:'[^']*'|"[^"]*"|<\([^)]*\)|\S)+/g) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width - ' \\'.length) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(last === undefined ? `  ${word}` : `    ${word}`);
    }
  }
  return lines.join(' \\\n');
}

/** Adds the examples to the help of every command below `parent`. */
export function addExamples(parent: Command, path: readonly string[] = []): void {
  for (const command of parent.commands) {
    const here = [...path, command.name()];
    const lines = examplesOf(here);
    if (lines.length > 0) {
      command.addHelpText('after', `\nExamples:\n${lines.map(shellLines).join('\n')}`);
    }
    addExamples(command, here);
  }
}

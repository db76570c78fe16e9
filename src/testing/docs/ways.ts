/** What becomes of a documented command when the documentation is run. */
export interface Way {
  /** Of the whole simple command. */
  matches: RegExp;
  how: 'run' | 'parse';
  /** Exit codes that are no failure; [0] where not named. */
  exits?: readonly number[];
  /** Put behind the command, to make it small. */
  append?: string;
  /** What the words of the page stand for. */
  replace?: Readonly<Record<string, string>>;
  /** Where it is run, if not in the copy itself: what it writes there is nobody else's. */
  folder?: string;
  /** Needs the server that the script has started on port 8000. */
  server?: boolean;
  why: string;
}

/** Id of the run that is made first, for the commands that read one. */
export const exampleRun = 'example';

/** On a busy machine a short run may be invalid. */
const judged = [0, 1, 3];

/** A small corpus, and what one of its commands leaves for the next. */
const ofCorpus = { NAME: 'stt-short', FOLDER: 'clips', INDEX: '0', x: 'stt-short' };

/** The first that matches counts. A command that none matches is a failure: its page has outgrown this table. */
export const ways: readonly Way[] = [
  { matches: /^npm (?:ci|install)\b/, how: 'parse', why: 'asks the registry; the copy uses what is installed here' },
  { matches: /^npm (?:test|run check)$/, how: 'parse', why: 'every change runs it' },
  { matches: /^npm run build$/, how: 'parse', why: 'done before anything else' },
  { matches: /^npm run test:docs$/, how: 'parse', why: 'it is what runs' },
  { matches: /^npm run (?:check:floors|check:licences|graph)$/, how: 'run', why: 'as is' },
  { matches: /^npm run /, how: 'parse', why: 'takes minutes, asks the registry, or accepts what has changed' },
  { matches: /^\.ci\/nightly --help$/, how: 'run', why: 'as is' },
  {
    matches: /^(?:headroom\/)?\.ci\//,
    how: 'parse',
    why: 'src/testing/workflow-night.test.ts runs it, with a stand-in for bench',
  },
  {
    matches: /bench run longform-sustained --target reference$/,
    how: 'run',
    append: '--dry-run',
    why: 'with --dry-run: it takes 17 minutes',
  },
  { matches: /bench run longform-sustained --target reference --scale 0\.1$/, how: 'run', exits: judged, why: 'as is' },
  {
    matches: /bench run smoke --target reference$/,
    how: 'run',
    append: '--scale 0.3',
    exits: judged,
    why: 'with --scale 0.3',
  },
  {
    matches: /--memory-limit 900MiB$/,
    how: 'run',
    append: '--scale 0.3',
    exits: [0, 1, 3, 5],
    why: 'with --scale 0.3; exit 5 where no limit can be set',
  },
  {
    matches: /bench run (?:cotenant-starvation|smoke .*--anonymize$)/,
    how: 'run',
    append: '--dry-run',
    why: 'with --dry-run: its run is one of another page, or takes long',
  },
  {
    matches: /bench run (?:NAME$|\S+ --adapter \S+ --corpus \S+$)/,
    how: 'run',
    append: '--target reference --dry-run',
    replace: { NAME: 'smoke' },
    why: 'with a target, and with --dry-run',
  },
  {
    matches: /bench run .*--exec /,
    how: 'parse',
    why: 'starts a server that is not there',
  },
  {
    matches: /bench run .*http:\/\/127\.0\.0\.1:\d+/,
    how: 'run',
    append: '--dry-run',
    why: 'with --dry-run: the server is not there',
  },
  { matches: /bench doctor/, how: 'run', server: true, why: 'as is' },
  {
    matches: /bench serve /,
    how: 'parse',
    replace: { F: 'ungated-pool', X: 'fixed' },
    why: 'runs until it is ended; the README of the server does so in blocks',
  },
  { matches: /bench (?:watch|agent)/, how: 'parse', why: 'needs k6, or another host' },
  {
    matches: /bench init/,
    how: 'run',
    append: '--yes --force --target http://127.0.0.1:8000',
    folder: 'fresh',
    why: 'with --yes, --force and a target, in a folder of its own',
  },
  {
    matches: /bench corpus fit/,
    how: 'run',
    append: '--out - --column bytes',
    replace: { 'access.log': 'sizes.csv', SOURCE: 'sizes.csv', NAME: 'my-traffic' },
    why: 'with a CSV file of sizes, to stdout',
  },
  {
    matches: /bench corpus import/,
    how: 'run',
    replace: { FOLDER: 'clips', NAME: 'my-clips' },
    why: 'with the clips of a built corpus',
  },
  { matches: /bench plan NAME$/, how: 'run', replace: { NAME: 'smoke' }, why: 'of smoke' },
  { matches: /bench corpus .*\b(?:NAME|x)\b/, how: 'run', replace: ofCorpus, why: 'of stt-short' },
  { matches: /bench (?:corpus|list|plan|completion)/, how: 'run', why: 'as is' },
  {
    matches: /bench export .*--format otava/,
    how: 'run',
    exits: [0, 2],
    replace: { 'RUN…': exampleRun },
    why: 'with the example run; refused where that is invalid',
  },
  {
    matches: /bench compare --force$|bench gate explain$/,
    how: 'run',
    exits: [0, 1, 3, 4],
    append: `${exampleRun} ${exampleRun}`,
    why: 'with the example run',
  },
  {
    matches: /bench compare /,
    how: 'run',
    exits: [0, 4],
    replace: { A: exampleRun, B: exampleRun, BASE: exampleRun, CANDIDATE: exampleRun },
    why: 'the example run with itself',
  },
  { matches: /bench rerun RUN$/, how: 'run', append: '--dry-run', replace: { RUN: exampleRun }, why: 'with --dry-run' },
  {
    matches: /bench recover RUN$/,
    how: 'run',
    replace: { RUN: exampleRun },
    why: 'with the example run, of which nothing is to be recovered',
  },
  {
    matches: /bench (?:export|report|verify|analyze|capacity|gate|migrate|history add)/,
    how: 'run',
    exits: [0, 1, 3, 4],
    replace: { 'RUN…': exampleRun, RUN: exampleRun },
    why: 'with the example run',
  },
  { matches: /bench publish/, how: 'run', why: 'as is' },
  { matches: /^node dist\/reference-server\/main\.js --list-knobs/, how: 'run', why: 'as is' },
  { matches: /^node dist\/reference-server\/main\.js/, how: 'parse', why: 'runs until it is ended' },
  { matches: /^curl .*:9005\/execute/, how: 'parse', why: 'its server is that of the block above' },
  { matches: /^cd otava|^otava analyze/, how: 'parse', why: 'Otava is a program of others' },
  { matches: /^bencher run/, how: 'parse', why: 'Bencher is a program of others' },
];

export function wayOf(command: string): Way | null {
  return ways.find(({ matches }) => matches.test(command)) ?? null;
}

/** A command with what its words stand for, its addition, and without the brackets of what may be left out. */
export function filledIn(command: string, { append, replace = {} }: Way): string {
  const words = command
    .replaceAll(/[[\]]/g, '')
    .split(' ')
    .map((word) => replace[word] ?? word)
    .join(' ');
  return append === undefined ? words : `${words} ${append}`;
}

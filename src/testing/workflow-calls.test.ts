import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../cli/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const workflowFolder = join(root, '.github', 'workflows');
const scripts = ['run', 'nightly', 'compare-branches', 'data-branch', 'comment', 'join-sites', 'bench.sh'];

interface Step {
  name?: string;
  uses?: string;
  run?: string;
}
interface Workflow {
  name: string;
  permissions: Record<string, string>;
  jobs: Record<string, { 'timeout-minutes': number; permissions?: Record<string, string>; steps: Step[] }>;
}

const workflowNames = readdirSync(workflowFolder).filter((name) => name.endsWith('.yml'));
const workflows = workflowNames.map((file) => ({
  file,
  text: readFileSync(join(workflowFolder, file), 'utf8'),
  workflow: parse(readFileSync(join(workflowFolder, file), 'utf8')) as Workflow,
}));
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ file, id, job, workflow })),
);
const steps = jobs.flatMap(({ file, job }) => job.steps.map((step) => ({ file, step })));
const runSteps = steps.flatMap(({ file, step: { name, run } }) =>
  run === undefined ? [] : [{ title: `${file}: ${name ?? run}`, run }],
);
const scriptTexts = scripts.map((name) => ({ name, text: readFileSync(join(root, '.ci', name), 'utf8') }));

/** Values that options of these names would hold; of any other variable a word. */
const sampleValues: Readonly<Record<string, string>> = {
  scale: '0.2',
  count: '3',
  purpose: 'nightly',
  confirm: 'auto',
};

const sampleOf = (variable: string): string => sampleValues[variable] ?? 'word';

/** Words of a list as a shell would split them, with variables replaced; arrays of runs and of other lists stay one. */
function wordsOf(text: string, lists: ReadonlyMap<string, readonly string[]>): string[] {
  const words = text.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return words.flatMap((word) => {
    const list = /^"\$\{(\w+)\[@\]\}"$/.exec(word)?.[1];
    if (list !== undefined) {
      return lists.get(list) ?? [sampleOf(list)];
    }
    return [word.replaceAll('"', '').replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => sampleOf(name))];
  });
}

/** The lists that a script fills with options; what a user passes on is his. */
function listsOf(text: string): Map<string, string[]> {
  const lists = new Map<string, string[]>([['options', []]]);
  for (const [, name = '', content = ''] of text.matchAll(/\b(\w+)\+?=\(([^()]*)\)/g)) {
    if (content.includes('--')) {
      lists.set(name, [...(lists.get(name) ?? []), ...wordsOf(content, new Map())]);
    }
  }
  return lists;
}

/** Each `bench …` that a script calls, by its own name or by that of the function around it. */
function callsOf(text: string): string[][] {
  const lists = listsOf(text);
  const joined = text.replaceAll('\\\n', ' ').replaceAll(/\$\{(\w+):-[^}]*\}/g, '$$$1');
  return [...joined.matchAll(/^\s*(?:\[.*\] \|\| )?(bench_run|bench|judged) ((?!"\$@")["\w].*)$/gm)].map(
    ([, how, rest = '']) => {
      const [call = ''] = rest.split(/\s(?:\|\||&&|>>?|&$)/);
      const words = wordsOf(call, lists);
      if (how === 'bench_run') {
        return ['run', ...words];
      }
      return how === 'judged'
        ? [...words, 'word', ...(lists.get('second') ?? []), ...(lists.get('judge') ?? [])]
        : words;
    },
  );
}

const calls = [
  ...scriptTexts.flatMap(({ name, text }) => callsOf(text).map((call) => ({ name, call }))),
  ...runSteps.flatMap(({ title, run }) => callsOf(run).map((call) => ({ name: title, call }))),
].map(({ name, call }) => ({ title: `${name}: bench ${call.join(' ')}`, call }));

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** The command that the arguments reach; nothing of it is carried out. */
async function reached(call: readonly string[]): Promise<string> {
  const program = createProgram(() => undefined);
  const seen: string[] = [];
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) {
      command.action(() => {
        seen.push(command.name());
      });
    }
  }
  await program.parseAsync(['node', 'bench', ...call]);
  return seen.join(' ');
}

describe('workflows', () => {
  it('are there: nightly, pr, pr-comment and test', () => {
    expect(new Set(workflowNames)).toEqual(new Set(['nightly.yml', 'pr-comment.yml', 'pr.yml', 'test.yml']));
  });

  it.each(steps.flatMap(({ file, step: { uses } }) => (uses === undefined ? [] : [{ file, uses }])))(
    '$file pins $uses by its commit, since a tag can be moved',
    ({ uses }) => {
      expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
    },
  );

  it('give one commit to an action everywhere', () => {
    const pins = new Set(steps.flatMap(({ step }) => step.uses ?? []));
    const names = [...pins].map((uses) => uses.split('@')[0]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(jobs)('$file: $id says what it may and when it is given up', ({ job, workflow }) => {
    const granted = Object.entries({ ...workflow.permissions, ...job.permissions });
    expect(granted.length).toBeGreaterThan(0);
    expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it("give a pull request's own code no right to write", () => {
    const ofCode = jobs.filter(({ file }) => file === 'pr.yml' || file === 'test.yml');
    const rights = ofCode.flatMap(({ job, workflow }) =>
      Object.values({ ...workflow.permissions, ...job.permissions }),
    );
    expect(rights).toEqual(ofCode.map(() => 'read'));
    expect(workflows.some(({ text }) => text.includes('pull_request_target'))).toBe(false);
  });

  it.each(runSteps)('$title takes texts of others by variables, never into its own text', ({ run }) => {
    expect(run).not.toMatch(/\$\{\{/);
  });

  it.each(runSteps)('$title is a script that bash can read', ({ run }) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: run, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each(runSteps)('$title calls scripts that are there and can be run', ({ run }) => {
    const called = [...run.matchAll(/\.ci\/[a-z-]+(?:\.js)?/g)].map(([path]) => path);
    const isRunnable = (path: string): boolean =>
      existsSync(join(root, path)) && (path.endsWith('.js') || (statSync(join(root, path)).mode & 0o100) !== 0);
    expect(called.filter((path) => !isRunnable(path))).toEqual([]);
  });
});

describe('scripts of .ci', () => {
  it.each(scripts)('%s is a script that bash can read', (name) => {
    const { status, stderr } = spawnSync('bash', ['-n', join(root, '.ci', name)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
  it.skipIf(!hasShellcheck)('shellcheck finds nothing in them (needs shellcheck)', () => {
    const paths = scripts.map((name) => join(root, '.ci', name));
    const { stdout } = spawnSync('shellcheck', ['-x', `--source-path=${join(root, '.ci')}`, ...paths], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  it('call bench run, verify, gate, history, export, publish and compare', () => {
    const called = new Set(calls.map(({ call }) => call[0]));
    expect(called).toEqual(new Set(['compare', 'export', 'gate', 'history', 'publish', 'run', 'verify']));
  });

  it.each(calls)('$title is a call that bench takes', async ({ call }) => {
    const command = await reached(call);
    expect(call).toContain(command);
    expect(command).not.toBe('');
  });

  it('a call with an option that is not there would be found', async () => {
    await expect(reached(['gate', 'a', '--no-such-option'])).rejects.toThrow('unknown option');
  });
});

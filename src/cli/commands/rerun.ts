import { relative } from 'node:path';
import { BenchError } from '../../base/errors.ts';
import { generators } from '../../generators/index.ts';
import { type Manifest, recipeOf } from '../../model/manifest.ts';
import { measurementVersion } from '../../model/result.ts';
import { openCorpus } from '../../phases/corpus/open-corpus.ts';
import { readHostFacts } from '../../phases/host-facts.ts';
import { readCommit } from '../../phases/run-id.ts';
import { type EnvironmentDifference, environmentDifferences } from '../../phases/sealed/rerun.ts';
import { rerunArguments } from '../../phases/sealed/rerun-arguments.ts';
import { findRunFolder, readManifest } from '../../store/run-folder.ts';
import { packageRoot, packageVersion, readYaml } from '../library.ts';
import { openTerminal } from '../terminal.ts';

export interface RerunCommandOptions {
  out: string;
  header: readonly string[];
  target?: string;
  exec?: string;
  jobsToken?: string;
  force: boolean;
  dryRun: boolean;
}

/** Says what differs from then. The command line to run again; null: it was only asked what differs. */
export async function rerunCommand(
  run: string,
  options: RerunCommandOptions,
  takesValue: (command: string, option: string) => boolean,
): Promise<readonly string[] | null> {
  const folder = findRunFolder(run, options.out);
  const manifest = readManifest(folder);
  const argv = rerunArguments(manifest, {
    profilePath: relative(process.cwd(), folder.profile),
    outFolder: options.out,
    again: givenAgain(options),
    takesValue: (option) => takesValue(manifest.argv[0] ?? '', option),
  });
  const terminal = openTerminal();
  const say = options.dryRun ? terminal.out : terminal.err;
  for (const line of differenceLines(await differencesNow(manifest))) {
    say(line);
  }
  refuseOtherCorpus(manifest, options.force, say);
  say(`bench ${argv.map((argument, index) => (argv[index - 1] === '--header' ? '***' : argument)).join(' ')}`);
  return options.dryRun ? null : argv;
}

function givenAgain({ header, target, exec, jobsToken }: RerunCommandOptions): Record<string, readonly string[]> {
  return {
    ...(header.length === 0 ? {} : { '--header': header }),
    ...(target === undefined ? {} : { '--target': [target] }),
    ...(exec === undefined ? {} : { '--exec': [exec] }),
    ...(jobsToken === undefined ? {} : { '--jobs-token': [jobsToken] }),
  };
}

async function differencesNow(manifest: Manifest): Promise<readonly EnvironmentDifference[]> {
  const { facts, comparability } = await readHostFacts();
  const commit = await readCommit(packageRoot);
  return environmentDifferences(manifest, {
    tool: { name: 'headroom', version: packageVersion(), commit },
    measurementVersion,
    node: process.version,
    facts,
    comparability,
  });
}

function differenceLines(differences: readonly EnvironmentDifference[]): string[] {
  if (differences.length === 0) {
    return ['The environment is as it was.'];
  }
  const width = Math.max(...differences.map(({ field }) => field.length));
  const lines = differences.map(
    ({ field, before, after, forbidsComparison }) =>
      `differs  ${field.padEnd(width)}  ${before ?? 'not known'} -> ${after ?? 'not known'}${forbidsComparison ? '  (not comparable)' : ''}`,
  );
  return differences.some(({ forbidsComparison }) => forbidsComparison)
    ? [...lines, 'The two runs will not be comparable.']
    : lines;
}

function refuseOtherCorpus(manifest: Manifest, isForced: boolean, say: (line: string) => void): void {
  const { corpus } = manifest;
  if (corpus.digest === '') {
    return;
  }
  const recipe = readYaml('corpora', recipeOf(manifest));
  const { digest } = openCorpus(recipe.text, recipe.fileName, generators);
  if (digest === corpus.digest) {
    return;
  }
  const sentence = `The corpus ${corpus.name} has the digest ${digest.slice(0, 12)}, and had ${corpus.digest.slice(0, 12)}.`;
  if (!isForced) {
    throw new BenchError('CORPUS_DIGEST_MISMATCH', sentence, {
      hint: 'Its recipe or generator has changed. Run it all the same with --force.',
    });
  }
  say(`differs  corpus digest: ${sentence} The two runs will not be comparable.`);
}

import { formatBytes } from '../../base/units.ts';
import { type ManifestFacts, needsVolume } from './manifests.ts';

export interface ReadmeFacts extends ManifestFacts {
  profile: string;
  targetUrl: string;
  planHash: string;
  requests: number;
  segments: { flags: readonly string[] };
}

function inputSteps({ name, inputBytes, ...facts }: ReadmeFacts): string[] {
  if (!needsVolume({ inputBytes })) {
    return ['kubectl apply -f configmap.yaml'];
  }
  return [
    `kubectl wait --for=condition=Ready pod/${name}-files`,
    `# ${formatBytes(inputBytes)} that all ${facts.runners} runners read; a ConfigMap holds 1 MiB`,
    ...['script.ts', 'script-data.json', 'bodies.bin'].map((file) => `kubectl cp ${file} ${name}-files:/input/${file}`),
  ];
}

/** Commands in the order in which they are given; secrets are made by hand and stand in no file. */
export function readmeText(facts: ReadmeFacts): string {
  const { name } = facts;
  const each = facts.segments.flags;
  return [
    `# ${facts.profile} on ${facts.runners} runners`,
    '',
    `Target ${facts.targetUrl}, ${facts.requests} requests known before the run, plan ${facts.planHash}.`,
    'Every runner sends its stripe of the same plan: together they send each row once. Needs the k6-operator (v1.6).',
    '',
    '## With the operator',
    '',
    '```sh',
    '# only if the target wants headers: one JSON object',
    `kubectl create secret generic ${name}-headers --from-literal=headers='{"authorization":"Bearer ..."}'`,
    'kubectl apply -f storage.yaml',
    ...inputSteps(facts),
    'kubectl apply -f testrun.yaml',
    `kubectl get testrun ${name} -w     # until its stage is finished`,
    `kubectl cp ${name}-files:/results results`,
    'bench merge .',
    '```',
    '',
    '## The memory of the target',
    '',
    'Put the name of its node into agent.yaml, then:',
    '',
    '```sh',
    `kubectl create secret generic ${name}-agent-token --from-file=token=TOKEN_FILE`,
    'kubectl apply -f agent.yaml',
    '```',
    '',
    'A bench run that samples through the agent and plans no request gives the samples: bench merge . RUN_FOLDER',
    '',
    '## Without Kubernetes',
    '',
    'One line for each runner, all at the same time, with the files of this folder:',
    '',
    '```sh',
    'mkdir -p results',
    ...each.map(
      (flags, index) =>
        `HEADROOM_BODIES=$PWD/bodies.bin k6 run ${flags} --out json=results/runner-${index}.json.gz --summary-mode=disabled --no-thresholds --no-usage-report script.ts &`,
    ),
    'wait',
    'bench merge .',
    '```',
    '',
    'A secret header goes into the environment of k6: HEADROOM_HEADERS=\'{"authorization":"Bearer ..."}\'.',
    '',
  ].join('\n');
}

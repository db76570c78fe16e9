import { stringify } from 'yaml';

/** What the manifests of one scaled-out plan are made of. */
export interface ManifestFacts {
  /** A DNS label that opens every object's name. */
  name: string;
  runners: number;
  /** What one runner may take. */
  memoryBytes: number;
  /** Script, data and bodies together. */
  inputBytes: number;
  k6Image: string;
  benchImage: string;
  /** Room for the records of all runners. */
  resultBytes: number;
}

export const scriptName = 'script.ts';
export const dataName = 'script-data.json';
export const bodiesName = 'bodies.bin';
/** Keys of the two Secrets, and what they are called behind the plan's name. */
const headersKey = 'headers';
const tokenKey = 'token';
const agentPort = 9477;

/** etcd takes 1 MiB for an object; names and base64 take their part of it. */
const mostConfigMapBytes = 700 * 1024;
/** Go counts its own heap against GOMEMLIMIT; stacks, the binary and the page cache come on top. */
const containerShare = 1.25;
const mib = 1024 ** 2;

export function needsVolume({ inputBytes }: Pick<ManifestFacts, 'inputBytes'>): boolean {
  return inputBytes > mostConfigMapBytes;
}

export function manifestText(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / mib)}Mi`;
}

function runnerOf(facts: ManifestFacts): object {
  const { name, memoryBytes } = facts;
  return {
    image: facts.k6Image,
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      {
        name: 'HEADROOM_HEADERS',
        valueFrom: { secretKeyRef: { name: `${name}-headers`, key: headersKey, optional: true } },
      },
      { name: 'HEADROOM_BODIES', value: `/test/${bodiesName}` },
      { name: 'GOMEMLIMIT', value: `${Math.ceil(memoryBytes)}B` },
      { name: 'GODEBUG', value: 'http2client=0' },
      { name: 'K6_AUTO_EXTENSION_RESOLUTION', value: 'false' },
    ],
    resources: {
      requests: { cpu: '1', memory: mebibytes(memoryBytes) },
      limits: { memory: mebibytes(memoryBytes * containerShare) },
    },
    volumes: [{ name: 'results', persistentVolumeClaim: { claimName: `${name}-results` } }],
    volumeMounts: [{ name: 'results', mountPath: '/results' }],
  };
}

/** The k6-operator's TestRun; each runner gets its execution segment from the operator. */
export function testRun(facts: ManifestFacts): object {
  const { name, runners } = facts;
  const script = needsVolume(facts)
    ? { volumeClaim: { name: `${name}-input`, file: scriptName, readOnly: true } }
    : { configMap: { name: `${name}-input`, file: scriptName } };
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name },
    spec: {
      parallelism: runners,
      script,
      // Kubernetes puts the pod's name in; k6 packs what ends in .gz.
      arguments: '--out json=/results/$(POD_NAME).json.gz --summary-mode=disabled --no-thresholds --no-usage-report',
      runner: runnerOf(facts),
    },
  };
}

export function configMap(name: string, files: Readonly<Record<string, string>>, bodies: Buffer): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-input` },
    data: files,
    binaryData: { [bodiesName]: bodies.toString('base64') },
  };
}

function claim(name: string, accessMode: string, bytes: number): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: [accessMode], resources: { requests: { storage: mebibytes(bytes) } } },
  };
}

/** Volumes that all runners share, and a pod through which files come and go. */
export function storage(facts: ManifestFacts): readonly object[] {
  const { name } = facts;
  const claims = [claim(`${name}-results`, 'ReadWriteMany', Math.max(facts.resultBytes, 64 * mib))];
  if (needsVolume(facts)) {
    claims.push(claim(`${name}-input`, 'ReadWriteMany', facts.inputBytes * 1.1));
  }
  const parts = needsVolume(facts) ? ['results', 'input'] : ['results'];
  return [
    ...claims,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-files` },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'files',
            image: facts.k6Image,
            command: ['sleep', '86400'],
            volumeMounts: parts.map((part) => ({ name: part, mountPath: `/${part}` })),
          },
        ],
        volumes: parts.map((part) => ({ name: part, persistentVolumeClaim: { claimName: `${name}-${part}` } })),
      },
    },
  ];
}

/** The sampler beside the target: one pod on its node, which sees the processes there and is asked with a token. */
export function agent({ name, benchImage }: ManifestFacts): readonly object[] {
  const labels = { app: `${name}-agent` };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `${name}-agent` },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            // The target's node must be named by whoever applies this.
            nodeSelector: { 'kubernetes.io/hostname': 'THE-NODE-OF-THE-TARGET' },
            hostPID: true,
            hostNetwork: true,
            containers: [
              {
                name: 'agent',
                image: benchImage,
                command: ['bench', 'agent', '--listen', `0.0.0.0:${agentPort}`, '--token-file', `/token/${tokenKey}`],
                ports: [{ containerPort: agentPort }],
                resources: { requests: { cpu: '100m', memory: '128Mi' } },
                volumeMounts: [{ name: 'token', mountPath: '/token', readOnly: true }],
              },
            ],
            volumes: [
              {
                name: 'token',
                secret: { secretName: `${name}-agent-token`, items: [{ key: tokenKey, path: tokenKey }] },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${name}-agent` },
      spec: { selector: labels, ports: [{ port: agentPort, targetPort: agentPort }] },
    },
  ];
}

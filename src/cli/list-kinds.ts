/** What `bench list` takes; the script for completion needs no more of it. */
export const listKinds = [
  'profiles',
  'corpora',
  'engines',
  'adapters',
  'probes',
  'detectors',
  'faults',
  'exporters',
] as const;

export type ListKind = (typeof listKinds)[number];

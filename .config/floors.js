// The one list of floors: the dependency rules and the graph in src/README.md are made from it.
export const floors = [
  { level: 5, folders: ['cli'] },
  { level: 4, folders: ['phases'] },
  {
    level: 3,
    folders: [
      'generators',
      'executors',
      'adapters',
      'engines',
      'targets',
      'probes',
      'detectors',
      'sections',
      'importers',
      'exporters',
    ],
  },
  { level: 2, folders: ['computed', 'store'] },
  { level: 1, folders: ['model'] },
  { level: 0, folders: ['base'] },
];
/** These derive: they read no file, no clock, no network. */
export const pureFolders = ['model', 'computed', 'detectors', 'sections', 'exporters'];

import { floors, pureFolders } from './floors.js';

const inFolders = (folders) => `^src/(${folders.join('|')})/`;
const notTest = { pathNot: '\\.test\\.ts$|^src/testing/' };
const above = (level) => floors.filter((floor) => floor.level > level).flatMap((floor) => floor.folders);

const noLookingUp = floors
  .filter((floor) => above(floor.level).length > 0)
  .map((floor) => ({
    name: `floor-${floor.level}-looks-up`,
    comment: 'A file imports from its own folder and from lower floors.',
    severity: 'error',
    from: { path: inFolders(floor.folders), ...notTest },
    to: { path: inFolders(above(floor.level)) },
  }));

const noSiblings = floors.flatMap((floor) =>
  floor.folders.length < 2
    ? []
    : floor.folders.map((folder) => ({
        name: `${folder}-imports-a-sibling`,
        comment: 'Folders of one floor never import one another; what they need comes as an argument.',
        severity: 'error',
        from: { path: inFolders([folder]), ...notTest },
        to: { path: inFolders(floor.folders.filter((other) => other !== folder)) },
      })),
);

export default {
  forbidden: [
    ...noLookingUp,
    ...noSiblings,
    { name: 'cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'built-in-in-a-pure-folder',
      comment: 'What derives gets its data as arguments.',
      severity: 'error',
      from: { path: inFolders(pureFolders), ...notTest },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'store-outside-phases',
      comment: 'Only phases and cli touch the results folder.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(phases|cli|store|testing)/|\\.test\\.ts$' },
      to: { path: '^src/store/' },
    },
    {
      name: 'reference-server-knows-the-harness',
      comment: 'The reference server is reached over HTTP only.',
      severity: 'error',
      from: { path: '^src/reference-server/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(reference-server/|base/|model/fault\\.ts)' },
    },
    {
      name: 'harness-imports-the-reference-server',
      comment: 'The CLI spawns it; only tests may import it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(reference-server|testing)/|\\.test\\.ts$' },
      to: { path: '^src/reference-server/' },
    },
    {
      name: 'product-imports-testing',
      severity: 'error',
      from: { path: '^src/', ...notTest },
      to: { path: '^src/testing/|\\.test\\.ts$' },
    },
    {
      name: 'test-imported',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
    },
  },
};

// Only what needs types: biome formats and does the rest.
import tseslint from 'typescript-eslint';

// No transcendental function on the byte path: their results differ between engines and processors.
const transcendental = [
  'sin',
  'cos',
  'tan',
  'exp',
  'log',
  'log2',
  'log10',
  'pow',
  'tanh',
  'atan2',
  'sinh',
  'cosh',
  'cbrt',
  'hypot',
];

export default tseslint.config(
  { ignores: ['**/*.js'] },
  {
    files: ['src/**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: new URL('..', import.meta.url).pathname },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/require-array-sort-compare': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: [
      'src/generators/**/*.ts',
      'src/base/audio-*.ts',
      'src/base/image-*.ts',
      'src/base/jpeg-*.ts',
      'src/base/wav*.ts',
      'src/base/resample.ts',
      'src/base/crc.ts',
      'src/base/exponential.ts',
      'src/base/random.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        ...[...transcendental, 'random'].map((property) => ({ object: 'Math', property })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "BinaryExpression[operator='**']", message: 'Not the same on every runtime.' },
        { selector: "NewExpression[callee.name='Date']", message: 'Corpus bytes do not depend on time.' },
      ],
    },
  },
);

import { defineConfig, mergeConfig } from 'vitest/config';
import usual from './vitest.config.ts';

export default mergeConfig(
  usual,
  defineConfig({
    test: {
      setupFiles: ['src/testing/fault-suite/fuzz-setup.ts'],
      // A property that finds nothing takes as long as it is given.
      testTimeout: 600_000,
    },
  }),
);

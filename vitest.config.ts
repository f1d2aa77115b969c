import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['**/node_modules/**', 'prisma/generated/**', '.dondoc/**'],
    // Two cores, and some files start a whole stack.
    maxWorkers: 2,
    expect: { poll: { timeout: 5_000 } },
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});

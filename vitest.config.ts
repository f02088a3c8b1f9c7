import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
    // Real servers, terminals and signals: one second try where nobody is there to look, none at a desk.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default', './tests/closing-line.ts'],
  },
})

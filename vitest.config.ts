import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/helpers/temporary-folder.ts',
    exclude: ['test/ports/**'],
    // Tests assert laws and counts, never speed; the long limit only keeps a slow machine from failing them.
    testTimeout: 120_000,
    // Two workers: threaded tests start three threads each, and starving them would test the scheduler.
    maxWorkers: 2,
  },
})

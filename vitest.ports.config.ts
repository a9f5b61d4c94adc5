import { defineConfig } from 'vitest/config'

/** Tests against a real ALSA sequencer, one after the other: they share its one list of ports. */
export default defineConfig({
  test: {
    include: ['test/ports/**/*.test.ts'],
    globalSetup: 'test/helpers/temporary-folder.ts',
    testTimeout: 120_000,
    fileParallelism: false,
  },
})

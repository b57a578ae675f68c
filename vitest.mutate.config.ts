// The tests that mutation testing runs against src/core/token and src/core/policy: pure ones, without long walks.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    isolate: false,
    fileParallelism: false,
    include: ['test/core/{token,policy}/**/*.test.ts'],
    exclude: [
      'test/core/token/{mutations,wycheproof,remote-keys,keys}.test.ts',
      'test/core/policy/{promise,policy}.test.ts',
    ],
  },
})

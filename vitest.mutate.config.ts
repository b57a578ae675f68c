// The tests that mutation testing runs against src/core/token and src/core/policy: pure ones alone, without long walks.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/core/{token,policy}/**/*.test.ts'],
    exclude: ['test/core/token/mutations.test.ts', 'test/core/token/wycheproof.test.ts'],
  },
})

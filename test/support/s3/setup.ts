// Starts one gateway for the whole `s3` project and tells the tests where it is.
import type { TestProject } from 'vitest/node'
import { type GatewayFacts, startGateway } from './gateway.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    gateway: GatewayFacts
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { facts, stop } = await startGateway()
  project.provide('gateway', facts)
  return stop
}

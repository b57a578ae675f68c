// Builds the static assets that the Worker serves into dist/assets.
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/assets')
await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
await cp(join(root, 'public'), out, { recursive: true })

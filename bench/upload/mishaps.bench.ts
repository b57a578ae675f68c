// Parts that fail by chance: whether every file arrives, and how much is sent twice.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MIB } from '../../test/browser/client/stage.ts'
import { createStand, SEEDS, SIZE_MIB, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await createStand()
})
afterAll(() => stand.end())

test.each([
  ['20 % of the PUTs fail', 0.2, SEEDS],
  ['50 % of the PUTs fail', 0.5, Math.ceil(SEEDS / 2)],
] as const)('%s', async (title, rate, seeds) => {
  const { stage, sendOurs, toFile, note } = stand
  const path = toFile('some.bin', SIZE_MIB)
  const factors: number[] = []
  let mishaps = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    stage.line.reset({ seed, rate })
    const { isDone, bytes, ms } = await sendOurs(`rate${rate * 100}-${seed}`, path)
    mishaps += stage.line.mishaps()
    // The browser's count has what lay in buffers on the way; the line's has what a progress event came too late for.
    const factor = Math.max(bytes, stage.line.bytes()) / (SIZE_MIB * MIB)
    process.stdout.write(
      `seed ${seed}: ${stage.line.mishaps()} mishaps, ×${factor.toFixed(3)} (line ×${(stage.line.bytes() / (SIZE_MIB * MIB)).toFixed(3)}), ${(ms / 1000).toFixed(1)} s\n`,
    )
    if (isDone) factors.push(factor)
  }
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length
  note({
    title,
    of: `${SIZE_MIB} MiB, ${seeds} seeds, ${mishaps} mishaps`,
    ours: `${factors.length} of ${seeds} done; the bytes ×${mean.toFixed(3)}, at most ×${Math.max(...factors).toFixed(3)}`,
  })
  expect(factors).toHaveLength(seeds)
})

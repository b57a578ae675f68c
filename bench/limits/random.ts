// Seeded randomness and the distributions of the simulation.

/** Numbers in [0, 1): sfc32, a small generator that passes PractRand. */
export function createGenerator(seed: number): () => number {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1]
  const next = (): number => {
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return (t >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 15; i += 1) next()
  return next
}

export type Generator = ReturnType<typeof createGenerator>

export function exponential(random: Generator, mean: number): number {
  return -mean * Math.log(1 - random())
}

/** By its median and its 99th percentile: Φ⁻¹(0.99) = 2.326. */
export function logNormal(random: Generator, median: number, p99: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp((normal * Math.log(p99 / median)) / 2.326)
}

// One request as a data point for dashboards, and whoever takes it; what stands at which place is told in docs/operations.md.

export interface EventPoint {
  /** A pseudonym, or empty: what points are sampled by. */
  readonly subject: string
  readonly texts: readonly (string | undefined)[]
  readonly numbers: readonly number[]
}

/** Never fails a request. */
export interface Events {
  write(point: EventPoint): void
}

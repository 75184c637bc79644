/** An assert that fails is a defect of ours, never bad input: it crashes the act, and nothing is written. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message)
}

/** For the end of an exhaustive switch: the compiler proves that it is never reached. */
export function never(value: never, message: string): never {
  throw new AssertionFailed(`${message}: ${String(value)}`)
}

export class AssertionFailed extends Error {
  override name = 'AssertionFailed'
  /** Crosses to another thread, as the name does not. */
  readonly code = 'ASSERT'
}

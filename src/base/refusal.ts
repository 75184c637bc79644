/**
 * A refusal is the product saying no to a person or a system that can act on it: what is wrong, where, what to do.
 * Parsers return problems, commands throw refusals, asserts crash. The three are never mixed.
 */
export interface Fault {
  /** JSON pointer into the input, `''` for the whole. */
  readonly pointer: string
  /** Stable snake_case code; every code is documented in docs/fault-codes.md. */
  readonly code: string
  /** A sentence for the person who must act. */
  readonly detail: string
}

export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: string
  readonly faults: readonly Fault[]
  constructor(code: string, message: string, faults: readonly Fault[] = []) {
    super(message)
    this.code = code
    this.faults = faults
  }
}

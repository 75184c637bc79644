/** Options of a verb, as node:util reads them: what is not known is told in a sentence. */
import { parseArgs } from 'node:util'
import { Refusal } from '../../base/refusal.ts'

export const text = { type: 'string' } as const
export const flag = { type: 'boolean' } as const

export function optionsOf<T extends Record<string, { type: 'string' | 'boolean' }>>(
  args: readonly string[],
  options: T,
  allowPositionals = true,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true })
  } catch (error) {
    throw new Refusal('usage', (error as Error).message)
  }
}

/** Options of a verb, as node:util reads them: what is not known is told in a sentence. */
import { parseArgs } from 'node:util'
import { danishInstant, isClock } from '../../base/danish-time.ts'
import { type Day, parseDay, parseMonth, type Period } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'

export const text = { type: 'string' } as const
export const flag = { type: 'boolean' } as const

/** What was not said or cannot be meant, in a sentence, and then the help of the verb. */
export function lacks(sentence: string, help: string): Refusal {
  return new Refusal('usage', `${sentence}\n\n${help}`)
}

/** `--month`, which must be given. */
export function monthOption(value: string | undefined, help: string): Period {
  if (value === undefined) throw lacks('Say which month: --month 2026-03.', help)
  const month = parseMonth(value)
  if (month === undefined) throw lacks(`--month is a month such as 2026-03, not ${value}.`, help)
  return month
}

/** A day, as the option `--name` says it; undefined when it is not given. */
export function dayOption(value: string | undefined, name: string): Day | undefined {
  if (value === undefined) return undefined
  const day = parseDay(value)
  if (day === undefined) throw new Refusal('usage', `--${name} is a date such as 2026-03-31, not ${value}.`)
  return day
}

/** The number of what is acted on, as a list shows it; `sentence` says where to find it. */
export function numberOf(value: string | undefined, sentence: string, help: string): number {
  if (value === undefined || !/^\d{1,9}$/.test(value)) throw lacks(sentence, help)
  return Number(value)
}

/** `--at`: a time with its offset, or by a Danish clock: `2026-03-30T14:30`. Undefined when it is not given. */
export function timeOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const said = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2})?(Z|[+-]\d{2}:\d{2})?$/.exec(value)
  const on = parseDay(said?.[1] ?? '')
  const clock = said?.[2] ?? ''
  if (on === undefined || !isClock(clock))
    throw new Refusal('usage', `--at is a time such as 2026-03-30T14:30, not ${value}.`)
  return said?.[3] === undefined ? danishInstant(on, clock) : `${new Date(value).toISOString().slice(0, 19)}+00:00`
}

/** Characters. */
const LONGEST_NAME = 100

/** The name of somebody who acts. Two that look alike are one person: else nobody could be held to be another. */
export function actorName(given: string): string {
  const name = given.normalize('NFC').trim().replaceAll(/\s+/g, ' ')
  if (name !== '' && name.length <= LONGEST_NAME && !/\p{C}/u.test(name)) return name
  throw new Refusal('usage', `Say who acts by a name of 1 to ${LONGEST_NAME} characters that can be seen.`)
}

/** `--by` names who acts. */
export function optionsOf<T extends Record<string, { type: 'string' | 'boolean' }>>(
  args: readonly string[],
  options: T,
  allowPositionals = true,
) {
  const parsed = parsedOf(args, options, allowPositionals)
  const values: Record<string, unknown> = parsed.values
  if (typeof values['by'] === 'string') values['by'] = actorName(values['by'])
  return parsed
}

function parsedOf<T extends Record<string, { type: 'string' | 'boolean' }>>(
  args: readonly string[],
  options: T,
  allowPositionals: boolean,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true })
  } catch (error) {
    throw new Refusal('usage', (error as Error).message)
  }
}

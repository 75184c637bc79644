/** The model of what a municipality's own rules hold: time before the takeover, and changes of time long ago. */
import { TAKEOVER } from './history-bases.ts'
import { numberOf, textOf, type Version } from './history-records.ts'
import { add, type Given, type GuardKind, isSameBenefit, type Model, type Stands } from './history-stands.ts'

/** It waits for a person, who has not let it go. */
export function isGuarded({ held, newest, vouched }: Stands): boolean {
  const guarded = held === 'before_takeover' || held === 'before_look_back'
  return guarded && newest !== undefined && !vouched.has(`${numberOf(newest)} ${held}`)
}

export function guardOf(model: Model, one: Stands, version: Version, given: Given): GuardKind | undefined {
  const isVouched = (kind: GuardKind) => one.vouched.has(`${numberOf(version)} ${kind}`)
  const lines = version.withdrawn ? [] : version.lines
  const isCovered = (key: string) => [...one.made].some((old) => isSameBenefit(old, key) && overlaps(old, key))
  if (model.takenOver && !isVouched('before_takeover')) {
    if (lines.some((line) => line.from < TAKEOVER && !isCovered(textOf(line)))) return 'before_takeover'
  }
  if (model.lookBack === 0 || isVouched('before_look_back')) return undefined
  const changes = new Map(given.standsOf(one.order))
  for (const [key, gross] of changes) changes.set(key, -gross)
  for (const line of lines) add(changes, textOf(line), line.gross)
  const now = monthsBefore(model.before, 1)
  const limit = monthsBefore(version.date > now ? version.date : now, model.lookBack)
  return [...changes].some(([key, gross]) => gross !== 0 && key.slice(0, 10) < limit) ? 'before_look_back' : undefined
}

function overlaps(a: string, b: string): boolean {
  return a.slice(0, 10) < b.slice(11, 21) && b.slice(0, 10) < a.slice(11, 21)
}

function monthsBefore(date: string, months: number): string {
  const at = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 - months
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}-01`
}

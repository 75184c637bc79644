/**
 * Which calculated batches may have something that is due and in no run: each keeps, with its totals, the days on which
 * it pays something out. So what is due is looked for in a few batches, however long the history is.
 */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay, parseDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { RunPurpose } from './gather.ts'

/** The days on which a batch pays something out, by what kind of run. */
export type DueDays = Map<RunPurpose, Set<Day>>

/** As they are kept: `2026-03-31`, and with a purpose of its own `2026-03-12 at_once`. In order. */
export function keptDays(days: DueDays): string[] {
  const texts = [...days].flatMap(([purpose, own]) =>
    [...own].map((day) => `${formatDay(day)}${purpose === 'ordinary' ? '' : ` ${purpose}`}`),
  )
  return texts.sort()
}

/** The last batch that the runs of each date and purpose have taken from. */
export type TakenUntil = (date: Day, purpose: RunPurpose) => number

export async function readTakenUntil(db: Db, municipality: Municipality): Promise<TakenUntil> {
  const rows = await db.often.rows<{ date: Day; purpose: RunPurpose; until: number }>(
    `select disposition_date as date, purpose, max(until_work_no) as until from payment_runs
     where municipality_code = $1 group by 1, 2`,
    [municipality],
  )
  const taken = new Map<RunPurpose, Map<Day, number>>()
  for (const { date, purpose, until } of rows) {
    const own = taken.get(purpose)
    if (own === undefined) taken.set(purpose, new Map([[date, until]]))
    else own.set(date, until)
  }
  return (date, purpose) => taken.get(purpose)?.get(date) ?? 0
}

/** The calculated batches that pay something out before a date, and that a run of that day may not have taken. */
export async function worksWithDue(
  db: Db,
  municipality: Municipality,
  before: Day,
  taken: TakenUntil,
): Promise<number[]> {
  const rows = await db.rows<{ work: number; due: readonly string[] }>(
    `select w.work_no as work, d.totals->'due' as due from work_batches w
     join work_done d on d.municipality_code = w.municipality_code and d.work_no = w.work_no
     where w.municipality_code = $1 and w.kind = 'calculate' order by 1`,
    [municipality],
  )
  const open = ({ work, due }: (typeof rows)[number]) =>
    due.some((text) => {
      const [day, purpose = 'ordinary'] = text.split(' ')
      const date = parseDay(day as string) as Day
      return date < before && work > taken(date, purpose as RunPurpose)
    })
  return rows.filter(open).map((row) => row.work)
}

/** Numbers so near each other that they were planned together. */
const NEAR = 32

/**
 * Rows lie in the order of their work, and are found by its ranges: what was planned together is read as one, and what
 * lies between is not read.
 */
export function rangesOf(works: readonly number[]): (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const work of works) {
    const last = ranges.at(-1)
    if (last !== undefined && work - last[1] <= NEAR) last[1] = work
    else ranges.push([work, work])
  }
  return ranges
}

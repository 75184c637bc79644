/**
 * What Ydelsesrefusion was told against our own books, week by week and to the øre: of each payment the weeks of what
 * is left of it, however often it was corrected.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay, mondayOf } from '../../src/base/date.ts'
import type { Municipality } from '../../src/base/id.ts'
import { checkTold as checkBesideWeeks } from './check-told.ts'
import type { TestLine } from './line.ts'

interface Left {
  readonly person: string
  readonly benefit: number
  readonly from: Day
  readonly to: Day
  /** What is reimbursed of it now, and what of it an old system told. */
  readonly gross: number
  readonly before: number
}

/** All that is told: postings, income and events, and the weeks. */
export async function checkTold(line: TestLine, municipalities: readonly Municipality[]): Promise<void> {
  await checkBesideWeeks(line, municipalities)
  await checkWeeks(line, municipalities)
}

export async function checkWeeks(line: TestLine, municipalities: readonly Municipality[]): Promise<void> {
  for (const code of municipalities) {
    const told = new Map<string, number>()
    for (const [person, benefit, monday, ore] of toldWeeks(line, code)) add(told, `${person} ${benefit} ${monday}`, ore)
    const left = new Map<string, number>()
    for (const one of await readLeft(line, code)) {
      const { key, reimbursed } = line.rates.benefitRule(one.benefit, one.from)
      if (!reimbursed) continue
      const before = weeksOf(one, one.before)
      for (const [monday, ore] of weeksOf(one, one.gross))
        add(left, `${one.person} ${key} ${monday}`, ore - (before.get(monday) ?? 0))
    }
    assert.deepEqual([...told].sort(), [...left].sort(), 'left is what was told of each week, right what is left of it')
  }
}

function add(sums: Map<string, number>, key: string, ore: number): void {
  const sum = (sums.get(key) ?? 0) + ore
  if (sum === 0) sums.delete(key)
  else sums.set(key, sum)
}

function toldWeeks({ out }: TestLine, code: Municipality): [string, string, string, number][] {
  return readdirSync(out, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.csv') && name.includes(`${String(code).padStart(4, '0')}-`))
    .flatMap((name) => readFileSync(join(out, name), 'utf8').split('\r\n').slice(1))
    .filter((row) => row !== '')
    .map((row) => row.split(';'))
    .map((cells) => [cells[1] ?? '', cells[2] ?? '', cells[5] ?? '', Number(cells[7])])
}

/** By days: each week rounded towards zero, the last takes what is left. */
function weeksOf({ from, to }: Left, gross: number): Map<string, number> {
  const days = new Map<string, number>()
  for (let at = from; at < Math.max(to, from + 1); at = (at + 1) as Day) {
    const monday = formatDay(mondayOf(at))
    days.set(monday, (days.get(monday) ?? 0) + 1)
  }
  const weeks = new Map([...days].map(([monday, n]) => [monday, Math.trunc((gross * n) / Math.max(1, to - from))]))
  const [last] = [...weeks.keys()].slice(-1) as [string]
  weeks.set(last, (weeks.get(last) ?? 0) + gross - [...weeks.values()].reduce((sum, ore) => sum + ore, 0))
  return weeks
}

async function readLeft({ loader }: TestLine, code: Municipality): Promise<Left[]> {
  return await loader.transaction([code], (tx) =>
    tx.often.rows<Left>(
      `with told as materialized (select work_no from delivery_batches where municipality_code = $1
         and kind = 'ydelsesrefusion'),
       part as (
         select c.order_id * 64 + c.line_no as item, c.order_id * 64 + c.line_no as ref, c.gross_ore as ore,
           case when o.version = 0 then c.gross_ore else 0 end as before
         from calculations c join orders o on o.municipality_code = $1 and o.order_id = c.order_id
         where c.municipality_code = $1 and (o.version = 0 or c.work_no in (select work_no from told))
         union all select item_id, to_ref, gross_ore, 0 from item_movements where municipality_code = $1
           and to_place in (0, 2, 5, 6, 7) and work_no in (select work_no from told)
         union all select item_id, from_ref, -gross_ore, 0 from item_movements where municipality_code = $1
           and from_place in (0, 2, 5, 6, 7) and work_no in (select work_no from told))
       select y.identifier as person, l.benefit, l.period_from as from, l.period_to as to, sum(p.ore)::bigint as gross,
         sum(p.before)::bigint as before
       from part p
       join order_lines l on l.municipality_code = $1 and l.order_id = p.ref >> 6 and l.line_no = (p.ref & 63)::smallint
       join parties y on y.municipality_code = $1 and y.party_id = l.right_holder
       group by p.item, y.identifier, l.benefit, l.period_from, l.period_to`,
      [code],
    ),
  )
}

/** What was calculated for a month, line by line beside what an old solution paid. @da skyggekørsel */
import { rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import { PARTY_TYPES, type PartyRef, type PartyType } from '../parties/index.ts'

/** What is compared of a line, in this order wherever amounts stand; øre. They add up: the first is all the others. */
export const COMPARED = [
  'gross_ore',
  'own_atp_ore',
  'am_ore',
  'tax_ore',
  'set_off_ore',
  'third_party_ore',
  'net_ore',
] as const

/** What one person gets of one benefit for one period: what is paid of it in several lines is added up. */
export interface MonthLine {
  readonly source: SourceSystem
  /** Whose benefit it is, whoever is paid. */
  readonly person: PartyRef
  /** Its key. */
  readonly benefit: string
  readonly period: Period
  /** As COMPARED. */
  readonly amounts: readonly number[]
}

/** A line of theirs, and where it stands in their file: of what is added up the first ones. */
export interface TheirLine extends MonthLine {
  readonly lines: readonly number[]
}

/** By what makes two lines the same. */
export type TheirMonth = Map<string, TheirLine>

export interface ComparedLine {
  readonly outcome: 'equal' | 'different' | 'only_ours' | 'only_theirs'
  readonly ours: MonthLine | undefined
  readonly theirs: TheirLine | undefined
  /** Of ours: what to ask `toek explain` for. Of only_theirs: orders of it that are not calculated: held, say. */
  readonly orders: readonly string[]
}

/** Lines of a file that are named for one that they add up to. */
const LINES_NAMED = 10

export function addTheirs(month: TheirMonth, line: MonthLine, number: number): void {
  const key = sameLine(line)
  const known = month.get(key)
  const amounts = line.amounts.map((ore, i) => ore + (known?.amounts[i] ?? 0))
  const lines = known?.lines ?? []
  month.set(key, { ...line, amounts, lines: lines.length < LINES_NAMED ? [...lines, number] : lines })
}

function sameLine({ source, person, benefit, period }: MonthLine): string {
  return `${source} ${person.type} ${person.id} ${benefit} ${period.from} ${period.to}`
}

/**
 * Ours by source system, person, benefit and period, then what is theirs alone as it stands in their file; empties
 * theirs. Ours is what is to be paid in the month, released or not; not what a later version has withdrawn, as it
 * reached nobody. Takes the memory of one municipality's month.
 */
export async function* compareMonth(
  db: Db,
  municipality: Municipality,
  month: Period,
  sources: readonly SourceSystem[],
  theirs: TheirMonth,
): AsyncGenerator<ComparedLine, void, undefined> {
  const uncalculated = new Map<string, readonly string[]>()
  for (const rows = rowReader(await readOurs(db, municipality, month, sources)); rows.next(); ) {
    const line: MonthLine = {
      source: SOURCE_SYSTEMS[rows.i16() - 1] as SourceSystem,
      person: { type: PARTY_TYPES[rows.i16()] as PartyType, id: rows.text() },
      benefit: rows.text(),
      period: { from: rows.date(), to: rows.date() },
      amounts: COMPARED.map(() => rows.i64()),
    }
    const orders = rows.text().split('\n')
    const key = sameLine(line)
    if (line.amounts[0] === 0) {
      uncalculated.set(key, orders)
      continue
    }
    const other = theirs.get(key)
    theirs.delete(key)
    yield { outcome: outcomeOf(line, other), ours: line, theirs: other, orders }
  }
  for (const [key, line] of theirs) {
    yield { outcome: 'only_theirs', ours: undefined, theirs: line, orders: uncalculated.get(key) ?? [] }
  }
  theirs.clear()
}

function outcomeOf(ours: MonthLine, theirs: MonthLine | undefined): ComparedLine['outcome'] {
  if (theirs === undefined) return 'only_ours'
  return ours.amounts.every((ore, i) => ore === theirs.amounts[i]) ? 'equal' : 'different'
}

/** An order of the month of which nothing is calculated comes with nothing. What an old system paid (2) is not ours. */
async function readOurs(db: Db, municipality: Municipality, month: Period, sources: readonly SourceSystem[]) {
  return await db.copyOut(`select o.source_system, p.type, p.identifier, b.key, l.period_from, l.period_to,
      ${COMPARED.map((name) => `coalesce(sum(c.${name}), 0)::bigint`).join(', ')},
      string_agg(distinct o.order_key, chr(10) order by o.order_key)
    from orders o
    join order_lines l on l.municipality_code = ${municipality} and l.order_id = o.order_id and l.kind = 0
    left join calculations c on c.municipality_code = ${municipality} and c.order_id = l.order_id
      and c.line_no = l.line_no and not exists (select from item_movements m where m.municipality_code = ${municipality}
        and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
    join parties p on p.municipality_code = ${municipality} and p.party_id = l.right_holder
    join benefits b on b.benefit = l.benefit
    where o.municipality_code = ${municipality} and o.state < 2
      and o.source_system in (${sources.map((one) => SOURCE_SYSTEM_ID[one]).join(', ')})
      and coalesce(c.disposition_date, o.disposition_date) >= date '1970-01-01' + ${month.from}
      and coalesce(c.disposition_date, o.disposition_date) < date '1970-01-01' + ${month.to}
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`)
}

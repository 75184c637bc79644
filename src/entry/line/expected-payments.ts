/**
 * What the payee of an order gets in this month and the next: payments that are made, and what is ordered and not
 * calculated yet, calculated for real in a transaction that is rolled back. @da forventede udbetalinger
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import { addDays, firstOfMonth, firstOfNextMonth, formatDay, type Day } from '../../base/date.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { holdAsPlanned, lockMunicipality } from '../../modules/orders/index.ts'
import { endToEndIdOf } from '../../modules/payments/index.ts'
import { takeLawsIntoUse } from '../../modules/rates/index.ts'
import { calculateIn } from './calculate-batch.ts'
import { crossYearOf } from './cross-year.ts'
import { readDueTogether } from './group-orders.ts'
import type { Line } from './line.ts'
import { nextWorkNo } from './plan-month.ts'

export interface ExpectedPart {
  readonly source_system: string
  readonly order_key: string
  readonly version: number
  readonly line_key: string
  readonly amount_ore: number
}

export interface ExpectedPayment {
  readonly disposition_date: string
  readonly amount_ore: number
  /** expected: ordered, and calculated as things stand now. due: calculated. made: in a payment run or further. */
  readonly state: 'expected' | 'due' | 'made'
  readonly end_to_end_id: string | null
  readonly parts: readonly ExpectedPart[]
}

class RolledBack extends Error {
  readonly payments: readonly ExpectedPayment[]
  constructor(payments: readonly ExpectedPayment[]) {
    super('a simulation')
    this.payments = payments
  }
}

/** Undefined: there is no such order. `source` limits what is shown to one system's orders. */
export async function expectedPayments(
  line: Line,
  municipality: Municipality,
  order: { readonly source: number; readonly orderKey: string },
  act: { readonly today: Day; readonly knownAt: string; readonly onlySource: number | undefined },
): Promise<readonly ExpectedPayment[] | undefined> {
  try {
    return await line.connection.transaction([municipality], async (tx) => {
      const newest = await tx.first<{ payee: PartyId; person: PartyId }>(
        `select o.payee, o.beneficiary as person from orders o where o.municipality_code = $1 and o.source_system = $2
           and o.order_key = $3 order by o.version desc, o.again desc limit 1`,
        [municipality, order.source, order.orderKey],
      )
      if (newest === undefined) return undefined
      await lockMunicipality(tx, municipality)
      const from = firstOfMonth(act.today)
      const to = firstOfNextMonth(addDays(firstOfNextMonth(act.today), 1))
      await calculateWhatIsDue(tx, line, municipality, newest.person, to, act.knownAt)
      throw new RolledBack(await readExpected(tx, municipality, newest.payee, from, to, act.onlySource))
    })
  } catch (error) {
    if (error instanceof RolledBack) return error.payments
    throw error
  }
}

async function calculateWhatIsDue(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  person: PartyId,
  to: Day,
  knownAt: string,
): Promise<void> {
  const read = () => readDueTogether(tx, municipality, person, to, 0)
  await holdAsPlanned(tx, municipality, await read(), knownAt)
  const orders = await read()
  if (orders.length === 0) return
  const open = await tx.first(
    `select 1 from work_batches w where w.municipality_code = $1 and w.kind = 'calculate'
       and w.order_ids && $2::bigint[] and not exists (select from work_done d
         where d.municipality_code = $1 and d.work_no = w.work_no)`,
    [municipality, orders],
  )
  if (open !== undefined) {
    throw new Refusal('being_calculated', 'Orders of this person are being calculated. Try again in a moment.')
  }
  const month = { from: firstOfMonth(danishDay(knownAt)), to }
  await crossYearOf(tx, line.rates, municipality, [person], { month, knownAt })
  const workNo = await nextWorkNo(tx, municipality)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     values ($1, $2, 'calculate', 'expected', $3, $4)`,
    [municipality, workNo, knownAt, orders],
  )
  await takeLawsIntoUse(tx, municipality, workNo)
  await calculateIn(tx, line.rates, { municipality, workNo, knownAt })
}

interface Row {
  readonly date: Day
  readonly payment_id: number | null
  readonly expected: boolean
  readonly source_system: string
  readonly order_key: string
  readonly version: number
  readonly line_key: string
  readonly amount_ore: number
}

async function readExpected(
  tx: Tx,
  municipality: Municipality,
  payee: PartyId,
  from: Day,
  to: Day,
  onlySource: number | undefined,
): Promise<ExpectedPayment[]> {
  const rows = await tx.rows<Row>(
    `select p.disposition_date as date, x.payment_id, w.cause = 'expected' as expected, s.key as source_system,
       o.order_key, o.version, l.line_key, p.amount_ore
     from payables p
     join orders o on o.municipality_code = $1 and o.order_id = p.item_id >> 6
     join order_lines l on l.municipality_code = $1 and l.order_id = p.item_id >> 6
       and l.line_no = (case when p.part = 0 then p.item_id else p.part end & 63)::smallint
     join source_systems s on s.source_system = p.source_system
     join work_batches w on w.municipality_code = $1 and w.work_no = p.work_no
     left join payment_parts x on x.municipality_code = $1 and x.item_id = p.item_id and x.part = p.part
     where p.municipality_code = $1 and p.payee = $2 and p.disposition_date >= $3 and p.disposition_date < $4
       and ($5::int is null or p.source_system = $5)
     order by p.disposition_date, s.key, x.payment_id nulls last, o.order_key, o.version, l.line_no`,
    [municipality, payee, formatDay(from), formatDay(to), onlySource ?? null],
  )
  // One payment of each system on each day: as runs gather them.
  const payments = Map.groupBy(rows, (row) => `${row.date} ${row.source_system} ${row.payment_id ?? row.expected}`)
  return [...payments.values()].map((parts) => {
    const [first] = parts as [Row]
    const id = first.payment_id
    return {
      disposition_date: formatDay(first.date),
      amount_ore: parts.reduce((sum, part) => sum + part.amount_ore, 0),
      state: id !== null ? 'made' : first.expected ? 'expected' : 'due',
      end_to_end_id: id === null ? null : endToEndIdOf(municipality, id),
      parts: parts.map(({ source_system, order_key, version, line_key, amount_ore }) => {
        return { source_system, order_key, version, line_key, amount_ore }
      }),
    }
  })
}

/**
 * Matches what the bank booked with what was sent. Bundles are matched as wholes, by the sum of their payments without
 * those that were refused before the bank or booked one by one; so a bundle of 50,000 payments is one comparison.
 */
import type { Db } from '../../base/db.ts'
import { batchOf, type Municipality, type PaymentId, RECORDS_PER_BATCH } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { STOPPED_AS_ASKED } from '../rates/index.ts'
import type { StatementEntry } from './message.ts'
import { type Ranges, rangesOf } from './number-ranges.ts'
import { bundleOfId, paymentOfEndToEndId } from './payment-run.ts'
import { stoppedOfUnit } from './stopped.ts'

export type Match =
  | 'settled'
  | 'returned'
  | 'unmatched'
  /** On an account that others pay from too. */
  | 'not_ours'
  /** Of what was paid elsewhere: found beside a line, never at once. */
  | 'outside'

export interface Judged {
  readonly entry: StatementEntry
  readonly runNo: number
  readonly unit: number
  readonly payment: PaymentId
  readonly match: Match
  /** Settled: the payment itself, or the payments of the bundle that it does not cover. */
  readonly apart: readonly PaymentId[]
  /** Settled: what it paid though the rail had said that it was stopped; left out when it paid nothing such. */
  readonly afterStop?: readonly StoppedAmount[]
}

interface StoppedAmount {
  readonly payment: PaymentId
  readonly amount: Ore
}

export interface Position {
  /** What a movement is found to be; it changes the position for the next one. */
  judge(entry: StatementEntry): Judged
}

interface OpenBundle {
  /** Øre that the bank is still to book for it as a whole. */
  left: number
  settled: boolean
  /** Refused or booked one by one: not covered by the whole. */
  readonly apart: Set<PaymentId>
  /** Of them those that the rail stopped as it was asked. */
  readonly stopped: StoppedAmount[]
}

interface OnePayment {
  readonly unit: number
  readonly amount: number
  refused: boolean
  /** Refused because we asked; the bank may have booked it all the same. */
  readonly stopped: boolean
  /** Booked by itself. */
  settled: boolean
  returned: boolean
  /** On the state's waiting account: final, and whatever the bank says of it later is for a person. */
  atState?: boolean
}

interface Known {
  readonly bundles: ReadonlyMap<string, OpenBundle>
  readonly payments: ReadonlyMap<PaymentId, OnePayment>
}

function keyOf(runNo: number, unit: number): string {
  return `${runNo}:${unit}`
}

function namedBy(
  municipality: Municipality,
  entry: StatementEntry,
): { payment: PaymentId; runNo: number; unit: number } {
  // A bank may tell the id of a single payment where another tells the bundle's.
  const one = paymentOfEndToEndId(entry.endToEndId || entry.bundleId)
  const whole = one === undefined ? bundleOfId(entry.bundleId) : undefined
  const ours = whole?.municipality === municipality ? whole : undefined
  const payment = one?.municipality === municipality ? one.payment : 0
  return { payment, runNo: ours?.runNo ?? 0, unit: ours?.unit ?? 0 }
}

/** Where everything that the entries name stands before them. */
export async function readPosition(
  db: Db,
  municipality: Municipality,
  entries: readonly StatementEntry[],
): Promise<Position> {
  const wholes = new Set<number>()
  const named = new Set<PaymentId>()
  for (const entry of entries) {
    const { payment, runNo } = namedBy(municipality, entry)
    if (runNo > 0) wholes.add(runNo)
    if (payment > 0) named.add(payment)
  }
  const known = await readKnown(db, municipality, [...wholes], [...named])
  const back = entries.filter((entry) => entry.amount > 0).map((entry) => namedBy(municipality, entry).payment)
  for (const payment of await finalAtState(db, municipality, back)) {
    const one = known.payments.get(payment)
    if (one !== undefined) one.atState = true
  }
  return { judge: (entry) => judge(known, namedBy(municipality, entry), entry) }
}

/** Of these payments those on the state's waiting account. */
async function finalAtState(
  db: Db,
  municipality: Municipality,
  payments: readonly PaymentId[],
): Promise<readonly PaymentId[]> {
  const named = payments.filter((payment) => payment > 0)
  if (named.length === 0) return []
  const rows = await db.rows<{ payment: PaymentId }>(
    `select p.payment_id as payment from unnest($2::bigint[]) as p (payment_id)
     where exists (${isAtState('$1', 'p.payment_id')})`,
    [municipality, named],
  )
  return rows.map((row) => row.payment)
}

/** Whether the rail has put a payment on the state's waiting account: for us that is final. */
export function isAtState(municipality: string, payment: string): string {
  return `select from accepted_payments a where a.municipality_code = ${municipality} and a.waiting_account
    and a.run_no = (${payment} >> 24)::int and a.numbers @> (${payment} & 16777215)::int`
}

/** Of runs that are booked as wholes everything that moved by itself; of the others the named payments alone. */
async function readKnown(
  db: Db,
  municipality: Municipality,
  asWholes: readonly number[],
  named: readonly PaymentId[],
): Promise<Known> {
  const bundles = new Map<string, OpenBundle>()
  const payments = new Map<PaymentId, OnePayment>()
  const runs = [...new Set([...asWholes, ...named.map(batchOf)])]
  if (runs.length === 0) return { bundles, payments }
  const wholes = await db.often.rows<{ run_no: number; unit: number; amount_ore: number; settled: boolean }>(
    `select b.run_no, b.unit, b.amount_ore - z.ore as amount_ore, exists (select from statement_entries e where e.municipality_code = $1
       and e.run_no = b.run_no and e.unit = b.unit and e.match = 'settled') as settled
     from payment_bundles b ${stoppedOfUnit()} where b.municipality_code = $1 and b.run_no = any ($2)`,
    [municipality, runs],
  )
  for (const { run_no: runNo, unit, amount_ore: left, settled } of wholes) {
    bundles.set(keyOf(runNo, unit), { left, settled, apart: new Set(), stopped: [] })
  }
  const whole = asWholes.map((runNo) => [runNo * RECORDS_PER_BATCH, (runNo + 1) * RECORDS_PER_BATCH] as const)
  const moved = await readMoved(db, municipality, [...inRanges(named), ...whole])
  const untouched: Moved = { refused: false, stopped: false, returned: false, settled: false, stopped_ore: 0 }
  const asked = inRanges([...named, ...moved.keys()])
  const rows = await db.often.rows<{ payment_id: PaymentId; unit: number; amount_ore: number }>(
    `select p.* from unnest($2::bigint[], $3::bigint[]) as n (lo, hi)
     cross join lateral (select p.payment_id, p.unit, p.amount_ore from payments p
       where p.municipality_code = $1 and p.payment_id >= n.lo and p.payment_id < n.hi offset 0) p`,
    [municipality, ...columns(asked)],
  )
  for (const { payment_id: payment, unit, amount_ore } of rows) {
    const { refused, stopped, returned, settled, stopped_ore } = moved.get(payment) ?? untouched
    const one = { unit, amount: amount_ore - stopped_ore, refused, stopped, returned, settled }
    payments.set(payment, one)
    if (refused || settled) setApart(bundles, payment, one)
    if (!stopped || settled) continue
    bundles.get(keyOf(batchOf(payment), unit))?.stopped.push({ payment, amount: one.amount as Ore })
  }
  return { bundles, payments }
}

interface Moved {
  readonly refused: boolean
  readonly stopped: boolean
  readonly returned: boolean
  readonly settled: boolean
  readonly stopped_ore: number
}

/** Payments of these ranges that came back, were booked by themselves or stopped: few are. */
async function readMoved(db: Db, municipality: Municipality, ranges: Ranges): Promise<Map<PaymentId, Moved>> {
  const rows = await db.often.rows<Moved & { payment_id: PaymentId }>(
    `select m.payment_id, bool_or(m.answer in (2, 7)) as refused, bool_or(m.stopped) as stopped, bool_or(m.answer = 9) as returned, bool_or(m.settled) as settled,
       sum(m.stopped_ore)::bigint as stopped_ore
     from unnest($2::bigint[], $3::bigint[]) as n (lo, hi) cross join lateral (
       select r.payment_id, r.answer, r.reason = '${STOPPED_AS_ASKED}' as stopped, false as settled, 0::bigint as stopped_ore
         from payment_returns r
         where r.municipality_code = $1 and r.payment_id >= n.lo and r.payment_id < n.hi
       union all
       select e.payment_id, 0, false, e.match = 'settled', 0 from statement_entries e where e.municipality_code = $1
         and e.payment_id > 0 and e.payment_id >= n.lo and e.payment_id < n.hi
       union all
       select s.payment_id, 0, false, false, s.amount_ore from stopped_parts s
         where s.municipality_code = $1 and s.payment_id >= n.lo and s.payment_id < n.hi offset 0) m
     group by m.payment_id`,
    [municipality, ...columns(ranges)],
  )
  return new Map(rows.map(({ payment_id, ...one }) => [payment_id, one]))
}

/** Payments of a run follow each other: a statement that names each of them names a few ranges. */
function inRanges(payments: Iterable<PaymentId>): Ranges {
  return rangesOf([...new Set(payments)].sort((a, b) => a - b))
}

function columns(ranges: Ranges): [number[], number[]] {
  return [ranges.map(([from]) => from), ranges.map(([, to]) => to)]
}

function setApart(bundles: ReadonlyMap<string, OpenBundle>, payment: PaymentId, one: OnePayment): void {
  const bundle = bundles.get(keyOf(batchOf(payment), one.unit))
  if (bundle === undefined || bundle.apart.has(payment)) return
  bundle.apart.add(payment)
  bundle.left -= one.amount
}

/** An entry whose amount is not that of its payments settles nothing: a person must look at it. */
function judge(
  { bundles, payments }: Known,
  named: { payment: PaymentId; runNo: number; unit: number },
  entry: StatementEntry,
): Judged {
  const told = { entry, ...named }
  const unmatched: Judged = { ...told, match: 'unmatched', apart: [] }
  if (named.payment > 0) {
    const one = payments.get(named.payment)
    if (one === undefined || Math.abs(entry.amount) !== one.amount) return unmatched
    if (one.stopped && !one.settled && entry.amount < 0) return bookedAnyway(told, one, bundles)
    if (one.refused) return unmatched
    const bundle = bundles.get(keyOf(batchOf(named.payment), one.unit))
    const gone = one.settled || bundle?.settled === true
    if (entry.amount > 0) {
      if (!gone || one.returned || one.atState === true) return unmatched
      one.returned = true
      return { ...told, match: 'returned', apart: [] }
    }
    if (gone) return unmatched
    one.settled = true
    setApart(bundles, named.payment, one)
    return { ...told, match: 'settled', apart: [named.payment] }
  }
  const bundle = bundles.get(keyOf(named.runNo, named.unit))
  if (entry.amount >= 0 || bundle === undefined || bundle.settled) return unmatched
  const afterStop = bookedOfStopped(bundle, -entry.amount - bundle.left)
  if (afterStop === undefined) return unmatched
  bundle.settled = true
  const settled: Judged = { ...told, match: 'settled', apart: [...bundle.apart] }
  return afterStop.length === 0 ? settled : { ...settled, afterStop }
}

/** The rail said that it was stopped, and here its money leaves. */
function bookedAnyway(
  told: { readonly entry: StatementEntry; payment: PaymentId; runNo: number; unit: number },
  one: OnePayment,
  bundles: ReadonlyMap<string, OpenBundle>,
): Judged {
  const { payment } = told
  one.settled = true
  const bundle = bundles.get(keyOf(batchOf(payment), one.unit))
  const at = bundle?.stopped.findIndex((stopped) => stopped.payment === payment) ?? -1
  if (at >= 0) bundle?.stopped.splice(at, 1)
  return { ...told, match: 'settled', apart: [], afterStop: [{ payment, amount: one.amount as Ore }] }
}

/** Of more stopped payments of a bundle a person says which the bank booked. */
const MOST_STOPPED = 12

/** What a bundle was booked for beyond its payments: those of the stopped ones that alone come to it. */
function bookedOfStopped({ stopped }: OpenBundle, beyond: number): readonly StoppedAmount[] | undefined {
  if (beyond === 0) return []
  if (beyond < 0 || stopped.length > MOST_STOPPED) return undefined
  const found: StoppedAmount[][] = []
  for (let chosen = 1; chosen < 2 ** stopped.length; chosen++) {
    const some = stopped.filter((_, i) => (chosen & (1 << i)) !== 0)
    if (some.reduce((sum, one) => sum + one.amount, 0) === beyond) found.push(some)
  }
  return found.length === 1 ? found[0] : undefined
}

/**
 * What the gate knows besides the payments: small facts in one statement, persons without a tax card, and what must be
 * looked up of the few payments that are doubtful. Nothing is asked for each payment.
 */
import { danishDaySql } from '../../base/danish-time.ts'
import type { Db } from '../../base/db.ts'
import { addDays, type Day, day, firstOfMonth, formatDay, type Period } from '../../base/date.ts'
import { type ItemId, type Municipality, numbered, type OrderId, type PartyId, type PaymentId } from '../../base/id.ts'
import { CARD_KINDS, IN_FORCE, PARTY_EVENT_KINDS, STOPPING_CODES, type StoppingEvent } from '../parties/index.ts'
import { SOURCE_SYSTEMS } from '../orders/index.ts'
import type { LocalRules, RateReader } from '../rates/index.ts'
import {
  type ArrangementFact,
  type AssembledRun,
  type BenefitMonths,
  type Doubtful,
  type GateFacts,
  type LetGo,
  type Shortfall,
} from './gate.ts'
import { lastPaidKey, type LookedUp, type TwinLine } from './gate-doubtful.ts'

const PROTECTED = PARTY_EVENT_KINDS.indexOf('name_protection')

interface SmallFacts {
  readonly closed: readonly string[]
  readonly stopped: readonly (readonly [PaymentId, number])[]
  readonly events: readonly (readonly [PartyId, number, string])[]
  readonly shortfalls: readonly Shortfall[]
  readonly months: readonly BenefitMonths[]
  readonly let_go: readonly (LetGo & { readonly order: OrderId })[]
  readonly also: readonly (readonly [string, number, number])[]
}

const rows = (columns: string, from: string) => `(select coalesce(json_agg(${columns}), '[]') from ${from})`

/**
 * $1 the municipality, $2 and $3 its new payments, $4 the month, $5 and $6 the months before and after, $7 the first
 * new run.
 */
const SMALL = `select
  ${rows('month', 'closed_periods where municipality_code = $1')} as closed,
  ${rows(
    'json_build_array(payment_id, ore)',
    `(select payment_id, sum(amount_ore) as ore from stopped_parts
    where municipality_code = $1 and payment_id >= $2 and payment_id < $3 group by 1) s`,
  )} as stopped,
  ${rows(
    'json_build_array(party_id, event, date)',
    `party_events e where e.municipality_code = $1
    and e.event in (${STOPPING_CODES}, ${PROTECTED}) and ${IN_FORCE}`,
  )} as events,
  ${rows(
    'i',
    `(select source_system as source, coalesce(sum(told_ore), 0)::bigint as told,
      coalesce(sum(taken_ore), 0)::bigint as taken, (sum(refused) filter (where state = 'loaded'))::int as "refusedLines",
      (count(*) filter (where state = 'refused'))::int as "refusedFiles"
    from intakes n where municipality_code = $1 and month = $4::date and source_system between 1 and 3
      and (state = 'loaded' or not exists (select from intakes l where l.municipality_code = $1 and l.state = 'loaded'
        and l.source_system = n.source_system and l.file_id = n.file_id))
    group by 1 having sum(told_ore) > sum(taken_ore) or bool_or(state = 'refused') order by 1) i`,
  )} as shortfalls,
  ${rows(
    'm',
    `(select b.source_system as source, b.benefit,
      coalesce(sum(b.amount_ore) filter (where r.disposition_date < $4::date), 0)::bigint as last,
      coalesce(sum(b.amount_ore) filter (where r.disposition_date >= $4::date), 0)::bigint as now
    from payment_runs r join payment_sums b on b.municipality_code = $1 and b.run_no = r.run_no
    where r.municipality_code = $1 and r.disposition_date >= $5::date and r.disposition_date < $6::date
    group by 1, 2 order by 1, 2) m`,
  )} as months,
  ${rows(
    'h',
    `(select h.order_id as "order", o.order_key as "orderKey", p.order_key as "otherKey", e.by_actor as by
    from order_hold_releases e
    join order_holds h on h.municipality_code = $1 and h.order_id = e.order_id and h.hold_no = e.hold_no
      and h.kind in ('possible_duplicate', 'excluding_benefit')
    join orders o on o.municipality_code = $1 and o.order_id = h.order_id
    join orders p on p.municipality_code = $1 and p.order_id = h.related_order
    where e.municipality_code = $1 and e.by_actor <> 'toek'
      and exists (select from calculations c where c.municipality_code = $1 and c.order_id = h.related_order)) h`,
  )} as let_go,
  ${rows(
    'json_build_array(disposition_date, unit, ore)',
    `(select r.disposition_date, b.unit, sum(b.amount_ore)::bigint as ore
    from payment_runs r join payment_bundles b on b.municipality_code = $1 and b.run_no = r.run_no
    where r.municipality_code = $1 and r.disposition_date >= $4::date and r.run_no < $7 group by 1, 2) a`,
  )} as also`

export async function readGateFacts(
  db: Db,
  municipality: Municipality,
  month: Period,
  runs: readonly AssembledRun[],
  rates: RateReader,
  rules: LocalRules,
): Promise<GateFacts> {
  const first = (runs[0] as AssembledRun).runNo
  const until = numbered((runs.at(-1) as AssembledRun).runNo + 1, 0)
  const before = lastMonth(month)
  const dates = [formatDay(month.from), formatDay(before), formatDay(month.to)]
  const small = (await db.often.first<SmallFacts>(SMALL, [
    municipality,
    numbered(first, 0),
    until,
    ...dates,
    first,
  ])) as SmallFacts
  const stopping = small.events.filter(([, event]) => event !== PROTECTED)
  return {
    rules,
    stopped: new Map(small.stopped),
    closed: new Set(small.closed.map((text) => day(text))),
    events: new Map(
      stopping.map(([party, event, date]) => [
        party,
        { event: PARTY_EVENT_KINDS[event] as StoppingEvent, date: day(date) },
      ]),
    ),
    protectedParties: new Set(small.events.filter(([, event]) => event === PROTECTED).map(([party]) => party)),
    shortfalls: small.shortfalls,
    months: small.months,
    letGo: new Map(small.let_go.map((one) => [one.order, one])),
    withoutCard: await itemsWithoutCard(db, municipality, runs),
    arrangements: await readArrangementFacts(db, municipality, runs),
    alsoPaid: new Map(small.also.map(([date, unit, ore]) => [`${day(date)}:${unit}`, ore])),
    units: (date) => new Map(rates.units(municipality, date).map((unit) => [unit.unit, unit.debitAccount])),
    hasAccount: (source) => {
      const needed = ['rail', `net_payable:${SOURCE_SYSTEMS[source - 1]}`]
      return needed.every((key) => rates.book.accounts.some((account) => account.key === key))
    },
    benefitName: (benefit) => rates.book.benefits.find((rule) => rule.benefit === benefit)?.nameDa ?? '',
  }
}

function lastMonth(month: Period): Day {
  return firstOfMonth(addDays(month.from, -1))
}

/** Found by pages of the batches that the runs take, however many items there are. */
async function itemsWithoutCard(
  db: Db,
  municipality: Municipality,
  runs: readonly AssembledRun[],
): Promise<ReadonlyMap<ItemId, number>> {
  let [from, until] = [Number.MAX_SAFE_INTEGER, 0]
  for (const { gathered } of runs) {
    until = Math.max(until, gathered.untilWorkNo)
    for (const { payments } of gathered.groups) {
      for (const { parts } of payments) for (const { workNo } of parts) if (workNo < from) from = workNo
    }
  }
  const found = await db.rows<{ item: ItemId; tax: number }>(
    `select c.order_id * 64 + c.line_no as item, c.tax_ore as tax from calculations c
     where c.municipality_code = $1 and c.work_no between $2 and $3 and c.tax_ore > 0
       and c.card = ${CARD_KINDS.indexOf('none')}`,
    [municipality, Math.min(from, until), until],
  )
  return new Map(found.map(({ item, tax }) => [item, tax]))
}

async function readArrangementFacts(
  db: Db,
  municipality: Municipality,
  runs: readonly AssembledRun[],
): Promise<ReadonlyMap<number, ArrangementFact>> {
  const numbers = new Set<number>()
  for (const { gathered } of runs) {
    for (const { payments } of gathered.groups) for (const { arrangement } of payments) numbers.add(arrangement)
  }
  numbers.delete(0)
  if (numbers.size === 0) return new Map()
  const found = await db.rows<ArrangementFact & { no: number }>(
    `select a.arrangement_no as no, a.by_actor as "enteredBy", y.by_actor as "approvedBy", ${danishDaySql('y.at')} as "approvedOn",
       exists (select from arranged_payments p join payment_run_steps s on s.municipality_code = $1
         and s.run_no = (p.payment_id >> 24)::int and s.step = 'released'
         where p.municipality_code = $1 and p.arrangement_no = a.arrangement_no) as used
     from payee_arrangements a
     join payee_arrangement_approvals y on y.municipality_code = $1 and y.arrangement_no = a.arrangement_no
     where a.municipality_code = $1 and a.arrangement_no = any ($2)`,
    [municipality, [...numbers]],
  )
  return new Map(found.map(({ no, ...one }) => [no, one]))
}

/** What must be known of the doubtful; nothing is asked where none is. */
export async function lookUpDoubtful(
  db: Db,
  municipality: Municipality,
  month: Period,
  runs: readonly AssembledRun[],
  doubtful: Doubtful,
): Promise<LookedUp> {
  return {
    lastPaid: await readLastPaid(db, municipality, month, runs, doubtful),
    longGone: await readLongGone(db, municipality, doubtful),
    lines: await readLines(db, municipality, doubtful),
  }
}

/** In runs of the two months before: one pass over their payments, and only when there are any. */
async function readLastPaid(
  db: Db,
  municipality: Municipality,
  month: Period,
  runs: readonly AssembledRun[],
  { unusual }: Doubtful,
): Promise<LookedUp['lastPaid']> {
  if (unusual.length === 0) return new Map()
  const since = lastMonth({ from: lastMonth(month), to: month.from })
  const found = await db.rows<{ payee: PartyId; source: number; kind: string; amount: number }>(
    `select p.payee, p.source_system as source, p.rail_kind as kind, max(p.amount_ore) as amount
     from payment_runs r
     cross join lateral (select p.* from payments p where p.municipality_code = $1
       and p.payment_id >= r.run_no::bigint << 24 and p.payment_id < (r.run_no::bigint + 1) << 24
       and p.payee = any ($4) offset 0) p
     where r.municipality_code = $1 and r.disposition_date >= $2 and r.run_no < $3 group by 1, 2, 3`,
    [
      municipality,
      formatDay(since),
      (runs[0] as AssembledRun).runNo,
      [...new Set(unusual.map((one) => one.payment.payee))],
    ],
  )
  return new Map(found.map((row) => [lastPaidKey(row.payee, row.source, row.kind), row.amount]))
}

/** A payment of more parts is of several persons: an employer's, a landlord's. */
const MOST_PARTS_OF_ONE = 24

async function readLongGone(db: Db, municipality: Municipality, { backPay }: Doubtful): Promise<LookedUp['longGone']> {
  if (backPay.length === 0) return new Map()
  const parts = backPay.flatMap(({ id, date, payment, setting }) => {
    const before = formatDay(firstOfMonth(addDays(firstOfMonth(date), -1)))
    // Of many persons' money in one payment each part is looked at by itself.
    const many = payment.parts.length > MOST_PARTS_OF_ONE
    const own = many ? payment.parts.filter(({ amount }) => amount >= setting.amount) : payment.parts
    return own.map(({ item, amount }) => ({ id, item, amount, before }))
  })
  if (parts.length === 0) return new Map()
  const found = await db.rows<{ id: PaymentId; amount: number; from: Day; to: Day }>(
    `select n.id, sum(n.amount)::bigint as amount, min(l.period_from) as "from", max(l.period_to) as "to"
     from jsonb_to_recordset($2::jsonb) as n (id bigint, item bigint, amount bigint, before date)
     cross join lateral (select l.period_from, l.period_to from order_lines l where l.municipality_code = $1
       and l.order_id = n.item >> 6 and l.line_no = (n.item & 63)::smallint offset 0) l
     where l.period_to <= n.before group by 1`,
    [municipality, JSON.stringify(parts)],
  )
  return new Map(found.map(({ id, ...one }) => [id, one]))
}

async function readLines(db: Db, municipality: Municipality, { twins }: Doubtful): Promise<LookedUp['lines']> {
  if (twins.length === 0) return new Map()
  const found = await db.rows<TwinLine & { item: ItemId }>(
    `select n.item, l.right_holder as "rightHolder", l.period_from as "from", l.period_to as "to", o.order_key as "orderKey"
     from unnest($2::bigint[]) as n (item)
     cross join lateral (select l.* from order_lines l where l.municipality_code = $1 and l.order_id = n.item >> 6
       and l.line_no = (n.item & 63)::smallint offset 0) l
     join orders o on o.municipality_code = $1 and o.order_id = n.item >> 6`,
    [municipality, [...new Set(twins.flatMap((one) => one.items))]],
  )
  return new Map(found.map(({ item, ...line }) => [item, line]))
}

/**
 * Everything that is known of one citizen in one municipality, as it is or as it was known on a day: for whoever must
 * answer for it. Read by the same questions as the pages and the API; nothing here is reckoned. Field names are the
 * outer ones, amounts whole øre. @da udtræk for en person
 */
import type { Db } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { type OrderStatus, readOrderEvents, readOrderStatus, type SourceEvent } from '../events/index.ts'
import { readOverpaid } from '../items/index.ts'
import { type FirstBad, verifyMunicipality } from '../ledger/index.ts'
import { LINE_KINDS, SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import { CARD_KINDS, PARTY_EVENT_KINDS, PARTY_TYPES, type PartyRef, type PartyType } from '../parties/index.ts'
import { endToEndIdSql, payDayOf, takenOverJson } from '../payments/index.ts'
import { type RateReader, withApprovedLaws } from '../rates/index.ts'
import { asKnownBefore } from './known-on.ts'
import { readSpecification } from './specification.ts'
import type { Specification } from './specification-types.ts'

type Fields = Readonly<Record<string, unknown>>

export interface PersonOrder {
  readonly status: OrderStatus
  /** One for each version that a benefit is asked for in, in their order. */
  readonly specifications: readonly Specification[]
  /** The lines of each version, as they were sent. */
  readonly lines: readonly Fields[]
}

export interface PersonExtract {
  readonly municipality: Municipality
  readonly party: PartyRef
  readonly partyId: PartyId
  readonly orders: readonly PersonOrder[]
  /** To the citizen, and of the citizen's orders to others: every attempt. */
  readonly payments: readonly PersonPayment[]
  readonly claims: readonly Fields[]
  /** What a debtor paid on them, as the debtor system says. */
  readonly claimPayments: readonly Fields[]
  readonly overpaid: readonly Fields[]
  readonly told: readonly Fields[]
  readonly events: readonly (SourceEvent & { readonly source_system: SourceSystem })[]
  readonly taxCards: readonly Fields[]
  readonly partyEvents: readonly Fields[]
  readonly arrangements: readonly (Fields & { readonly payee: PartyRef })[]
  /** Acts on the orders and payments, and look-ups of them. */
  readonly acts: readonly Fields[]
  readonly postings: readonly Fields[]
  readonly ledger: LedgerState
}

export interface PersonPayment extends Fields {
  readonly end_to_end_id: string
  readonly payee: PartyRef
}

export interface LedgerState {
  /** Of the chain of all batches that were known; 64 zeros before the first. */
  readonly head: string
  /** Batches under the head. */
  readonly batches: number
  /** What first does not agree in the chain as it is now; undefined: all of it agrees. */
  readonly firstBad: FirstBad | undefined
}

/** Later than anything. */
const ALWAYS = '9999-12-31T00:00:00Z'

/**
 * `before` (an ISO time): without what became known then or later. Undefined: the citizen is not known here, or was
 * not. `db` must be a transaction whose scope holds the municipality.
 */
export async function readPerson(
  db: Db,
  municipality: Municipality,
  cpr: string,
  newest: RateReader,
  before?: string,
): Promise<PersonExtract | undefined> {
  const known = before === undefined ? db : await asKnownBefore(db, before)
  const until = before ?? ALWAYS
  const party = await known.first<{ id: PartyId }>(
    'select party_id as id from parties where municipality_code = $1 and identifier = $2 and type = 0',
    [municipality, cpr],
  )
  if (party === undefined) return undefined
  const asked = { db: known, municipality, party: party.id }
  const keys = await readKeys(asked)
  const facts = await readFacts(asked)
  const isKnown = keys.length > 0 || Object.values(facts).some((rows) => rows.length > 0)
  if (!isKnown) return undefined
  const ids = keys.flatMap((key) => key.orders)
  const rates = await withApprovedLaws(known, newest)
  const orders: PersonOrder[] = []
  for (const key of keys) orders.push(await readOrder(asked, key, rates))
  const payments = await readPayments(asked, ids)
  const subjects = [
    ...keys.flatMap(({ source, orderKey }) => [`${nameOf(source)} ${orderKey}`, `${nameOf(source)}/${orderKey}`]),
    ...payments.map((one) => one.end_to_end_id),
    ...arrangementNames(facts.arrangements),
    subjectOfParty(party.id),
  ]
  return {
    municipality,
    party: { type: 'cpr', id: cpr },
    partyId: party.id,
    orders,
    payments,
    overpaid: await readLots(asked, keys),
    told: await readTold(asked, ids),
    events: await readEvents(db, municipality, keys, until),
    acts: await readActs(asked, subjects),
    postings: await readPostings(asked, ids),
    ledger: await ledgerState(db, municipality, until),
    ...facts,
  }
}

/** How a look-up of a citizen stands in the audit trail: by our number, never by theirs. */
export function subjectOfParty(party: PartyId): string {
  return `party ${party}`
}

interface Asked {
  readonly db: Db
  readonly municipality: Municipality
  readonly party: PartyId
}

interface Key {
  readonly source: number
  readonly orderKey: string
  /** Its versions, oldest first. */
  readonly orders: readonly OrderId[]
  readonly versions: readonly number[]
}

function nameOf(source: number): SourceSystem {
  return SOURCE_SYSTEMS[source - 1] as SourceSystem
}

/** Decisions with a line of which the citizen has the right. */
async function readKeys({ db, municipality, party }: Asked): Promise<Key[]> {
  return await db.rows<Key>(
    `select o.source_system as source, o.order_key as "orderKey", array_agg(o.order_id order by o.version, o.again)::float8[] as orders,
       array_agg(o.version order by o.version, o.again) as versions
     from orders o where o.municipality_code = $1 and (o.source_system, o.order_key) in (
       select e.source_system, e.order_key from orders e where e.municipality_code = $1 and (e.beneficiary = $2
         or e.order_id in (select l.order_id from order_lines l where l.municipality_code = $1 and l.right_holder = $2)))
     group by 1, 2 order by min(o.order_id)`,
    [municipality, party],
  )
}

async function readOrder({ db, municipality }: Asked, key: Key, rates: RateReader): Promise<PersonOrder> {
  const { source, orderKey } = key
  const specifications: Specification[] = []
  for (const version of new Set(key.versions)) {
    const wanted = { orderKey, sourceSystem: nameOf(source), version }
    const one = await readSpecification(db, municipality, wanted, rates)
    if (one !== undefined) specifications.push(one)
  }
  const lines = await db.rows<Fields & { kind: number }>(
    `select o.version, l.line_key, l.kind, l.amount_ore, b.key as benefit, l.component, l.period_from::text, l.period_to::text,
       l.legal_basis, l.text, l.reference, l.claim_key, l.cause, l.decision_key, l.decision_date::text,
       n.hearing_date::text, n.notice_date::text,
       o.decision_key as order_decision, o.decision_date::text as decided_on, to_char(i.known_at at time zone 'UTC',
         'YYYY-MM-DD"T"HH24:MI:SS"Z"') as received_at, i.actor as received_from
     from orders o
     join order_lines l on l.municipality_code = $1 and l.order_id = o.order_id
     join intakes i on i.municipality_code = $1 and i.intake_no = (o.order_id >> 24)::int
     left join repayment_notices n on n.municipality_code = $1 and n.order_id = l.order_id and n.line_no = l.line_no
     left join benefits b on b.benefit = l.benefit
     where o.municipality_code = $1 and o.order_id = any ($2) order by o.version, o.again, l.line_no`,
    [municipality, key.orders],
  )
  const status = await readOrderStatus(db, municipality, source, orderKey)
  return {
    status: status as OrderStatus,
    specifications,
    lines: lines.map((line) => ({ ...line, kind: LINE_KINDS[line.kind] })),
  }
}

const UTC = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

/** Of a payment `p`, when its answers and returns of table `rows` were known. */
function answers(rows: string): string {
  return `(select coalesce(jsonb_agg(jsonb_build_object('answer', a.answer, 'code', a.reason, 'at', ${UTC('w.known_at')})
      order by w.known_at, a.answer), '[]') from ${rows} a
    join work_batches w on w.municipality_code = $1 and w.work_no = a.work_no
    where a.municipality_code = $1 and a.payment_id = p.payment_id)`
}

async function readPayments({ db, municipality, party }: Asked, orders: readonly OrderId[]): Promise<PersonPayment[]> {
  const rows = await db.rows<PersonPayment & { type: number; id: string; own: boolean }>(
    `with own as materialized (select distinct x.payment_id from unnest($3::bigint[]) as u (order_id)
       cross join lateral (select x.payment_id from payment_parts x where x.municipality_code = $1
         and x.item_id >= u.order_id << 6 and x.item_id < (u.order_id + 1) << 6 offset 0) x)
     select ${endToEndIdSql('p')} as end_to_end_id, p.amount_ore, r.rail, (${payDayOf('p', 'r')})::text as disposition_date, ${takenOverJson('p')} as taken_over, y.type, y.identifier as id,
       p.payment_id in (select payment_id from own) as own,
       (select coalesce(jsonb_agg(jsonb_build_object('step', s.step, 'at', ${UTC('s.at')}, 'by', s.by_actor) order by s.at, s.step), '[]')
         from payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no) as steps,
       (select jsonb_agg(jsonb_build_object('order_key', o.order_key, 'version', o.version, 'attempt', (x.part >> 6) + 1)
           order by o.order_id, x.item_id, x.part) from payment_parts x
         join orders o on o.municipality_code = $1 and o.order_id = x.item_id >> 6
         where x.municipality_code = $1 and x.payment_id = p.payment_id and x.item_id >> 6 = any ($3)) as parts,
       (select ${UTC('min(w.known_at)')} from accepted_payments a
         join work_batches w on w.municipality_code = $1 and w.work_no = a.work_no
         where a.municipality_code = $1 and a.run_no = r.run_no and a.numbers @> (p.payment_id & 16777215)::int) as accepted_at,
       ${answers('payment_answers')} as answers, ${answers('payment_returns')} as returns,
       (select coalesce(jsonb_agg(jsonb_build_object('cause', s.cause, 'amount_ore', s.amount_ore, 'at', ${UTC('w.known_at')})
           order by w.known_at, s.item_id, s.part), '[]') from stopped_parts s
         join work_batches w on w.municipality_code = $1 and w.work_no = s.work_no
         where s.municipality_code = $1 and s.payment_id = p.payment_id) as stopped,
       (select coalesce(jsonb_agg(jsonb_build_object('amount_ore', e.amount_ore, 'booked_on', e.booking_date, 'match', e.match)
           order by e.booking_date, e.amount_ore), '[]') from statement_entries e
         where e.municipality_code = $1 and (e.payment_id = p.payment_id or (e.run_no = r.run_no and e.unit = p.unit))) as bank
     from payments p
     left join payment_runs r on r.municipality_code = $1 and r.run_no = (p.payment_id >> 24)::int
     join parties y on y.municipality_code = $1 and y.party_id = p.payee
     where p.municipality_code = $1 and (p.payee = $2 or p.payment_id in (select payment_id from own))
     order by p.payment_id`,
    [municipality, party, orders],
  )
  return rows.map(({ type, id, own, ...payment }) => {
    return { ...payment, payee: { type: PARTY_TYPES[type] as PartyType, id }, of_own_order: own } as PersonPayment
  })
}

/** Paid, wanted no more, and not decided: or to be taken in coming payments. */
async function readLots({ db, municipality }: Asked, keys: readonly Key[]): Promise<Fields[]> {
  const own = new Set(keys.map(({ source, orderKey }) => `${nameOf(source)} ${orderKey}`))
  const orderKeys = keys.map((key) => key.orderKey)
  const lots = await readOverpaid(db, municipality, orderKeys)
  return lots.flatMap((lot) => {
    if (!own.has(`${lot.source} ${lot.orderKey}`)) return []
    const { source: source_system, orderKey: order_key, lineKey: line_key, version, benefit, gross, place, cause } = lot
    const period = { from: formatDay(lot.from), to: formatDay(lot.to) }
    return [
      {
        source_system,
        order_key,
        line_key,
        version,
        benefit,
        period,
        amount_ore: gross,
        place,
        cause,
        since: lot.since,
      },
    ]
  })
}

async function readTold({ db, municipality }: Asked, orders: readonly OrderId[]): Promise<Fields[]> {
  return await db.rows<Fields>(
    `select d.kind, d.file_name, encode(d.sha256, 'hex') as sha256, ${UTC('d.known_at')} as at, ${UTC('s.at')} as sent_at,
       array_agg(distinct o.order_key order by o.order_key) as order_keys
     from (select c.work_no, c.order_id from calculations c where c.municipality_code = $1 and c.order_id = any ($2)
       union select m.work_no, m.order_id from item_movements m where m.municipality_code = $1 and m.order_id = any ($2)) c
     join orders o on o.municipality_code = $1 and o.order_id = c.order_id
     join delivery_batches b on b.municipality_code = $1 and b.work_no = c.work_no
     join deliveries d on d.municipality_code = $1 and d.delivery_no = b.delivery_no
     left join deliveries_sent s on s.municipality_code = $1 and s.delivery_no = d.delivery_no
     group by 1, 2, 3, 4, 5, d.delivery_no order by d.delivery_no`,
    [municipality, orders],
  )
}

async function readEvents(
  db: Db,
  municipality: Municipality,
  keys: readonly Key[],
  before: string,
): Promise<PersonExtract['events']> {
  const all: (SourceEvent & { source_system: SourceSystem })[] = []
  for (const [source, own] of Map.groupBy(keys, (key) => key.source)) {
    const of = { orders: own.flatMap((key) => key.orders), orderKeys: own.map((key) => key.orderKey) }
    const events = await readOrderEvents(db, municipality, source, of, before)
    all.push(...events.map((event) => ({ ...event, source_system: nameOf(source) })))
  }
  return all
}

async function readActs({ db, municipality }: Asked, subjects: readonly string[]): Promise<Fields[]> {
  return await db.rows<Fields>(
    `select ${UTC('at')} as at, actor, command, subject, detail from audit_log
     where municipality_code = $1 and subject = any ($2) order by audit_no`,
    [municipality, subjects],
  )
}

async function readPostings({ db, municipality }: Asked, orders: readonly OrderId[]): Promise<Fields[]> {
  return await db.rows<Fields>(
    `select o.order_key, o.version, b.posting_date::text, b.value_date::text, d.number as debit, c.number as credit,
       t.amount_ore, t.entry_id
     from transfers t
     join orders o on o.municipality_code = $1 and o.order_id = t.item_id >> 6
     join ledger_batches b on b.municipality_code = $1 and b.batch_no = (t.entry_id >> 24)::int
     join accounts d on d.account = t.debit_account
     join accounts c on c.account = t.credit_account
     where t.municipality_code = $1 and t.item_id >> 6 = any ($2) order by t.entry_id, t.transfer_no`,
    [municipality, orders],
  )
}

type PartyFacts = Pick<PersonExtract, 'claims' | 'claimPayments' | 'taxCards' | 'partyEvents' | 'arrangements'>

async function readFacts({ db, municipality, party }: Asked): Promise<PartyFacts> {
  const claims = await db.rows<Fields>(
    `select c.claim_key, s.key as source_system, b.key as benefit, c.period_from::text, c.period_to::text, c.amount_ore,
       c.due_date::text, c.cause, o.order_key, l.legal_basis, l.decision_key, l.decision_date::text,
       n.hearing_date::text, n.notice_date::text, (c.amount_ore - coalesce((select sum(m.amount_ore) from claim_movements m
         where m.municipality_code = $1 and m.claim_id = c.claim_id), 0))::bigint as left_ore
     from claims c join source_systems s on s.source_system = c.source_system join benefits b on b.benefit = c.benefit
     left join orders o on o.municipality_code = $1 and o.order_id = c.order_id
     left join order_lines l on l.municipality_code = $1 and l.order_id = c.order_id and l.kind = 3
       and l.claim_key = c.claim_key
     left join repayment_notices n on n.municipality_code = $1 and n.order_id = l.order_id and n.line_no = l.line_no
     where c.municipality_code = $1 and c.debtor = $2 order by c.claim_id`,
    [municipality, party],
  )
  const claimPayments = await db.rows<Fields>(
    `select c.claim_key, p.payment_key, p.paid_on::text, p.amount_ore, p.taken_ore, p.surplus_ore, p.reverses,
       p.our_left_ore, p.their_left_ore, p.order_key
     from claim_payments p join claims c on c.municipality_code = p.municipality_code and c.claim_id = p.claim_id
     where p.municipality_code = $1 and c.debtor = $2 order by p.claim_id, p.payment_no`,
    [municipality, party],
  )
  const cards = await db.rows<Fields & { kind: number }>(
    `select t.kind, t.se, t.rate_millionths, t.allowance_month_ore, t.allowance_week_ore, t.allowance_day_ore,
       t.frikort_left_ore, t.valid_from::text, t.valid_to::text, ${UTC('i.known_at')} as at
     from tax_cards t join intakes i on i.municipality_code = $1 and i.intake_no = t.intake_no
     where t.municipality_code = $1 and t.party_id = $2 order by t.se, t.card_no`,
    [municipality, party],
  )
  const events = await db.rows<Fields & { event: number }>(
    `select e.event, e.date::text, ${UTC('i.known_at')} as at from party_events e
     join intakes i on i.municipality_code = $1 and i.intake_no = e.intake_no
     where e.municipality_code = $1 and e.party_id = $2 order by i.known_at, e.date, e.event`,
    [municipality, party],
  )
  const arrangements = await db.rows<Fields & { type: number; id: string }>(
    `select a.arrangement_no as arrangement, a.kind, y.type, y.identifier as id, a.valid_from::text, a.valid_to::text, a.reason,
       a.document, ${UTC('a.at')} as at, a.by_actor as by, ${UTC('p.at')} as approved_at, p.by_actor as approved_by,
       e.from_date::text as ends_from, e.by_actor as ended_by, e.reason as end_reason
     from payee_arrangements a join parties y on y.municipality_code = $1 and y.party_id = a.payee
     left join payee_arrangement_approvals p on p.municipality_code = $1 and p.arrangement_no = a.arrangement_no
     left join payee_arrangement_ends e on e.municipality_code = $1 and e.arrangement_no = a.arrangement_no
     where a.municipality_code = $1 and a.beneficiary = $2 order by a.arrangement_no`,
    [municipality, party],
  )
  return {
    claims,
    claimPayments,
    taxCards: cards.map((card) => ({ ...card, kind: CARD_KINDS[card.kind] })),
    partyEvents: events.map((one) => ({ ...one, event: PARTY_EVENT_KINDS[one.event] })),
    arrangements: arrangements.map(({ type, id, ...one }) => {
      return { ...one, payee: { type: PARTY_TYPES[type] as PartyType, id } }
    }),
  }
}

function arrangementNames(arrangements: PersonExtract['arrangements']): string[] {
  return arrangements.map((one) => `arrangement ${one['arrangement'] as number}`)
}

/** The head is that of the longest part of the chain that was known; the whole chain is reckoned again. */
async function ledgerState(db: Db, municipality: Municipality, before: string): Promise<LedgerState> {
  const head = await db.first<{ head: string; batches: number }>(
    `select encode(s.head, 'hex') as head, s.seal_no as batches from seals s where s.municipality_code = $1
       and s.seal_no < coalesce((select min(n.seal_no) from seals n
         join ledger_batches b on b.municipality_code = $1 and b.batch_no = n.batch_no
         where n.municipality_code = $1 and b.known_at >= $2::timestamptz), 2147483647)
     order by s.seal_no desc limit 1`,
    [municipality, before],
  )
  const firstBad = await verifyMunicipality(db, municipality)
  return { head: head?.head ?? '0'.repeat(64), batches: head?.batches ?? 0, firstBad }
}

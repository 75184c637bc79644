/** What does not agree, named: by file, item, payment or bank line. */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { kroner } from '../../base/money.ts'
import {
  endToEndIdSql,
  fileIdSql,
  IS_BOOKED,
  IS_REFUSED,
  OPEN_PROBLEMS,
  STILL_UNMATCHED,
  STOPPED_OF_PAYMENT,
} from '../payments/index.ts'
import type { Finding } from './reconcile.ts'
import { type PaymentTotals, RELEASED_RUNS } from './totals.ts'

/** Findings of one kind that are listed for a municipality; the rest is seen when these are mended. */
const MOST_LISTED = 100

interface Found {
  readonly m: Municipality
  readonly what: string
  readonly ref: string
  readonly detail: string
}

/** `until`: nothing is said of payments that are due, nor of bank lines that were booked, on this day or later. */
export async function readFindings(
  db: Db,
  municipalities: readonly Municipality[],
  before: Day,
  payments: ReadonlyMap<Municipality, PaymentTotals>,
  until?: Day,
): Promise<Map<Municipality, Finding[]>> {
  const end = until === undefined ? 'infinity' : formatDay(until)
  const unanswered = municipalities.filter((one) => (payments.get(one)?.unanswered ?? 0) !== 0)
  const unsettled = municipalities.filter((one) => (payments.get(one)?.unsettled ?? 0) !== 0)
  const found = [
    ...(await fileFindings(db, municipalities)),
    ...(await refusedFiles(db, municipalities, end)),
    ...(await brokenSeries(db, municipalities)),
    ...(await unmatchedEntries(db, municipalities, end)),
    ...(await brokenItems(db, municipalities)),
    ...(unanswered.length > 0 ? await missingAnswers(db, unanswered, end) : []),
    ...(unsettled.length > 0 ? await bankLinesMissing(db, unsettled, before) : []),
  ]
  const findings = new Map<Municipality, Finding[]>()
  const listed = new Map<string, number>()
  for (const { m: municipality, ...finding } of found) {
    const kind = `${municipality}:${finding.what}`
    const number = (listed.get(kind) ?? 0) + 1
    listed.set(kind, number)
    if (number > MOST_LISTED) continue
    findings.set(municipality, [...(findings.get(municipality) ?? []), { municipality, ...finding }])
  }
  return findings
}

/**
 * Files of which nothing was booked, and statements that contradict one that was. A single line that could not be
 * placed lies in quarantine and is a person's work, but no fault of the books.
 */
async function fileFindings(db: Db, municipalities: readonly Municipality[]): Promise<Found[]> {
  return await db.often.rows<Found>(
    `select f.municipality_code as m, x.p->>'code' as what, f.name as ref, x.p->>'detail' as detail
     from ${OPEN_PROBLEMS} and (${IS_REFUSED} or x.p->>'code' = any ($2)) order by f.municipality_code, f.work_no`,
    [municipalities, STILL_WRONG],
  )
}

/** Refused whole, and not sent again: its payments are neither carried out nor lost. */
async function refusedFiles(db: Db, municipalities: readonly Municipality[], end: string): Promise<Found[]> {
  return await db.often.rows<Found>(
    `select f.municipality_code as m, 'file_refused' as what,
       ${fileIdSql('f')} as ref,
       'Betalingsvejen afviste hele filen (' || f.attempt || '. gang): ' || trim(f.reason || ' ' || f.detail) as detail
     from refused_files f where f.municipality_code = any ($1) and not exists (select from file_attempts n
       where n.municipality_code = f.municipality_code and n.run_no = f.run_no and n.after_attempt = f.attempt)
       and exists (select from payment_runs r where r.municipality_code = f.municipality_code and r.run_no = f.run_no
         and r.disposition_date < $2)
     order by f.municipality_code, f.run_no`,
    [municipalities, end],
  )
}

const STILL_WRONG = ['statement_changed', 'unknown_account', 'file_refused']

/**
 * Statements of an account follow each other by number, and what one closes with the next opens with. Asked of all that
 * have come, so that one that comes late fills its place, whatever came before it. The first may have any number, and a
 * new year may begin with 1; a bank that numbers nothing is held to its balances.
 */
async function brokenSeries(db: Db, municipalities: readonly Municipality[]): Promise<Found[]> {
  const rows = await db.often.rows<
    Found & { gap: boolean; account: string; number: number; due: number; ore: number; before: number }
  >(
    `select m, name as ref, account, number, due, opening as ore, closed as before, gap
     from (select *, number > 0 and number <> due and not (number = 1 and year > year_before) as gap
       from (select f.municipality_code as m, f.name, f.header->>'account' as account, n.number, n.opening,
           extract(year from date '1970-01-01' + n.date) as year,
           extract(year from date '1970-01-01' + lag(n.date) over series) as year_before,
           lag(n.number) over series + 1 as due, lag(n.closing) over series as closed
         from received_files f
         cross join lateral (select (f.header->>'number')::bigint as number, (f.header->>'date')::int as date,
           (f.header->>'opening')::bigint as opening, (f.header->>'closing')::bigint as closing) n
         where f.municipality_code = any ($1) and ${IS_BOOKED}
         window series as (partition by f.municipality_code, f.header->>'account' order by n.date, n.number)) r) s
     where gap or opening <> closed order by m, account, number`,
    [municipalities],
  )
  return rows.flatMap(({ m, ref, account, number, due, ore, before, gap }) => {
    const gaps = {
      m,
      what: 'statement_gap',
      ref,
      detail: `Konto ${account}: kontoudtog ${number} kom, hvor ${due} ventedes`,
    }
    const opens = `Konto ${account}: kontoudtog ${number} åbner med ${kroner(ore)}, det forrige sluttede med ${kroner(before)}`
    const broken = { m, what: 'statement_discontinuous', ref, detail: opens }
    return [...(gap ? [gaps] : []), ...(before !== null && ore !== before ? [broken] : [])]
  })
}

async function unmatchedEntries(db: Db, municipalities: readonly Municipality[], end: string): Promise<Found[]> {
  const rows = await db.often.rows<{ m: Municipality; bank_ref: string; amount_ore: number; date: Day; named: string }>(
    `select municipality_code as m, bank_ref, amount_ore, booking_date as date, named from statement_entries e
     where municipality_code = any ($1) and booking_date < $2 and ${STILL_UNMATCHED}
     order by municipality_code, work_no, entry_no`,
    [municipalities, end],
  )
  return rows.map((row) => ({
    m: row.m,
    what: 'bank_line_unmatched',
    ref: row.named === '' ? row.bank_ref : row.named,
    detail: `Banken har bogført ${kroner(row.amount_ore)} den ${formatDay(row.date)}, som ikke svarer til noget af vores`,
  }))
}

/** Invariant 16: what was taken of an item is the sum of its listed deductions, no øre more or less. */
async function brokenItems(db: Db, municipalities: readonly Municipality[]): Promise<Found[]> {
  const rows = await db.often.rows<{
    m: Municipality
    order_key: string
    line_no: number
    said: number
    listed: number
  }>(
    `with taken as materialized (
       select d.municipality_code, d.item_id, sum(d.amount_ore) filter (where d.kind = 1) as set_off,
         sum(d.amount_ore) filter (where d.kind = 2) as third_party
       from deductions d where d.municipality_code = any ($1) group by 1, 2),
     said as materialized (
       select c.municipality_code, c.order_id, c.line_no, c.set_off_ore, c.third_party_ore from calculations c
       where c.municipality_code = any ($1) and c.set_off_ore + c.third_party_ore > 0)
     select coalesce(c.municipality_code, t.municipality_code) as m, o.order_key,
       coalesce(c.line_no, (t.item_id & 63)::smallint) as line_no,
       coalesce(c.set_off_ore + c.third_party_ore, 0)::bigint as said,
       (coalesce(t.set_off, 0) + coalesce(t.third_party, 0))::bigint as listed
     from said c full join taken t on t.municipality_code = c.municipality_code
       and t.item_id = c.order_id * 64 + c.line_no
     join orders o on o.municipality_code = coalesce(c.municipality_code, t.municipality_code)
       and o.order_id = coalesce(c.order_id, t.item_id >> 6)
     where coalesce(c.set_off_ore, 0) <> coalesce(t.set_off, 0)
       or coalesce(c.third_party_ore, 0) <> coalesce(t.third_party, 0)
     order by 1, 2, 3`,
    [municipalities],
  )
  return rows.map((row) => ({
    m: row.m,
    what: 'item_unbalanced',
    ref: `${row.order_key}/${row.line_no}`,
    detail: `Der er taget ${kroner(row.said)} af den, men dens fradrag er ${kroner(row.listed)}`,
  }))
}

const PAYMENT_NAME = endToEndIdSql('p')

const RELEASED_PAYMENTS = `select p.municipality_code, p.payment_id, p.unit, p.amount_ore - z.ore as amount_ore, r.run_no,
    r.disposition_date
  from released r join payments p on p.municipality_code = r.municipality_code
    and p.payment_id >= r.run_no::bigint << 24 and p.payment_id < (r.run_no::bigint + 1) << 24
  ${STOPPED_OF_PAYMENT} where not z.whole`

async function missingAnswers(db: Db, municipalities: readonly Municipality[], end: string): Promise<Found[]> {
  const rows = await db.often.rows<{ m: Municipality; ref: string; amount_ore: number; date: Day }>(
    `with ${RELEASED_RUNS}
     select p.municipality_code as m, ${PAYMENT_NAME} as ref, p.amount_ore, p.disposition_date as date
     from (${RELEASED_PAYMENTS}) p
     where p.disposition_date < $2 and not exists (select from payment_answers a where a.municipality_code = p.municipality_code
         and a.payment_id = p.payment_id)
       and not exists (select from accepted_payments a where a.municipality_code = p.municipality_code
         and a.run_no = p.run_no and a.numbers @> (p.payment_id & 16777215)::int)
     order by p.municipality_code, p.payment_id limit 10000`,
    [municipalities, end],
  )
  return rows.map(({ m, ref, amount_ore: ore, date }) => {
    return {
      m,
      what: 'answer_missing',
      ref,
      detail: `Betalingsvejen har ikke svaret på ${kroner(ore)} til ${formatDay(date)}`,
    }
  })
}

async function bankLinesMissing(db: Db, municipalities: readonly Municipality[], before: Day): Promise<Found[]> {
  const rows = await db.often.rows<{ m: Municipality; ref: string; amount_ore: number; date: Day }>(
    `with ${RELEASED_RUNS}
     select p.municipality_code as m, ${PAYMENT_NAME} as ref, p.amount_ore, p.disposition_date as date
     from (${RELEASED_PAYMENTS}) p
     where p.disposition_date < $2
       and not exists (select from statement_entries e where e.municipality_code = p.municipality_code
         and e.match = 'settled' and ((e.run_no = p.run_no and e.unit = p.unit) or e.payment_id = p.payment_id))
       and not exists (select from payment_returns r where r.municipality_code = p.municipality_code
         and r.payment_id = p.payment_id and r.answer in (2, 7))
     order by p.municipality_code, p.payment_id limit 10000`,
    [municipalities, formatDay(before)],
  )
  return rows.map(({ m, ref, amount_ore: ore, date }) => {
    return { m, what: 'bank_line_missing', ref, detail: `Ingen banklinje for ${kroner(ore)} til ${formatDay(date)}` }
  })
}

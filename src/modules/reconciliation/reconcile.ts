/**
 * Reconciliation (afstemning): every clearing account against the list of open items that explains it, every payment
 * against the rail and the bank, every delivery against the ledger. The items are summed from their own tables, the
 * balance from the ledger: explained means the sum of listed items, never a difference.
 */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Account } from '../rates/index.ts'

export interface ClearingAccount {
  readonly municipality: Municipality
  readonly source_system: string | null
  readonly purpose: string
  readonly account: string
  readonly balance_ore: number
  readonly explained_ore: number
  readonly open_items: number
}

/** Something that a person must look into; each makes the outcome wrong. */
export interface Finding {
  readonly municipality: Municipality
  readonly what: string
  readonly ref: string
  readonly detail: string
}

/** What was compared with somebody else's books, and whether they agree. */
export interface Compared {
  readonly what: string
  readonly with: string
  readonly ours: number
  readonly theirs: number
}

export interface Totals {
  orders: number
  orders_refused: number
  orders_held: number
  gross_ore: number
  own_atp_ore: number
  am_ore: number
  tax_ore: number
  set_off_ore: number
  third_party_ore: number
  net_ore: number
  employer_atp_ore: number
  pension_ore: number
  payments_sent: number
  payments_accepted: number
  payments_returned: number
  bank_ore: number
}

export interface Reconciliation {
  readonly municipality: Municipality
  readonly totals: Totals
  readonly clearing: readonly ClearingAccount[]
  readonly findings: readonly Finding[]
  readonly compared: readonly Compared[]
}

/** Payments of released runs, and which of them the bank statement settled. */
const RELEASED = `
  released as materialized (
    select p.payment_id, p.unit, p.amount_ore, r.run_no, r.disposition_date
    from payment_runs r join payment_run_steps s on s.municipality_code = r.municipality_code and s.run_no = r.run_no
      and s.step = 'released'
    join payments p on p.municipality_code = r.municipality_code and p.payment_id >= r.run_no::bigint << 24
      and p.payment_id < (r.run_no::bigint + 1) << 24
    where r.municipality_code = $1),
  settled as materialized (
    select p.payment_id from released p join statement_entries e on e.municipality_code = $1 and e.run_no = p.run_no
      and e.unit = p.unit and e.run_no > 0 and e.match = 'settled'
    where not exists (select from payment_returns r where r.municipality_code = $1 and r.payment_id = p.payment_id
      and r.answer in (2, 7))
    union all
    select e.payment_id from statement_entries e
    where e.municipality_code = $1 and e.payment_id > 0 and e.match = 'settled')`

export async function reconcileMunicipality(
  db: Db,
  municipality: Municipality,
  month: Period,
  accounts: readonly Account[],
): Promise<Reconciliation> {
  const payments = await paymentTotals(db, municipality, month.to)
  const movements = await accountMovements(db, municipality)
  const clearing = await clearingAccounts(db, municipality, accounts, payments, movements)
  const findings = [
    ...(await fileFindings(db, municipality)),
    ...(await unmatchedEntries(db, municipality)),
    ...(await brokenItems(db, municipality)),
    ...(payments.unanswered > 0 ? await missingAnswers(db, municipality) : []),
    ...(payments.unsettled > 0 ? await unsettled(db, municipality, month.to) : []),
  ]
  const totals = await monthTotals(db, municipality, month)
  totals.payments_sent = payments.sent
  totals.payments_accepted = payments.accepted
  totals.payments_returned = payments.returned
  totals.bank_ore = -balanceOf(movements, accounts.find((one) => one.key === 'bank')?.id ?? 0)
  const compared = await compareDeliveries(db, municipality, accounts, movements)
  for (const one of compared) {
    if (one.ours !== one.theirs) {
      findings.push({
        municipality,
        what: 'delivery_differs',
        ref: one.with,
        detail: `${one.what}: ${one.ours} and ${one.theirs}`,
      })
    }
  }
  return { municipality, totals, clearing, findings, compared }
}

interface PaymentTotals {
  readonly sent: number
  readonly accepted: number
  readonly returned: number
  readonly rail_ore: number
  readonly rail_items: number
  readonly returned_ore: number
  /** Released payments without any answer, and those due before the end of the month that the bank has not booked. */
  readonly unanswered: number
  readonly unsettled: number
}

async function paymentTotals(db: Db, municipality: Municipality, before: Day): Promise<PaymentTotals> {
  const row = await db.first<PaymentTotals>(
    `with ${RELEASED},
     open as (
       select p.payment_id, p.amount_ore, p.disposition_date from released p
       where not exists (select from settled s where s.payment_id = p.payment_id)
         and not exists (select from payment_returns r where r.municipality_code = $1 and r.payment_id = p.payment_id
           and r.answer in (2, 7)))
     select (select count(*) from released) as sent,
       (select count(*) from payment_answers a where a.municipality_code = $1 and a.answer = 8) as accepted,
       (select count(*) from payment_returns r where r.municipality_code = $1) as returned,
       (select coalesce(sum(amount_ore), 0)::bigint from open) as rail_ore, (select count(*) from open) as rail_items,
       (select coalesce(sum(amount_ore), 0)::bigint from payment_returns r where r.municipality_code = $1) as returned_ore,
       (select count(*) from open where disposition_date < $2) as unsettled,
       (select count(*) from released p where not exists (select from payment_answers a
         where a.municipality_code = $1 and a.payment_id = p.payment_id)) as unanswered`,
    [municipality, formatDay(before)],
  )
  if (row === undefined) throw new Error('no payment totals')
  return row
}

interface Explained {
  ore: number
  items: number
}

/** The open items of each clearing account, summed from the tables of the items themselves. Credits are negative. */
async function explanations(
  db: Db,
  municipality: Municipality,
  payments: PaymentTotals,
): Promise<Map<string, Explained>> {
  const explained = new Map<string, Explained>([
    ['rail', { ore: -payments.rail_ore, items: payments.rail_items }],
    ['returned', { ore: -payments.returned_ore, items: payments.returned }],
  ])
  const payable = await db.rows<{ system: string; ore: number; items: number }>(
    `select s.key as system, sum(p.amount_ore)::bigint as ore, count(*) as items
     from payables p join source_systems s on s.source_system = p.source_system
     left join payment_parts x on x.municipality_code = p.municipality_code and x.item_id = p.item_id and x.part = p.part
     left join payment_run_steps r on r.municipality_code = p.municipality_code and r.run_no = (x.payment_id >> 24)::int
       and r.step = 'released'
     where p.municipality_code = $1 and r.run_no is null group by 1`,
    [municipality],
  )
  for (const row of payable) explained.set(`net_payable:${row.system}`, { ore: -row.ore, items: row.items })
  const taken = await db.rows<Record<'tax' | 'am' | 'atp' | 'pension' | 'items', number> & { system: string }>(
    `select s.key as system, sum(c.tax_ore)::bigint as tax, sum(c.am_ore)::bigint as am,
       sum(c.own_atp_ore + c.employer_atp_ore)::bigint as atp, sum(c.pension_ore)::bigint as pension,
       count(distinct (c.se, w.known_at)) as items
     from calculations c join source_systems s on s.source_system = c.source_system
     join work_batches w on w.municipality_code = c.municipality_code and w.work_no = c.work_no
     where c.municipality_code = $1 group by 1`,
    [municipality],
  )
  for (const row of taken) {
    explained.set(`a_skat:${row.system}`, { ore: -row.tax, items: row.tax === 0 ? 0 : row.items })
    explained.set(`am_bidrag:${row.system}`, { ore: -row.am, items: row.am === 0 ? 0 : row.items })
    explained.set(`atp:${row.system}`, { ore: -row.atp, items: row.atp === 0 ? 0 : row.items })
    explained.set(`pension:${row.system}`, { ore: -row.pension, items: row.pension === 0 ? 0 : row.items })
  }
  const claims = await db.rows<{ system: string; ore: number; items: number }>(
    `select s.key as system, sum(c.amount_ore - coalesce(m.ore, 0))::bigint as ore,
       count(*) filter (where c.amount_ore > coalesce(m.ore, 0)) as items
     from claims c join source_systems s on s.source_system = c.source_system
     left join (select claim_id, sum(amount_ore) as ore from claim_movements where municipality_code = $1 group by 1) m
       on m.claim_id = c.claim_id
     where c.municipality_code = $1 group by 1`,
    [municipality],
  )
  for (const row of claims) explained.set(`claims:${row.system}`, { ore: row.ore, items: row.items })
  const stray = await db.first<Explained>(
    `select coalesce(sum(-e.amount_ore), 0)::bigint as ore, count(*) as items from statement_entries e
     where e.municipality_code = $1 and e.match = 'unmatched'`,
    [municipality],
  )
  explained.set('unmatched', stray ?? { ore: 0, items: 0 })
  return explained
}

async function clearingAccounts(
  db: Db,
  municipality: Municipality,
  accounts: readonly Account[],
  payments: PaymentTotals,
  movements: Movements,
): Promise<ClearingAccount[]> {
  const explained = await explanations(db, municipality, payments)
  return accounts
    .filter((account) => account.clearing)
    .map((account) => ({
      municipality,
      source_system: account.sourceSystem,
      purpose: account.purpose ?? account.key,
      account: account.number,
      balance_ore: balanceOf(movements, account.id),
      explained_ore: explained.get(account.key)?.ore ?? 0,
      open_items: explained.get(account.key)?.items ?? 0,
    }))
    .filter((row) => row.balance_ore !== 0 || row.explained_ore !== 0 || row.open_items > 0)
}

/** What each account was debited and credited, all time. */
type Movements = ReadonlyMap<number, { readonly debit: number; readonly credit: number }>

/** One pass over the transfers, folded by pair of accounts. */
async function accountMovements(db: Db, municipality: Municipality): Promise<Movements> {
  const rows = await db.rows<{ debit_account: number; credit_account: number; ore: number }>(
    `select debit_account, credit_account, sum(amount_ore)::bigint as ore from transfers
     where municipality_code = $1 group by 1, 2`,
    [municipality],
  )
  const movements = new Map<number, { debit: number; credit: number }>()
  const of = (account: number) => {
    const known = movements.get(account) ?? { debit: 0, credit: 0 }
    movements.set(account, known)
    return known
  }
  for (const row of rows) {
    of(row.debit_account).debit += row.ore
    of(row.credit_account).credit += row.ore
  }
  return movements
}

function balanceOf(movements: Movements, account: number): number {
  const one = movements.get(account)
  return one === undefined ? 0 : one.debit - one.credit
}

/** Invariant 16: what is due of an item is its net and its third parties, no øre more or less. */
async function brokenItems(db: Db, municipality: Municipality): Promise<Finding[]> {
  const rows = await db.rows<{ order_key: string; line_no: number; net: number; due: number }>(
    `select o.order_key, c.line_no, c.net_ore + c.third_party_ore as net, coalesce(p.due, 0)::bigint as due
     from calculations c left join (select item_id, sum(amount_ore) as due from payables where municipality_code = $1
       group by 1) p on p.item_id = c.order_id * 64 + c.line_no
     join orders o on o.municipality_code = c.municipality_code and o.order_id = c.order_id
     where c.municipality_code = $1 and c.net_ore + c.third_party_ore <> coalesce(p.due, 0) order by 1, 2 limit 100`,
    [municipality],
  )
  return rows.map((row) => ({
    municipality,
    what: 'item_unbalanced',
    ref: `${row.order_key}/${row.line_no}`,
    detail: `${row.net} øre are owed, ${row.due} are due`,
  }))
}

const paymentName = `lpad($1::text, 4, '0') || 'R' || (p.payment_id >> 24) || 'N' || (p.payment_id & 16777215)`

async function missingAnswers(db: Db, municipality: Municipality): Promise<Finding[]> {
  const rows = await db.rows<{ name: string; amount_ore: number; date: Day }>(
    `with ${RELEASED} select ${paymentName} as name, p.amount_ore, p.disposition_date as date from released p
     where not exists (select from payment_answers a where a.municipality_code = $1 and a.payment_id = p.payment_id)
     order by p.payment_id limit 100`,
    [municipality],
  )
  return rows.map((row) => ({
    municipality,
    what: 'answer_missing',
    ref: row.name,
    detail: `The rail has not answered on ${row.amount_ore} øre due on ${formatDay(row.date)}`,
  }))
}

async function unsettled(db: Db, municipality: Municipality, before: Day): Promise<Finding[]> {
  const rows = await db.rows<{ name: string; amount_ore: number; date: Day }>(
    `with ${RELEASED} select ${paymentName} as name, p.amount_ore, p.disposition_date as date from released p
     where p.disposition_date < $2 and not exists (select from settled s where s.payment_id = p.payment_id)
       and not exists (select from payment_returns r where r.municipality_code = $1 and r.payment_id = p.payment_id
         and r.answer in (2, 7)) order by p.payment_id limit 100`,
    [municipality, formatDay(before)],
  )
  return rows.map((row) => ({
    municipality,
    what: 'bank_line_missing',
    ref: row.name,
    detail: `No bank line for ${row.amount_ore} øre due on ${formatDay(row.date)}`,
  }))
}

async function fileFindings(db: Db, municipality: Municipality): Promise<Finding[]> {
  const rows = await db.rows<{ name: string; code: string; detail: string }>(
    `select f.name, p->>'code' as code, p->>'detail' as detail from received_files f, jsonb_array_elements(f.problems) p
     where f.municipality_code = $1 order by f.work_no limit 100`,
    [municipality],
  )
  return rows.map((row) => ({ municipality, what: row.code, ref: row.name, detail: row.detail }))
}

async function unmatchedEntries(db: Db, municipality: Municipality): Promise<Finding[]> {
  const rows = await db.rows<{ bank_ref: string; amount_ore: number; date: Day; named: string }>(
    `select e.bank_ref, e.amount_ore, e.booking_date as date, e.named from statement_entries e
     where e.municipality_code = $1 and e.match = 'unmatched' order by e.work_no, e.entry_no limit 100`,
    [municipality],
  )
  return rows.map((row) => ({
    municipality,
    what: 'bank_line_unmatched',
    ref: row.named === '' ? row.bank_ref : row.named,
    detail: `The bank booked ${row.amount_ore} øre on ${formatDay(row.date)} that agrees with nothing of ours`,
  }))
}

async function monthTotals(db: Db, municipality: Municipality, month: Period): Promise<Totals> {
  const row = await db.first<Totals>(
    `with made as (
       select d.totals from work_batches w join work_done d on d.municipality_code = w.municipality_code
         and d.work_no = w.work_no
       where w.municipality_code = $1 and w.kind = 'calculate' and w.known_at >= $2::date and w.known_at < $3::date)
     select coalesce(i.orders, 0)::int as orders, coalesce(i.refused, 0)::int as orders_refused,
       (select count(distinct h.order_id)::int from order_holds h where h.municipality_code = $1 and h.kind <> 'superseded'
          and not exists (select from order_hold_releases r where r.municipality_code = h.municipality_code
            and r.order_id = h.order_id and r.hold_no = h.hold_no)
          and not exists (select from order_holds o where o.municipality_code = h.municipality_code
            and o.order_id = h.order_id and o.kind = 'superseded')) as orders_held,
       ${['gross', 'own_atp', 'am', 'tax', 'set_off', 'third_party', 'net', 'employer_atp', 'pension']
         .map((name) => `(select coalesce(sum((totals->>'${name}_ore')::bigint), 0)::bigint from made) as ${name}_ore`)
         .join(', ')},
       0 as payments_sent, 0 as payments_accepted, 0 as payments_returned, 0 as bank_ore
     from (select sum(accepted) as orders, sum(refused) as refused from intakes where municipality_code = $1
       and source_system between 1 and 3 and coalesce(month, $2::date) >= $2::date and coalesce(month, $2::date) < $3::date) i`,
    [municipality, formatDay(month.from), formatDay(month.to)],
  )
  if (row === undefined) throw new Error('no totals')
  return row
}

/** Control totals of what was told, against the ledger's own sums. */
async function compareDeliveries(
  db: Db,
  municipality: Municipality,
  accounts: readonly Account[],
  movements: Movements,
): Promise<Compared[]> {
  const rows = await db.rows<{ kind: string; key: string; value: number }>(
    `select kind, key, sum(value::bigint)::bigint as value from deliveries, jsonb_each_text(totals)
     where municipality_code = $1 group by 1, 2`,
    [municipality],
  )
  const told = (kind: string, key: string) => rows.find((row) => row.kind === kind && row.key === key)?.value ?? 0
  const posted = (purpose: string) =>
    accounts
      .filter((account) => account.purpose === purpose)
      .reduce((sum, account) => sum + (movements.get(account.id)?.credit ?? 0), 0)
  const released = await db.first<{ ore: number }>(
    `select coalesce(sum(r.amount_ore), 0)::bigint as ore from payment_runs r join payment_run_steps s
       on s.municipality_code = r.municipality_code and s.run_no = r.run_no and s.step = 'released'
     where r.municipality_code = $1`,
    [municipality],
  )
  return [
    { what: 'A-skat', with: 'eindkomst', ours: posted('a_skat'), theirs: told('eindkomst', 'a_skat_ore') },
    { what: 'AM-bidrag', with: 'eindkomst', ours: posted('am_bidrag'), theirs: told('eindkomst', 'am_ore') },
    { what: 'ATP', with: 'eindkomst', ours: posted('atp'), theirs: told('eindkomst', 'atp_ore') },
    { what: 'Betalinger', with: 'nemkonto', ours: released?.ore ?? 0, theirs: told('nemkonto', 'amount_ore') },
  ]
}

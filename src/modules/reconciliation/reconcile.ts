/**
 * Reconciliation (afstemning): every clearing account against the list of open items that explains it, every payment
 * against the rail and the bank, every delivery against the ledger. The items are summed from their own tables, the
 * balance from the ledger: explained means the sum of listed items, never a difference.
 */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { kroner, type Ore, ZERO } from '../../base/money.ts'
import { RECEIPTS_TOLD } from '../deliveries/index.ts'
import { STOPPED_OF_RUN } from '../payments/index.ts'
import type { Account } from '../rates/index.ts'
import { readExplanations } from './explain-accounts.ts'
import { readFindings } from './findings.ts'
import { type PaymentTotals, readMonthTotals, readPaymentTotals } from './totals.ts'

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

/** What each account was debited and credited, all time. */
export type Movements = ReadonlyMap<number, { readonly debit: number; readonly credit: number }>

export interface Explained {
  readonly ore: number
  readonly items: number
}

/**
 * Reads by set: each question is asked once for all municipalities. The connection must be in their scope. `until`: see
 * `readFindings`.
 */
export async function reconcileMunicipalities(
  db: Db,
  municipalities: readonly Municipality[],
  month: Period,
  accounts: readonly Account[],
  until?: Day,
): Promise<Reconciliation[]> {
  const payments = await readPaymentTotals(db, municipalities, month.to)
  const movements = await readMovements(db, municipalities)
  const explained = await readExplanations(db, municipalities, payments)
  const findings = await readFindings(db, municipalities, month.to, payments, until)
  const totals = await readMonthTotals(db, municipalities, month)
  const told = await readTold(db, municipalities)
  const waiting = await readWaiting(db, municipalities, month.to)
  return municipalities.map((municipality) => {
    const moved = movements.get(municipality) ?? { accounts: new Map(), incomplete: [] }
    const paid = payments.get(municipality) as PaymentTotals
    const bank = accounts.find((one) => one.key === 'bank')?.id ?? 0
    const all = compareDeliveries(told.get(municipality) ?? new Map(), accounts, moved.accounts, paid.released_ore)
    const compared = waiting.has(municipality) ? all.filter((one) => one.with !== TOLD_AFTER_ALL_RUNS) : all
    return {
      municipality,
      totals: {
        ...(totals.get(municipality) as Totals),
        payments_sent: paid.sent,
        payments_accepted: paid.accepted,
        payments_returned: paid.returned,
        bank_ore: -balanceOf(moved.accounts, bank),
      },
      clearing: clearingAccounts(municipality, accounts, explained.get(municipality) ?? new Map(), moved.accounts),
      findings: [...(findings.get(municipality) ?? []), ...moved.incomplete, ...differences(municipality, compared)],
      compared,
    }
  })
}

export async function reconcileMunicipality(
  db: Db,
  municipality: Municipality,
  month: Period,
  accounts: readonly Account[],
): Promise<Reconciliation> {
  const [reconciliation] = await reconcileMunicipalities(db, [municipality], month, accounts)
  return reconciliation as Reconciliation
}

function clearingAccounts(
  municipality: Municipality,
  accounts: readonly Account[],
  explained: ReadonlyMap<string, Explained>,
  movements: Movements,
): ClearingAccount[] {
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

interface Moved {
  readonly accounts: Movements
  readonly incomplete: readonly Finding[]
}

/** What one account was debited and credited, all time: less than zero is a debt. */
export async function readBalance(db: Db, municipality: Municipality, account: number): Promise<Ore> {
  const row = await db.first<{ ore: Ore }>(
    `select coalesce(sum(case when debit_account = $2 then amount_ore else 0 end
       - case when credit_account = $2 then amount_ore else 0 end), 0)::bigint as ore
     from transfers where municipality_code = $1 and (debit_account = $2 or credit_account = $2)`,
    [municipality, account],
  )
  return row?.ore ?? ZERO
}

/** One pass over the transfers, folded by pair of accounts; they must come to what the ledger batches say. */
async function readMovements(db: Db, municipalities: readonly Municipality[]): Promise<Map<Municipality, Moved>> {
  const rows = await db.often.rows<{ m: Municipality; debit: number; credit: number; ore: number; n: number }>(
    `select municipality_code as m, debit_account as debit, credit_account as credit, sum(amount_ore)::bigint as ore,
       count(*) as n from transfers where municipality_code = any ($1) group by 1, 2, 3`,
    [municipalities],
  )
  const batches = await db.often.rows<{ m: Municipality; ore: number; n: number }>(
    `select municipality_code as m, sum(amount_ore)::bigint as ore, sum(transfers)::bigint as n from ledger_batches
     where municipality_code = any ($1) group by 1`,
    [municipalities],
  )
  const said = new Map(batches.map((row) => [row.m, row]))
  return new Map(
    municipalities.map((municipality) => {
      const own = rows.filter((row) => row.m === municipality)
      const ore = own.reduce((sum, row) => sum + row.ore, 0)
      const n = own.reduce((sum, row) => sum + row.n, 0)
      const batch = said.get(municipality) ?? { ore: 0, n: 0 }
      const detail = `Finansen har ${n} posteringer på ${kroner(ore)}, dens partier siger ${batch.n} på ${kroner(batch.ore)}`
      const differs = batch.ore !== ore || batch.n !== n
      const incomplete = differs ? [{ municipality, what: 'ledger_incomplete', ref: 'transfers', detail }] : []
      return [municipality, { accounts: byAccount(own), incomplete }]
    }),
  )
}

function byAccount(rows: readonly { debit: number; credit: number; ore: number }[]): Movements {
  const movements = new Map<number, { debit: number; credit: number }>()
  const of = (account: number) => {
    const known = movements.get(account) ?? { debit: 0, credit: 0 }
    movements.set(account, known)
    return known
  }
  for (const row of rows) {
    of(row.debit).debit += row.ore
    of(row.credit).credit += row.ore
  }
  return movements
}

function balanceOf(movements: Movements, account: number): number {
  const one = movements.get(account)
  return one === undefined ? 0 : one.debit - one.credit
}

/** Control totals of what was told, by `kind:key`; `received:before_tax` is the claims' own sum of what was told. */
async function readTold(
  db: Db,
  municipalities: readonly Municipality[],
): Promise<Map<Municipality, Map<string, number>>> {
  const rows = await db.often.rows<{ m: Municipality; kind: string; key: string; value: number }>(
    `select municipality_code as m, kind, key, sum(value::bigint)::bigint as value from deliveries, jsonb_each_text(totals)
     where municipality_code = any ($1) group by 1, 2, 3
     union all select r.municipality_code, 'received', 'before_tax', r.ore from (${RECEIPTS_TOLD}) r`,
    [municipalities],
  )
  const told = new Map<Municipality, Map<string, number>>(municipalities.map((one) => [one, new Map()]))
  for (const row of rows) told.get(row.m)?.set(`${row.kind}:${row.key}`, row.value)
  return told
}

/** Calculated tax is told when every run of the month has gone: until then there is nothing to compare it with. */
export const TOLD_AFTER_ALL_RUNS = 'eindkomst'

/** Municipalities of which a run that is due waits for a person. */
async function readWaiting(db: Db, municipalities: readonly Municipality[], before: Day): Promise<Set<Municipality>> {
  const rows = await db.often.rows<{ m: Municipality }>(
    `select distinct r.municipality_code as m from payment_runs r ${STOPPED_OF_RUN}
     where r.payments > z.payments and r.municipality_code = any ($1) and r.disposition_date < $2 and not exists (select from payment_run_steps s
       where s.municipality_code = r.municipality_code and s.run_no = r.run_no and s.step = 'approved')`,
    [municipalities, formatDay(before)],
  )
  return new Set(rows.map((row) => row.m))
}

/** Control totals of what was told, against the ledger's own sums, and the claims' own. */
function compareDeliveries(
  told: ReadonlyMap<string, number>,
  accounts: readonly Account[],
  movements: Movements,
  released: number,
): Compared[] {
  const posted = (purpose: string) =>
    accounts
      .filter((account) => account.purpose === purpose)
      .reduce((sum, account) => sum - balanceOf(movements, account.id), 0)
  const of = (key: string) => told.get(key) ?? 0
  return [
    { what: 'A-skat', with: 'eindkomst', ours: posted('a_skat'), theirs: of('eindkomst:a_skat_ore') },
    { what: 'AM-bidrag', with: 'eindkomst', ours: posted('am_bidrag'), theirs: of('eindkomst:am_ore') },
    { what: 'ATP', with: 'eindkomst', ours: posted('atp'), theirs: of('eindkomst:atp_ore') },
    {
      what: 'Tilbagebetalt før skat',
      with: 'eindkomst',
      ours: of('received:before_tax'),
      theirs: of('eindkomst:repaid_ore'),
    },
    // The files of every rail: NemKonto's, and those that went straight to a bank.
    {
      what: 'Betalinger',
      with: 'nemkonto',
      ours: released,
      theirs: of('nemkonto:amount_ore') + of('iso20022:amount_ore'),
    },
  ]
}

function differences(municipality: Municipality, compared: readonly Compared[]): Finding[] {
  return compared
    .filter((one) => one.ours !== one.theirs)
    .map((one) => ({
      municipality,
      what: 'delivery_differs',
      ref: one.with,
      detail: `${one.what}: ${kroner(one.ours)} her, ${kroner(one.theirs)} hos modtageren`,
    }))
}

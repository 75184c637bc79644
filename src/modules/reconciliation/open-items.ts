/**
 * The open items that explain a clearing account, one by one: the rows of which the closing takes the sum. They are
 * listed by pages, with the sum of all of them and the balance of the ledger beside it. @da åben post
 */
import { assert } from '../../base/assert.ts'
import type { Db } from '../../base/db.ts'
import { danishDay } from '../../base/danish-time.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import { endToEndIdSql } from '../payments/index.ts'
import { type Account, lastBankDayOfMonth } from '../rates/index.ts'
import { hasPayDays, readWithheld, runsOf, waitingBeside } from './explain-accounts.ts'
import {
  CAME_BACK,
  CLAIMS_LEFT,
  DUE_BESIDE,
  dueItems,
  type ItemSource,
  ON_THE_RAIL,
  OVERPAID_ITEMS,
  PAID_ELSEWHERE,
  RECEIVED_ON_CLAIMS,
  SURPLUS,
  UNCLAIMED,
  UNMATCHED,
  WITHHELD_PURPOSES,
} from './open-item-sources.ts'
import { readBalance } from './reconcile.ts'

export interface OpenItem {
  /** The payment that it is of; undefined of what is in none. */
  readonly endToEndId: string | undefined
  readonly order:
    | { readonly sourceSystem: SourceSystem; readonly orderKey: string; readonly version: number }
    | undefined
  /** Of what has another name: a claim, a bank line, what was paid elsewhere, an SE number; '' none. */
  readonly named: string
  readonly since: Day
  /** Credits are negative, as in the balance. */
  readonly amount: Ore
}

export interface OpenItems {
  /** All of them, on whatever page. */
  readonly items: number
  readonly explained: Ore
  readonly balance: Ore
  readonly listed: readonly OpenItem[]
}

/** So many items behind the first `skip`: the oldest first. */
export interface PageOf {
  readonly skip: number
  readonly limit: number
}

/** The connection must be in the scope of the municipality. */
export async function readOpenItems(
  db: Db,
  municipality: Municipality,
  account: Account,
  page: PageOf,
): Promise<OpenItems> {
  const balance = await readBalance(db, municipality, account.id)
  const purpose = account.purpose ?? account.key
  const withheld = WITHHELD_PURPOSES.find((one) => one === purpose)
  if (withheld !== undefined) {
    const all = (await readWithheld(db, [municipality]))
      .filter((row) => row.system === account.sourceSystem && row[withheld] !== 0)
      .map(
        (row): OpenItem => ({
          ...NOTHING,
          named: String(row.se),
          // When it is due: what a municipality withheld, on the month's last bank day (BEK 2104/2021 § 25, stk. 2).
          since: lastBankDayOfMonth(row.month),
          amount: (0 - row[withheld]) as Ore,
        }),
      )
      .sort((a, b) => a.since - b.since || a.amount - b.amount)
    const explained = all.reduce((sum, one) => sum + one.amount, 0) as Ore
    return { items: all.length, explained, balance, listed: all.slice(page.skip, page.skip + page.limit) }
  }
  const asked = await sourcesOf(db, municipality, purpose)
  return { balance, ...(await listed(db, municipality, asked, account.sourceSystem ?? '', page)) }
}

const NOTHING = { endToEndId: undefined, order: undefined, named: '' }

const SOURCES: Readonly<Record<string, ItemSource>> = {
  rail: ON_THE_RAIL,
  returned: CAME_BACK,
  unmatched: UNMATCHED,
  paid_outside: PAID_ELSEWHERE,
  unclaimed: UNCLAIMED,
  claims: CLAIMS_LEFT,
  debtor_system: RECEIVED_ON_CLAIMS,
  claim_surplus: SURPLUS,
  overpaid: OVERPAID_ITEMS,
}

interface Asked {
  readonly sources: readonly ItemSource[]
  /** `$2` and on. */
  readonly more: readonly (readonly number[])[]
}

/** An account that nothing explains has none. */
async function sourcesOf(db: Db, municipality: Municipality, purpose: string): Promise<Asked> {
  const source = SOURCES[purpose]
  if (source !== undefined) return { sources: [source], more: [] }
  if (purpose !== 'net_payable') return { sources: [], more: [] }
  const due = dueItems(await hasPayDays(db, [municipality]))
  const beside = await waitingBeside(db, [municipality])
  return beside.length === 0 ? { sources: [due], more: [] } : { sources: [due, DUE_BESIDE], more: runsOf(beside) }
}

interface Row {
  readonly items: number
  readonly explained: Ore
  readonly id: string | null
  readonly source: number | null
  readonly order_key: string | null
  readonly version: number | null
  readonly named: string | null
  readonly on: Day | null
  readonly at: string | null
  readonly ore: Ore | null
}

/** The oldest first; two of one day by what they are about, so that the pages follow on each other. */
const ORDER = `coalesce(i."on"::timestamp at time zone 'UTC', i.at), i.payment, i.order_id, i.named, i.ore`

/** Sum and page are of one statement: nothing comes between them. Orders are looked up for the rows of the page. */
async function listed(
  db: Db,
  municipality: Municipality,
  { sources, more }: Asked,
  system: string,
  { skip, limit }: PageOf,
): Promise<Omit<OpenItems, 'balance'>> {
  if (sources.length === 0) return { items: 0, explained: 0 as Ore, listed: [] }
  const n = more.length + 1
  const first = sources.map((one) => one.first).filter((one) => one !== '')
  const rows = await db.rows<Row>(
    `with ${[
      ...first,
      `item as materialized (
       select i.* from (${sources.map((one) => one.rows).join(' union all ')}) i where i.ore <> 0 and i.system = $${n + 1})`,
    ].join(', ')},
     page as (select * from item i order by ${ORDER} limit $${n + 2} offset $${n + 3})
     select t.items, t.explained, case when i.payment > 0 then ${endToEndIdSql('i')} end as id, o.source_system as source,
       o.order_key, o.version, i.named, i."on", i.at, i.ore::bigint as ore
     from (select count(*) as items, coalesce(sum(ore), 0)::bigint as explained from item) t
     left join (select page.*, m as municipality_code, payment as payment_id from page) i on true
     left join orders o on o.municipality_code = i.m and o.order_id = i.order_id
     order by ${ORDER}`,
    [[municipality], ...more, system, limit, skip],
  )
  const { items = 0, explained = 0 as Ore } = rows[0] ?? {}
  return { items, explained, listed: rows.flatMap((row) => (row.ore === null ? [] : [itemOf(row, row.ore)])) }
}

function itemOf({ id, source, order_key: orderKey, version, named, on, at }: Row, amount: Ore): OpenItem {
  const since = on ?? (at === null ? undefined : danishDay(at))
  assert(since !== undefined, `an open item of ${amount} has no day`)
  const known = source !== null && orderKey !== null && version !== null
  return {
    endToEndId: id ?? undefined,
    order: known ? { sourceSystem: SOURCE_SYSTEMS[source - 1] as SourceSystem, orderKey, version } : undefined,
    named: named ?? '',
    since,
    amount,
  }
}

/**
 * Law changes as facts: entered, tried, approved, taken into use. Nothing is ever changed: a change that was wrong is
 * followed by another. A batch of work uses the book that was approved when it was planned.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { type BookChange, type LawText } from './book-change.ts'
import { lookup, type RateReader } from './book.ts'
import { accountsOfLaws, withLaws } from './change-book.ts'
import type { ApprovedLaw } from './rate-book.ts'

/** Held while a change is entered, tried or approved: their numbers follow each other. */
const LOCK = 7031206

interface Act {
  /** ISO time. */
  readonly at: string
  readonly by: string
}

/** What a trial found, and on what. @da prøvning af en lovændring */
export interface LawTest extends Act {
  readonly testNo: number
  /** Approved changes in the book that it was tried beside. */
  readonly base: number
  readonly municipalities: readonly Municipality[]
  readonly since: Day
  /** Finished batches of work in those municipalities. */
  readonly untilWork: number
  readonly items: number
  readonly changedItems: number
  /** What the payees would have got more, or less. */
  readonly net: number
  readonly totals: Readonly<Record<string, number>>
  readonly byBenefit: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** @da lovændring */
export interface LawChange extends LawText, Act {
  readonly changeNo: number
  /** The last one, if any. */
  readonly test: LawTest | undefined
  readonly approval: (Act & { readonly approvalNo: number }) | undefined
}

/** `sha256` of the file: the same file again is refused. Gives the change's number. */
export async function enterLaw(tx: Tx, law: LawText, sha256: Uint8Array, act: Act): Promise<number> {
  await lock(tx)
  const same = await tx.first<{ no: number }>('select change_no as no from law_changes where file_sha256 = $1', [
    sha256,
  ])
  if (same !== undefined) throw new Refusal('law_entered', `The file is entered already, as change ${same.no}.`)
  const last = await tx.first<{ no: number }>('select coalesce(max(change_no), 0) as no from law_changes')
  const changeNo = (last?.no ?? 0) + 1
  await tx.run('insert into law_changes values ($1, $2, $3, $4, $5, $6, $7, $8)', [
    changeNo,
    law.name,
    law.legalSource,
    law.effectiveFrom,
    JSON.stringify(law.changes),
    sha256,
    act.at,
    act.by,
  ])
  return changeNo
}

interface ChangeRow {
  readonly change_no: number
  readonly name: string
  readonly legal_source: string
  readonly effective_from: Day
  readonly changes: readonly BookChange[]
  readonly known_at: string
  readonly by_actor: string
  readonly approval_no: number | null
  readonly approved_at: string | null
  readonly approved_by: string | null
}

interface TestRow {
  readonly change_no: number
  readonly test_no: number
  readonly base_no: number
  readonly municipalities: readonly number[]
  readonly since: Day
  readonly until_work: number
  readonly items: number
  readonly changed_items: number
  readonly net_ore: number
  readonly totals: LawTest['totals']
  readonly by_benefit: LawTest['byBenefit']
  readonly known_at: string
  readonly by_actor: string
}

/** Every change that was entered, in that order, as it was known at a time; without one: as it is known now. */
export async function readLaws(db: Db, knownAt?: string): Promise<LawChange[]> {
  const until = [knownAt ?? 'infinity']
  const rows = await db.rows<ChangeRow>(
    `select c.change_no, c.name, c.legal_source, c.effective_from, c.changes, c.known_at, c.by_actor, a.approval_no,
       a.known_at as approved_at, a.by_actor as approved_by
     from law_changes c left join law_approvals a on a.change_no = c.change_no and a.known_at <= $1::timestamptz
     where c.known_at <= $1::timestamptz order by 1`,
    until,
  )
  const tests = await db.rows<TestRow>(
    `select distinct on (change_no) change_no, test_no, base_no, municipalities, since, until_work, items, changed_items,
       net_ore, totals, by_benefit, known_at, by_actor
     from law_tests where known_at <= $1::timestamptz order by change_no, test_no desc`,
    until,
  )
  const last = new Map(tests.map((row) => [row.change_no, row]))
  return rows.map((row) => changeOf(row, last.get(row.change_no)))
}

function changeOf(row: ChangeRow, test: TestRow | undefined): LawChange {
  const approved = row.approval_no !== null && row.approved_at !== null && row.approved_by !== null
  return {
    changeNo: row.change_no,
    name: row.name,
    legalSource: row.legal_source,
    effectiveFrom: formatDay(row.effective_from),
    changes: row.changes,
    at: row.known_at,
    by: row.by_actor,
    test: test === undefined ? undefined : testOf(test),
    approval: approved ? { approvalNo: row.approval_no, at: row.approved_at, by: row.approved_by } : undefined,
  }
}

function testOf(row: TestRow): LawTest {
  return {
    testNo: row.test_no,
    base: row.base_no,
    municipalities: row.municipalities,
    since: row.since,
    untilWork: row.until_work,
    items: row.items,
    changedItems: row.changed_items,
    net: row.net_ore,
    totals: row.totals,
    byBenefit: row.by_benefit,
    at: row.known_at,
    by: row.by_actor,
  }
}

/** @throws Refusal `law_unknown` */
export async function readLawChange(db: Db, changeNo: number): Promise<LawChange> {
  const found = (await readLaws(db)).find((one) => one.changeNo === changeNo)
  if (found === undefined) throw new Refusal('law_unknown', `There is no change ${changeNo}; toek law list shows them.`)
  return found
}

/** Finished batches of work in these municipalities: more of them later, and a trial no longer shows what would be. */
export async function workDone(db: Db, municipalities: readonly Municipality[]): Promise<number> {
  const row = await db.first<{ n: number }>(
    'select count(*) as n from work_done where municipality_code = any ($1::smallint[])',
    [municipalities],
  )
  return row?.n ?? 0
}

export async function recordLawTest(
  tx: Tx,
  changeNo: number,
  test: Omit<LawTest, 'testNo' | keyof Act>,
  act: Act,
): Promise<number> {
  await lock(tx)
  const last = await tx.first<{ no: number }>(
    'select coalesce(max(test_no), 0) as no from law_tests where change_no = $1',
    [changeNo],
  )
  const testNo = (last?.no ?? 0) + 1
  await tx.run('insert into law_tests values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)', [
    changeNo,
    testNo,
    test.base,
    test.municipalities,
    formatDay(test.since),
    test.untilWork,
    test.items,
    test.changedItems,
    test.net,
    JSON.stringify(test.totals),
    JSON.stringify(test.byBenefit),
    act.at,
    act.by,
  ])
  return testNo
}

/** The figures that who approves was shown. */
export interface Shown {
  readonly items: number
  readonly net: number
}

/**
 * From now on the change applies to all work that is planned. Refused: by who entered it, without a trial, when the
 * trial is older than another approval or than work that was done since, when it left out a municipality that has paid
 * anything, and when other figures were shown. `scope`: every municipality, so that none is overlooked.
 */
export async function approveLaw(
  tx: Tx,
  changeNo: number,
  shown: Shown,
  scope: readonly Municipality[],
  act: Act,
): Promise<{ readonly approvalNo: number; readonly test: LawTest }> {
  await lock(tx)
  const law = await readLawChange(tx, changeNo)
  const { test } = law
  if (law.approval !== undefined) throw new Refusal('law_approved', `Change ${changeNo} is approved already.`)
  if (law.by === act.by)
    throw new Refusal('four_eyes', `${act.by} entered change ${changeNo}; another person must approve it.`)
  if (test === undefined)
    throw new Refusal(
      'law_untested',
      `Change ${changeNo} was never tried. toek law test ${changeNo} shows what it does.`,
    )
  const approved = await readApprovedLaws(tx)
  const [work, untried] = [await workDone(tx, test.municipalities), await leftOut(tx, law, scope)]
  const again = `Try it again: toek law test ${changeNo}.`
  if (approved.length !== test.base)
    throw new Refusal('stale_test', `Another change was approved since change ${changeNo} was tried. ${again}`)
  if (work !== test.untilWork)
    throw new Refusal('stale_test', `More has been calculated since change ${changeNo} was tried. ${again}`)
  if (untried > 0) {
    const what = `The trial of change ${changeNo} left out ${untried} municipalities that have paid`
    throw new Refusal('stale_test', `${what}. Try it on all: toek law test ${changeNo} --municipality all.`)
  }
  if (shown.items !== test.changedItems || shown.net !== test.net) {
    const is = `Change ${changeNo} changes ${test.changedItems} items by ${test.net} øre net`
    throw new Refusal('stale_total', `${is}, not ${shown.items} by ${shown.net}. Look at it again, then approve.`)
  }
  const approvalNo = approved.length + 1
  await tx.run('insert into law_approvals values ($1, $2, $3, $4, $5, $6)', [
    approvalNo,
    changeNo,
    test.testNo,
    law.by,
    act.at,
    act.by,
  ])
  return { approvalNo, test }
}

/** Municipalities with finished work that a change is for, and that its trial did not look at. */
async function leftOut(db: Db, law: LawChange, scope: readonly Municipality[]): Promise<number> {
  const named = law.changes.map((one) => ('municipality' in one ? Number(one.municipality) : undefined))
  const concerned = named.includes(undefined) ? scope : named
  const row = await db.first<{ n: number }>(
    `select count(*) as n from unnest($1::smallint[]) as m (code) where not m.code = any ($2::smallint[])
       and exists (select from calculations c where c.municipality_code = m.code)`,
    [concerned as readonly number[], law.test?.municipalities ?? []],
  )
  return row?.n ?? 0
}

/** Puts accounts that approved changes add beside those of the chart. */
export async function recordLawAccounts(tx: Tx, rates: RateReader): Promise<void> {
  for (const { id, key, number, nameDa, clearing } of accountsOfLaws(rates.book)) {
    await tx.run(
      'insert into accounts (account, key, number, name_da, clearing) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [id, key, number, nameDa, clearing],
    )
  }
}

/** In the order of approval, as known at a time; without one: as known now. */
export async function readApprovedLaws(db: Db, knownAt?: string): Promise<ApprovedLaw[]> {
  return await db.rows<ApprovedLaw>(
    `select a.approval_no as "approvalNo", c.change_no as "changeNo", c.name, c.legal_source as "legalSource", c.changes
     from law_approvals a join law_changes c on c.change_no = a.change_no
     where a.known_at <= $1::timestamptz order by 1`,
    [knownAt ?? 'infinity'],
  )
}

/** The book that ships, with every change that is approved. */
export async function withApprovedLaws(db: Db, rates: RateReader, knownAt?: string): Promise<RateReader> {
  const laws = await readApprovedLaws(db, knownAt)
  return lookup(withLaws(rates.asOf(0).book, laws))
}

/** By the reader that a program began with: what it has read since. Approvals are only ever added. */
const readSince = new WeakMap<RateReader, RateReader>()

/** How many changes are approved; null: none. To be asked for along with something else. */
export const NEWEST_LAW = '(select max(approval_no) from law_approvals)'

/** The book with every change that is approved by now: another program may have approved one since this one began. */
export async function newestRates(db: Db, rates: RateReader, newest?: number | null): Promise<RateReader> {
  const laws =
    newest === undefined ? (await db.often.first<{ n: number | null }>(`select ${NEWEST_LAW} as n`))?.n : newest
  if ((laws ?? 0) <= rates.laws) return rates
  const known = readSince.get(rates)
  if (known !== undefined && known.laws >= (laws ?? 0)) return known
  const made = await withApprovedLaws(db, rates)
  readSince.set(rates, made)
  return made
}

interface Use {
  readonly approval_no: number
  readonly first_work_no: number
}

/** Of one municipality, in their order. */
export type LawUses = readonly Use[] | null

/**
 * A municipality's reader: it knows which book each of its batches of work was planned with. Newer approvals than those
 * that the reader was made with are read; nothing is when no change was ever used.
 */
export async function ratesIn(db: Db, rates: RateReader, municipality: Municipality): Promise<RateReader> {
  const uses = await db.rows<Use>(
    'select approval_no, first_work_no from law_uses where municipality_code = $1 order by 1',
    [municipality],
  )
  return await withUses(db, rates, uses)
}

/** The rows of `law_uses` of `$1` as JSON: to be asked for along with something else. */
export const LAW_USES = `(select json_agg(json_build_object('approval_no', u.approval_no, 'first_work_no',
  u.first_work_no) order by u.approval_no) from law_uses u where u.municipality_code = $1)`

/** `used`: rows of `law_uses`. A change that the municipality has not taken into use applies to no work of it. */
export async function withUses(db: Db, rates: RateReader, used: LawUses): Promise<RateReader> {
  const uses = used ?? []
  if (uses.length === 0 && rates.laws === 0) return rates
  const newest = uses.at(-1)?.approval_no ?? 0
  const all = await newestRates(db, rates, newest)
  const books = new Map<number, RateReader>()
  const bookOf = (laws: number): RateReader => {
    const known = books.get(laws)
    if (known !== undefined) return known
    const self: RateReader = {
      ...all.asOf(laws),
      asOf: bookOf,
      ofWork: (workNo) =>
        workNo === undefined ? self : bookOf(uses.findLast((use) => use.first_work_no <= workNo)?.approval_no ?? 0),
    }
    books.set(laws, self)
    return self
  }
  return bookOf(all.laws)
}

/** Work from this number on uses every change that is approved now; to be called where work is planned. */
export async function takeLawsIntoUse(tx: Tx, municipality: Municipality, workNo: number): Promise<void> {
  const row = await tx.often.first<{ newest: number | null; used: number | null }>(
    `select (select max(approval_no) from law_approvals) as newest,
       (select max(approval_no) from law_uses where municipality_code = $1) as used`,
    [municipality],
  )
  if (row === undefined || row.newest === null || row.newest === row.used) return
  await tx.run('insert into law_uses values ($1, $2, $3)', [municipality, row.newest, workNo])
}

async function lock(tx: Tx): Promise<void> {
  await tx.run('select pg_advisory_xact_lock($1)', [LOCK])
}

/** `toek run`: imports what lies in a folder, runs what is loaded, and shows the closing table. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { type Connection, connect } from '../../base/db.ts'
import { parseMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { readDeliveries } from '../../modules/deliveries/index.ts'
import { ledgerHead } from '../../modules/ledger/index.ts'
import type { ClearingAccount, Compared, Finding, Totals } from '../../modules/reconciliation/index.ts'
import { filesOf, type MonthResult, runMonth } from '../line/month.ts'
import { startPool } from '../line/pool.ts'
import { fakeRail } from './fake-rail.ts'
import { foldersOf, type Opened, reporter, whoAmI, type World } from './world.ts'

export interface RunOptions {
  readonly month: string
  readonly municipalities: readonly Municipality[]
  readonly in: string | undefined
  readonly json: boolean
}

export interface Closing extends Totals {
  readonly month: string
  readonly clearing_accounts: readonly ClearingAccount[]
  readonly unexplained_ore: number
  readonly findings: readonly Finding[]
  readonly compared: readonly (Compared & { readonly agrees: boolean })[]
  readonly not_compared: readonly string[]
  readonly ledger_head: string
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
  readonly released: boolean
}

const ZERO: Totals = {
  orders: 0,
  orders_refused: 0,
  orders_held: 0,
  gross_ore: 0,
  own_atp_ore: 0,
  am_ore: 0,
  tax_ore: 0,
  set_off_ore: 0,
  third_party_ore: 0,
  net_ore: 0,
  employer_atp_ore: 0,
  pension_ore: 0,
  payments_sent: 0,
  payments_accepted: 0,
  payments_returned: 0,
  bank_ore: 0,
}

export async function runVerb(
  world: World,
  opened: Opened,
  options: RunOptions,
  onStage: (stage: string) => void = () => undefined,
): Promise<Closing> {
  const month = parseMonth(options.month)
  if (month === undefined) throw new Refusal('usage', `--month is a month such as 2026-03, not ${options.month}.`)
  const folders = foldersOf(world)
  const show = reporter(world, options.json)
  const guard = await connect(opened.url, 'loader', whoAmI(world, 'run'))
  await takeMunicipalities(guard, options.municipalities, (line) => show.say(line))
  const demo = opened.mode === 'demo'
  const rail = demo ? await fakeRail(world, folders, opened.rates) : undefined
  const pool = startPool({
    url: opened.url,
    book: opened.rates.book,
    folders,
    who: whoAmI(world, 'run'),
    failpoint: world.settings.failpoint,
  })
  let done = 0
  try {
    const result = await runMonth(pool, {
      month,
      municipalities: options.municipalities,
      files: options.in === undefined ? [] : await filesOf(options.in, options.municipalities),
      actors: { planner: 'planlægger', approver: demo ? 'godkender' : undefined },
      rail,
      incoming: folders.in,
      rates: opened.rates,
      onStage: (stage, total) => {
        done = 0
        onStage(stage)
        show.stage(stage, total)
      },
      onDone: (count) => {
        done += count
        show.done(done)
      },
    })
    show.end()
    const theirs = rail === undefined ? undefined : await rail.get<FakeBooks>('/books')
    return await closing(guard, month, options, result, theirs)
  } finally {
    show.end()
    await pool.close()
    await guard.close()
  }
}

/** What the fake tells of its own books. */
interface FakeBooks {
  readonly totals?: { readonly received?: number; readonly received_ore?: number }
  readonly doubles?: number
  readonly faults?: readonly unknown[]
}

/** One run at a time per municipality: a second program says who runs, waits, and finds the work done. */
async function takeMunicipalities(
  guard: Connection,
  municipalities: readonly Municipality[],
  say: (line: string) => void,
): Promise<void> {
  for (const municipality of [...municipalities].sort((a, b) => a - b)) {
    const got = await guard.db.first<{ got: boolean }>('select pg_try_advisory_lock(7031203, $1) as got', [
      municipality,
    ])
    if (got?.got) continue
    const holder = await guard.db.first<{ who: string }>(
      `select a.application_name as who from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where l.locktype = 'advisory' and l.classid = 7031203 and l.objid = $1 and l.granted`,
      [municipality],
    )
    say(`${municipalityText(municipality)}: ${holder?.who ?? 'another program'} is running it; waiting for it to end`)
    await guard.db.run('select pg_advisory_lock(7031203, $1)', [municipality])
  }
}

async function closing(
  guard: Connection,
  month: Period,
  options: RunOptions,
  result: MonthResult,
  theirs: FakeBooks | undefined,
): Promise<Closing> {
  const totals: Totals = { ...ZERO }
  for (const one of result.reconciliations) {
    for (const key of Object.keys(ZERO) as (keyof Totals)[]) totals[key] += one.totals[key]
  }
  const clearing = result.reconciliations.flatMap((one) => one.clearing)
  const heads: string[] = []
  const files: { name: string; sha256: string }[] = []
  for (const municipality of [...options.municipalities].sort((a, b) => a - b)) {
    await guard.transaction([municipality], async (tx) => {
      heads.push(await ledgerHead(tx, municipality))
      for (const file of await readDeliveries(tx, municipality)) {
        files.push({ name: join(file.kind, file.fileName), sha256: file.sha256 })
      }
    })
  }
  const findings = result.reconciliations.flatMap((one) => one.findings)
  for (const imported of result.imports) {
    if (imported.state !== 'refused') continue
    const detail = imported.findings.map((fault) => fault.detail).join(' ')
    findings.push({ municipality: imported.municipality ?? 0, what: 'file_refused', ref: imported.fileId, detail })
  }
  if ((theirs?.doubles ?? 0) > 0) {
    findings.push({
      municipality: 0,
      what: 'sent_twice',
      ref: 'nemkonto',
      detail: `${theirs?.doubles} payments reached the rail twice`,
    })
  }
  return {
    month: options.month,
    ...totals,
    clearing_accounts: clearing,
    unexplained_ore: clearing.reduce((sum, row) => sum + Math.abs(row.balance_ore - row.explained_ore), 0),
    findings,
    compared: summed(result.reconciliations.flatMap((one) => one.compared)),
    not_compared: ['A-skat at Skattestyrelsen', 'the ERP’s own balances', 'Ydelsesrefusion’s own reckoning'],
    ledger_head: heads.length === 1 ? (heads[0] as string) : hash('sha256', heads.join('')),
    files,
    released: result.released && month.from < month.to,
  }
}

function summed(compared: readonly Compared[]): (Compared & { agrees: boolean })[] {
  const sums = new Map<string, { what: string; with: string; ours: number; theirs: number; agrees: boolean }>()
  for (const one of compared) {
    const key = `${one.what}:${one.with}`
    const sum = sums.get(key) ?? { what: one.what, with: one.with, ours: 0, theirs: 0, agrees: true }
    sum.ours += one.ours
    sum.theirs += one.theirs
    sum.agrees &&= one.ours === one.theirs
    sums.set(key, sum)
  }
  return [...sums.values()]
}

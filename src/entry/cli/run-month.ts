/** `toek run`: imports what lies in a folder, runs what is loaded, and shows the closing table. */
import { readdirSync, statSync } from 'node:fs'
import { type Connection, connect } from '../../base/db.ts'
import { parseMonth } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { EVENT_KINDS, publishEvents } from '../../modules/events/index.ts'
import type { Finding } from '../../modules/reconciliation/index.ts'
import { type Closing, closingOf } from '../closing.ts'
import { findAllUntold, type MonthResult, runMonth } from '../line/month.ts'
import { FILE_NAMES, filesOf } from '../line/month-files.ts'
import { type Pool, startPool } from '../line/pool.ts'
import { fakeRail } from './fake-rail.ts'
import { askedOf, foldersOf, type Opened, reporter, whoAmI, type World } from './world.ts'

const DEMO_ACTORS = { planner: 'planlægger', approver: 'godkender', second: 'anden godkender' }

export interface RunOptions {
  readonly month: string
  readonly municipalities: readonly Municipality[]
  readonly in: string | undefined
  readonly json: boolean
  /** Who plans the payment runs, outside demo; the account that runs the program when nobody is named. */
  readonly by?: string | undefined
  /** What time it is, as somebody says. */
  readonly at?: string | undefined
}

export interface Outcome extends Closing {
  /** False when something due waits for a person to approve it. */
  readonly released: boolean
  /** Orders of the files that were taken in now were refused. */
  readonly partly: boolean
}

export async function runVerb(
  world: World,
  opened: Opened,
  options: RunOptions,
  onStage: (stage: string) => void = () => undefined,
): Promise<Outcome> {
  const month = parseMonth(options.month)
  if (month === undefined) throw new Refusal('usage', `--month is a month such as 2026-03, not ${options.month}.`)
  const folders = foldersOf(world)
  const show = reporter(world, options.json)
  if (options.in !== undefined) lookInto(options.in, (line) => show.say(line))
  const guard = await connect(opened.url, 'loader', whoAmI(world, 'run'))
  let pool: Pool | undefined
  let done = 0
  try {
    await takeMunicipalities(guard, options.municipalities, (line) => show.say(line))
    const demo = opened.mode === 'demo'
    const rail = demo ? await fakeRail(world, folders, opened.rates) : undefined
    pool = startPool({
      url: opened.url,
      book: opened.rates.book,
      folders,
      who: whoAmI(world, 'run'),
      failpoint: world.settings.failpoint,
    })
    const result = await runMonth(pool, {
      month,
      municipalities: options.municipalities,
      files: options.in === undefined ? [] : await filesOf(options.in, options.municipalities),
      actors: demo ? DEMO_ACTORS : { planner: options.by ?? world.user, approver: undefined },
      asked: askedOf(opened.mode, options.at, new Date(world.now()).toISOString()),
      rail,
      incoming: folders.in,
      rates: opened.rates,
      refreshStatistics: (loaded) => refreshStatistics(opened.url, loaded),
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
    const { municipalities } = options
    const lanes = pool
    const closing = await guard.transaction(municipalities, async (tx) => {
      await publishEvents(tx, municipalities, EVENT_KINDS, () => findAllUntold(lanes, municipalities))
      return await closingOf(tx, options.municipalities, month, result.reconciliations)
    })
    const accounts = opened.rates.book.units.filter((unit) => options.municipalities.includes(unit.municipality))
    const beside = besideTheirs(closing, theirs, new Set(accounts.map((unit) => unit.debitAccount)))
    const findings = [...closing.findings, ...moreFindings(result, theirs)]
    const partly = result.imports.some((one) => one.refused.length > 0)
    return { ...closing, compared: [...closing.compared, ...beside], findings, released: result.released, partly }
  } finally {
    show.end()
    await pool?.close()
    await guard.close()
  }
}

/** What the fake tells of its own books. */
interface FakeBooks {
  readonly accounts: readonly {
    readonly account: string
    readonly received: number
    readonly received_ore: number
    readonly debited_ore: number
    readonly returned_ore: number
  }[]
  readonly doubles?: number
}

/** Ours beside the books that the rail and the bank keep for themselves, for the accounts of these municipalities. */
function besideTheirs(closing: Closing, theirs: FakeBooks | undefined, accounts: ReadonlySet<string>) {
  if (theirs === undefined) return []
  const own = theirs.accounts.filter((row) => accounts.has(row.account))
  const sum = (of: (row: FakeBooks['accounts'][number]) => number) => own.reduce((total, row) => total + of(row), 0)
  const sent = closing.compared.find((one) => one.with === 'nemkonto')?.ours ?? 0
  return [
    { what: 'Betalinger modtaget', with: 'NemKontos egne bøger', ours: sent, theirs: sum((row) => row.received_ore) },
    {
      what: 'Bank',
      with: 'bankens egne bøger',
      ours: closing.bank_ore,
      theirs: sum((row) => row.debited_ore - row.returned_ore),
    },
  ].map((one) => ({ ...one, agrees: one.ours === one.theirs }))
}

/** @throws Refusal when there is no such folder; what of it is not taken in is said. */
function lookInto(folder: string, say: (line: string) => void): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Refusal('no_folder', `--in is a folder with order and fact files; there is none called ${folder}.`)
  const others = readdirSync(folder).filter((name) => !FILE_NAMES.test(name))
  const few = others.slice(0, 3).join(', ')
  if (others.length > 0) say(`${others.length} in ${folder} are not called .ndjson or .json(.gz) and are left: ${few}`)
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

/** Files that were refused whole or are nobody's, and what the rail's own books say was sent twice. */
function moreFindings(result: MonthResult, theirs: FakeBooks | undefined): Finding[] {
  const findings: Finding[] = []
  for (const imported of result.imports) {
    if (imported.state !== 'refused') continue
    const detail = imported.findings.map((fault) => fault.detail).join(' ')
    findings.push({ municipality: imported.municipality ?? 0, what: 'file_refused', ref: imported.fileId, detail })
  }
  for (const { name, account } of result.strayStatements) {
    const detail = `Konto ${account} er ingen kommunes: intet af filen er bogført. Læg den, hvor den hører til`
    findings.push({ municipality: 0, what: 'unknown_account', ref: name, detail })
  }
  if ((theirs?.doubles ?? 0) > 0) {
    const detail = `${theirs?.doubles} betalinger kom to gange til betalingsvejen`
    findings.push({ municipality: 0, what: 'sent_twice', ref: 'nemkonto', detail })
  }
  return findings
}

const LOADED_TABLES = {
  intake: ['parties', 'tax_cards', 'orders', 'order_lines', 'order_holds', 'claims'],
  calculated: ['calculations', 'entries', 'transfers', 'deductions', 'claim_movements'],
  assembled: ['payments', 'payment_parts'],
  paid: ['payment_returns', 'statement_entries'],
} as const
/** Indexes by ranges of pages: pages that are not summarized are always read. */
const RANGE_INDEXES = {
  intake: [],
  calculated: ['transfers_of_entries', 'calculations_of_work'],
  assembled: ['payment_parts_of_payments'],
  paid: [],
} as const

/** A small sample is enough to tell a large table from an empty one; autovacuum does the rest in its own time. */
async function refreshStatistics(url: string, loaded: keyof typeof LOADED_TABLES): Promise<void> {
  const owner = await connect(url, 'owner', 'toek statistics')
  try {
    await owner.db.run('set default_statistics_target = 10')
    await owner.db.run(`analyze ${LOADED_TABLES[loaded].join(', ')}`)
    for (const index of RANGE_INDEXES[loaded]) await owner.db.run(`select brin_summarize_new_values('${index}')`)
  } finally {
    await owner.close()
  }
}

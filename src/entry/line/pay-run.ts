/** Payment runs of a month: assembled by one, approved by another, released, and carried to the rail as files. */
import { writePaymentFile } from '../../adapters/nemkonto/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import { batchOf, type Municipality, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { markFilesDelivered, recordDeliveries } from '../../modules/deliveries/index.ts'
import { sealLedger } from '../../modules/ledger/index.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { PARTY_TYPES, type PartyRef, type PartyType } from '../../modules/parties/index.ts'
import {
  approveRuns,
  assembleRuns,
  type Bundle,
  type BundleHeader,
  bundleIdOf,
  endToEndIdOf,
  fileIdOf,
  type NewRun,
  type PaymentInstruction,
  type PaymentRun,
  type RailAccounts,
  readBundles,
  readDue,
  readRunPayments,
  readRuns,
  recordSteps,
  releaseRuns,
} from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { MonthClock } from './clock.ts'
import type { Line } from './line.ts'
import { publishAll, type StagedFile, staging } from './out-file.ts'
import { nextWorkNo, planWork } from './plan-month.ts'
import { stopUnsent } from './stop-unsent.ts'
import { RUN_WORK_NUMBERS } from './work-numbers.ts'

/** Payments of several runs that are held in memory at once, as rows. */
const PAYMENTS_READ_TOGETHER = 50_000

export interface Actors {
  readonly planner: string
  /** Undefined outside demo: then only runs that a person has approved go on. */
  readonly approver: string | undefined
}

export function railAccounts(rates: RateReader): RailAccounts {
  return {
    rail: rates.account('rail').id,
    bank: rates.account('bank').id,
    returned: rates.account('returned').id,
    unmatched: rates.account('unmatched').id,
  }
}

/** Seals what is calculated and assembles a run for each date that has something due. */
export async function assembleMonth(
  line: Line,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
  actors: Actors,
): Promise<PaymentRun[]> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const known = await readRuns(tx, municipality)
    const due = await readDue(tx, municipality, month.to)
    // Nothing new: a resumed run must not seal where an undisturbed one does not.
    if (due.length === 0) return known
    const lastRun = known.at(-1)?.runNo ?? 0
    const firstWork = await nextWorkNo(tx, municipality)
    await sealLedger(tx, municipality)
    const runs = due.map<NewRun>((gathered, i) => ({
      runNo: lastRun + 1 + i,
      workNo: firstWork + i * RUN_WORK_NUMBERS,
      gathered,
      knownAt: clock.assembled(gathered.date),
    }))
    // The numbers behind the last run are its answers' and statements': the next plan must start beyond them.
    const reserved = firstWork + runs.length * RUN_WORK_NUMBERS
    await planWork(tx, municipality, 'run', [
      ...runs.map(({ workNo, runNo, knownAt }) => ({ workNo, cause: `run ${runNo}`, knownAt })),
      { workNo: reserved, cause: `reserved ${reserved}`, knownAt: clock.calculated },
    ])
    await assembleRuns(tx, municipality, runs, actors.planner)
    // What was told between planning and now; and third parties who closed: a citizen's order is not held for them.
    await stopUnsent(tx, line.rates, { municipality, knownAt: clock.calculated })
    line.at('run:assembled')
    return await readRuns(tx, municipality)
  })
}

/**
 * Approves, releases and sends runs of one municipality; what is done of them already is not done again. Approval and
 * release are acts of their own, told one after the other in one transaction, with the files staged before their
 * hashes are recorded.
 */
export async function payRuns(
  line: Line,
  municipality: Municipality,
  given: readonly PaymentRun[],
  clock: MonthClock,
  actors: Actors,
): Promise<void> {
  const { approver, planner } = actors
  const numbers = new Set(given.flatMap((run) => (run.steps.includes('sent') ? [] : [run.runNo])))
  if (numbers.size === 0) return
  const acts: Release[] = []
  const files = await line.connection.inTurn(municipality, async (tx) => {
    for (const run of await readRuns(tx, municipality)) {
      // As they are now: a fact may have stopped something since, or everything.
      if (!numbers.has(run.runNo) || run.payments === 0) continue
      acts.push({ run, at: clock.released(run.dispositionDate), by: approver ?? planner })
    }
    const staged = await paymentFiles(tx, line, municipality, acts)
    const unreleased = acts.filter(({ run }) => !run.steps.includes('released'))
    if (approver !== undefined) {
      const unapproved = unreleased.filter(({ run }) => !run.steps.includes('approved'))
      await approveRuns(
        tx,
        municipality,
        unapproved.map(({ run, by }) => ({ run, at: clock.approved(run.dispositionDate), by, total: run.amount })),
      )
    }
    await release(tx, line, municipality, unreleased, staged)
    line.at('run:before-release')
    return staged
  })
  line.at('run:after-release')
  await publishAll(line, [...files.values()])
  await line.connection.transaction([municipality], async (tx) => {
    const sent = acts.map(({ run, at }) => ({ fileName: (files.get(run.runNo) as StagedFile).fileName, at }))
    await markFilesDelivered(tx, municipality, sent)
    await recordSteps(
      tx,
      acts.map((act) => ({ ...act, step: 'sent' })),
    )
  })
}

interface Release {
  readonly run: PaymentRun
  readonly at: string
  readonly by: string
}

async function release(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  acts: readonly Release[],
  files: ReadonlyMap<number, StagedFile>,
): Promise<void> {
  if (acts.length === 0) return
  const netPayable = new Map(
    SOURCE_SYSTEMS.map((system) => [SOURCE_SYSTEM_ID[system], line.rates.account(`net_payable:${system}`).id]),
  )
  await releaseRuns(tx, municipality, acts, { rail: line.rates.account('rail').id, netPayable })
  const ledgerHead = await sealedHead(tx, municipality)
  await recordDeliveries(
    tx,
    municipality,
    acts.map(({ run, at }) => {
      const file = files.get(run.runNo) as StagedFile
      return {
        kind: 'nemkonto' as const,
        cause: fileIdOf(municipality, run.runNo),
        fileName: file.fileName,
        sha256: file.sha256,
        bytes: file.bytes,
        totals: { payments: run.payments, amount_ore: run.amount },
        ledgerHead,
        knownAt: at,
      }
    }),
  )
}

/** The head as of the last seal: later batches are sealed when the month is told. */
async function sealedHead(tx: Tx, municipality: Municipality): Promise<Buffer> {
  const row = await tx.first<{ head: Buffer }>(
    'select head from seals where municipality_code = $1 order by seal_no desc limit 1',
    [municipality],
  )
  return row?.head ?? Buffer.alloc(32)
}

/** The files of runs under their temporary names, by run; the same bytes whenever they are made. */
async function paymentFiles(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  acts: readonly Release[],
): Promise<Map<number, StagedFile>> {
  const numbers = acts.map(({ run }) => run.runNo)
  const bundles = await readBundles(tx, municipality, numbers)
  return await staging(line, async (stage) => {
    const written: { runNo: number; finish: () => Promise<StagedFile> }[] = []
    let next: ReturnType<typeof peekable> | undefined
    let until = 0
    for (const [i, { run, at }] of acts.entries()) {
      const own = bundles.filter((bundle) => bundle.runNo === run.runNo)
      if (next === undefined || run.runNo > until) {
        until = readTogether(acts, i)
        next = peekable(await readRunPayments(tx, municipality, run.runNo, until), municipality)
      }
      const stager = await stage('nemkonto', `${fileIdOf(municipality, run.runNo)}.xml`)
      for (const chunk of paymentFile(line.rates, run, own, next, at)) await stager.write(chunk)
      written.push({ runNo: run.runNo, finish: stager.finish })
    }
    // The disk flushes several files in hardly more time than one.
    return new Map(await Promise.all(written.map(async ({ runNo, finish }) => [runNo, await finish()] as const)))
  })
}

/** The last run that is read together with the i-th: runs that follow each other, as far as memory allows. */
function readTogether(acts: readonly Release[], i: number): number {
  let last = (acts[i] as Release).run
  let payments = last.payments
  for (const { run } of acts.slice(i + 1)) {
    payments += run.payments
    if (run.runNo !== last.runNo + 1 || payments > PAYMENTS_READ_TOGETHER) break
    last = run
  }
  return last.runNo
}

function paymentFile(
  rates: RateReader,
  run: PaymentRun,
  bundles: readonly Bundle[],
  next: ReturnType<typeof peekable>,
  at: string,
): Generator<string> {
  const { municipality, runNo } = run
  const units = new Map(rates.units(municipality, run.dispositionDate).map((unit) => [unit.unit, unit]))
  const header = {
    fileId: fileIdOf(municipality, runNo),
    createdAt: at.slice(0, 19),
    count: run.payments,
    sum: run.amount,
  }
  const all = bundles.map((bundle) => ({
    header: {
      bundleId: bundleIdOf(municipality, runNo, bundle.unit),
      unit: units.get(bundle.unit) as BundleHeader['unit'],
      dispositionDate: run.dispositionDate,
      count: bundle.payments,
      sum: bundle.amount,
    },
    payments: next(runNo, bundle.unit, units.get(bundle.unit)?.name ?? ''),
  }))
  return writePaymentFile(header, all)
}

/** Payments come sorted by run and unit: each bundle takes its own from the one stream. */
function peekable(
  rows: Awaited<ReturnType<typeof readRunPayments>>,
  municipality: Municipality,
): (runNo: number, unit: number, text: string) => Generator<PaymentInstruction> {
  let ahead:
    | { payment: PaymentId; unit: number; amount: Ore; kind: string; payee: PartyRef; account: string | undefined }
    | undefined
  function read(): typeof ahead {
    if (!rows.next()) return undefined
    return {
      payment: rows.i64(),
      unit: rows.i32(),
      amount: rows.i64() as Ore,
      kind: rows.text(),
      payee: { type: PARTY_TYPES[rows.i16()] as PartyType, id: rows.text() },
      account: rows.nothing() ? undefined : rows.text(),
    }
  }
  return function* of(runNo, unit, text) {
    ahead ??= read()
    while (ahead !== undefined && ahead.unit === unit && batchOf(ahead.payment) === runNo) {
      const { payment, amount, payee, account, kind: nemKontoKind } = ahead
      ahead = undefined
      yield { endToEndId: endToEndIdOf(municipality, payment), payee, account, amount, nemKontoKind, text }
      ahead = read()
    }
  }
}

/** Payment runs of a month: assembled by one, approved by another, released, and carried to the rail as a file. */
import { writePaymentFile } from '../../adapters/nemkonto/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { markFileDelivered, recordDelivery } from '../../modules/deliveries/index.ts'
import { ledgerBatchNo, sealLedger } from '../../modules/ledger/index.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { PARTY_TYPES, type PartyType } from '../../modules/parties/index.ts'
import {
  approveRun,
  assembleRun,
  type BundleHeader,
  bundleIdOf,
  dueDates,
  endToEndIdOf,
  fileIdOf,
  markRunSent,
  type PaymentInstruction,
  type PaymentRun,
  type RailAccounts,
  readBundles,
  readRunPayments,
  readRuns,
  releaseRun,
} from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { MonthClock } from './clock.ts'
import type { Line } from './line.ts'
import { type StagedFile, stageFile } from './out-file.ts'
import { nextWorkNo, RUN_WORK_NUMBERS } from './plan-month.ts'

export interface Actors {
  readonly planner: string
  /** Undefined outside demo: then the run stops before approval. */
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
export async function assembleRuns(
  line: Line,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
  actors: Actors,
): Promise<PaymentRun[]> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const known = await readRuns(tx, municipality)
    const dates = await dueDates(tx, municipality, month.to)
    // Nothing new: a resumed run must not seal where an undisturbed one does not.
    if (dates.length === 0) return known
    let runNo = known.reduce((most, run) => Math.max(most, run.runNo), 0)
    let workNo = await nextWorkNo(tx, municipality)
    await sealLedger(tx, municipality, ledgerBatchNo(workNo, 0))
    for (const due of dates) {
      runNo++
      const run = { municipality, runNo, workNo, due, knownAt: clock.assembled(due.date), by: actors.planner }
      await tx.run(
        `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'run', $3, $4)`,
        [municipality, workNo, `run ${runNo}`, run.knownAt],
      )
      await assembleRun(tx, run)
      workNo += RUN_WORK_NUMBERS
    }
    // The numbers behind the last run are its answers' and statements': the next plan must start beyond them.
    if (runNo > (known.at(-1)?.runNo ?? 0)) {
      await tx.run(
        `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'run', $3, $4)`,
        [municipality, workNo, `reserved ${workNo}`, clock.calculated],
      )
    }
    line.at('run:assembled')
    return await readRuns(tx, municipality)
  })
}

/**
 * Approves, releases and sends one run; what is done of it already is not done again. Approval and release are acts of
 * their own, told one after the other in one transaction, with the file staged before its hash is recorded.
 */
export async function payRun(line: Line, run: PaymentRun, clock: MonthClock, actors: Actors): Promise<void> {
  const { municipality } = run
  const at = clock.released(run.dispositionDate)
  if (actors.approver === undefined || run.steps.includes('sent')) return
  const approver = actors.approver
  const file = await line.connection.inTurn(municipality, async (tx) => {
    const staged = await paymentFile(tx, line, run, at)
    if (run.steps.includes('released')) return staged
    if (!run.steps.includes('approved')) {
      const act = { municipality, runNo: run.runNo, total: run.amount, by: approver }
      await approveRun(tx, { ...act, at: clock.approved(run.dispositionDate) })
    }
    await release(tx, line, { ...run, steps: [...run.steps, 'approved'] }, staged, { at, by: approver })
    line.at('run:before-release')
    return staged
  })
  line.at('run:after-release')
  await file.publish()
  await line.connection.transaction([municipality], async (tx) => {
    await markFileDelivered(tx, municipality, file.fileName, at)
    await markRunSent(tx, run, at, approver)
  })
}

async function release(
  tx: Tx,
  line: Line,
  run: PaymentRun,
  file: StagedFile,
  act: { readonly at: string; readonly by: string },
): Promise<void> {
  const netPayable = new Map(
    SOURCE_SYSTEMS.map((system) => [SOURCE_SYSTEM_ID[system], line.rates.account(`net_payable:${system}`).id]),
  )
  await releaseRun(tx, run, { rail: line.rates.account('rail').id, netPayable }, act)
  await recordDelivery(tx, {
    municipality: run.municipality,
    kind: 'nemkonto',
    cause: fileIdOf(run.municipality, run.runNo),
    fileName: file.fileName,
    sha256: file.sha256,
    bytes: file.bytes,
    totals: { payments: run.payments, amount_ore: run.amount },
    ledgerHead: await sealedHead(tx, run.municipality),
    knownAt: act.at,
  })
}

/** The head as of the last seal: later batches are sealed when the month is told. */
async function sealedHead(tx: Tx, municipality: Municipality): Promise<Buffer> {
  const row = await tx.first<{ head: Buffer }>(
    'select head from seals where municipality_code = $1 order by seal_no desc limit 1',
    [municipality],
  )
  return row?.head ?? Buffer.alloc(32)
}

/** The file of a run under its temporary name, the same bytes whenever it is made. */
async function paymentFile(tx: Tx, line: Line, run: PaymentRun, at: string): Promise<StagedFile> {
  const { municipality, runNo } = run
  const bundles = await readBundles(tx, municipality, runNo)
  const rows = await readRunPayments(tx, municipality, runNo)
  const units = new Map(line.rates.units(municipality, run.dispositionDate).map((unit) => [unit.unit, unit]))
  const next = peekable(rows, run, units)
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
    payments: next(bundle.unit),
  }))
  const stager = await stageFile(line, 'nemkonto', `${header.fileId}.xml`)
  for (const chunk of writePaymentFile(header, all)) await stager.write(chunk)
  return await stager.finish()
}

/** Payments come sorted by unit: each bundle takes its own from the one stream. */
function peekable(
  rows: Awaited<ReturnType<typeof readRunPayments>>,
  run: PaymentRun,
  units: ReadonlyMap<number, { readonly name: string }>,
): (unit: number) => Generator<PaymentInstruction> {
  let ahead: { unit: number; payment: PaymentInstruction } | undefined
  function read(): typeof ahead {
    if (!rows.next()) return undefined
    const endToEndId = endToEndIdOf(run.municipality, rows.i64())
    const unit = rows.i32()
    const amount = rows.i64() as Ore
    const nemKontoKind = rows.text()
    const payee = { type: PARTY_TYPES[rows.i16()] as PartyType, id: rows.text() }
    return { unit, payment: { endToEndId, payee, amount, nemKontoKind, text: units.get(unit)?.name ?? '' } }
  }
  return function* of(unit) {
    ahead ??= read()
    while (ahead !== undefined && ahead.unit === unit) {
      const { payment } = ahead
      ahead = undefined
      yield payment
      ahead = read()
    }
  }
}

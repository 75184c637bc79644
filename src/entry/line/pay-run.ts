/** Payment runs of a month: assembled by one, approved by another, released, and carried to the rail as a file. */
import { writePaymentFile } from '../../adapters/nemkonto/index.ts'
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { markDelivered, readDeliveries, recordDelivery } from '../../modules/deliveries/index.ts'
import { sealLedger } from '../../modules/ledger/index.ts'
import { lockMunicipality, SOURCE_SYSTEM_ID, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
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
  return await line.connection.transaction([municipality], async (tx) => {
    await lockMunicipality(tx, municipality)
    await sealLedger(tx, municipality)
    const known = await readRuns(tx, municipality)
    let runNo = known.reduce((most, run) => Math.max(most, run.runNo), 0)
    let workNo = await nextWorkNo(tx, municipality)
    for (const due of await dueDates(tx, municipality, month.to)) {
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

/** Approves, releases and sends one run; what is done of it already is not done again. */
export async function payRun(line: Line, run: PaymentRun, clock: MonthClock, actors: Actors): Promise<void> {
  const { municipality } = run
  const date = run.dispositionDate
  if (actors.approver === undefined || run.steps.includes('sent')) return
  const approver = actors.approver
  if (!run.steps.includes('approved')) {
    await line.connection.transaction([municipality], (tx) =>
      approveRun(tx, { municipality, runNo: run.runNo, total: run.amount, at: clock.approved(date), by: approver }),
    )
  }
  const approved: PaymentRun = { ...run, steps: [...run.steps, 'approved'] }
  const fileId = fileIdOf(municipality, run.runNo)
  const file = await paymentFile(line, run, clock, `${fileId}.xml`)
  if (!run.steps.includes('released')) {
    await line.connection.transaction([municipality], async (tx) => {
      await lockMunicipality(tx, municipality)
      const netPayable = new Map(
        SOURCE_SYSTEMS.map((system) => [SOURCE_SYSTEM_ID[system], line.rates.account(`net_payable:${system}`).id]),
      )
      const accounts = { rail: line.rates.account('rail').id, netPayable }
      await releaseRun(tx, approved, accounts, { at: clock.released(date), by: approver })
      await recordDelivery(tx, {
        municipality,
        kind: 'nemkonto',
        cause: fileId,
        fileName: file.fileName,
        sha256: file.sha256,
        bytes: file.bytes,
        totals: { payments: run.payments, amount_ore: run.amount },
        ledgerHead: await sealedHead(tx, municipality),
        knownAt: clock.released(date),
      })
      line.at('run:before-release')
    })
    line.at('run:after-release')
  }
  await file.publish()
  await line.connection.transaction([municipality], async (tx) => {
    const delivery = (await readDeliveries(tx, municipality)).find((one) => one.fileName === file.fileName)
    await markDelivered(tx, municipality, delivery?.deliveryNo ?? 0, clock.released(date))
    await markRunSent(tx, run, clock.released(date), approver)
  })
}

/** The head as of the last seal: later batches are sealed when the month is told. */
async function sealedHead(tx: Parameters<typeof sealLedger>[0], municipality: Municipality): Promise<Buffer> {
  const row = await tx.first<{ head: Buffer }>(
    'select head from seals where municipality_code = $1 order by seal_no desc limit 1',
    [municipality],
  )
  return row?.head ?? Buffer.alloc(32)
}

/** The file of a run under its temporary name, the same bytes whenever it is made. */
async function paymentFile(line: Line, run: PaymentRun, clock: MonthClock, fileName: string): Promise<StagedFile> {
  const { municipality, runNo } = run
  return await line.connection.transaction([municipality], async (tx) => {
    const bundles = await readBundles(tx, municipality, runNo)
    const rows = await readRunPayments(tx, municipality, runNo)
    const units = new Map(line.rates.units(municipality, run.dispositionDate).map((unit) => [unit.unit, unit]))
    const next = peekable(rows, run, units)
    const header = {
      fileId: fileIdOf(municipality, runNo),
      createdAt: clock.released(run.dispositionDate).slice(0, 19),
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
    const stager = await stageFile(line, 'nemkonto', fileName)
    for (const chunk of writePaymentFile(header, all)) await stager.write(chunk)
    return await stager.finish()
  })
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

/** The files of payment runs, under their temporary names: the same bytes whenever they are made. */
import type { Tx } from '../../base/db.ts'
import { batchOf, type Municipality, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { PARTY_TYPES, type PartyRef, type PartyType } from '../../modules/parties/index.ts'
import {
  type Bundle,
  type BundleHeader,
  bundleIdOf,
  endToEndIdOf,
  fileIdOf,
  type PaymentInstruction,
  type PaymentRun,
  readBundles,
  readRunPayments,
} from '../../modules/payments/index.ts'
import { type RateReader, railRow } from '../../modules/rates/index.ts'
import type { Line } from './line.ts'
import { type StagedFile, staging } from './out-file.ts'
import { RAILS } from './rails.ts'

/** Payments of several runs that are held in memory at once, as rows. */
const PAYMENTS_READ_TOGETHER = 50_000

/** A run whose file is written, at a business time. */
export interface RunToSend {
  readonly run: PaymentRun
  readonly at: string
  /** Which time it is sent; undefined: the first. */
  readonly attempt?: number
}

/** The files of runs under their temporary names, by run; the same bytes whenever they are made. */
export async function paymentFiles(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  acts: readonly RunToSend[],
): Promise<Map<number, StagedFile>> {
  const numbers = acts.map(({ run }) => run.runNo)
  const bundles = await readBundles(tx, municipality, numbers)
  return await staging(line, async (stage) => {
    const written: { runNo: number; finish: () => Promise<StagedFile> }[] = []
    let next: ReturnType<typeof peekable> | undefined
    let until = 0
    for (const [i, { run, at, attempt = 1 }] of acts.entries()) {
      const own = bundles.filter((bundle) => bundle.runNo === run.runNo)
      if (next === undefined || run.runNo > until) {
        until = readTogether(acts, i)
        next = peekable(await readRunPayments(tx, municipality, run.runNo, until), municipality)
      }
      const stager = await stage(RAILS[run.rail].delivery, fileNameOf(run, attempt))
      for (const chunk of paymentFile(line.rates, { run, at, attempt }, own, next)) await stager.write(chunk)
      written.push({ runNo: run.runNo, finish: stager.finish })
    }
    // The disk flushes several files in hardly more time than one.
    return new Map(await Promise.all(written.map(async ({ runNo, finish }) => [runNo, await finish()] as const)))
  })
}

/** The last run that is read together with the i-th: runs that follow each other, as far as memory allows. */
function readTogether(acts: readonly RunToSend[], i: number): number {
  let last = (acts[i] as RunToSend).run
  let payments = last.payments
  for (const { run } of acts.slice(i + 1)) {
    payments += run.payments
    if (run.runNo !== last.runNo + 1 || payments > PAYMENTS_READ_TOGETHER) break
    last = run
  }
  return last.runNo
}

/** A name of its own each time: nobody takes a file for one that lay there before. */
function fileNameOf({ municipality, runNo }: PaymentRun, attempt: number): string {
  return `${fileIdOf(municipality, runNo)}${attempt > 1 ? `~${attempt}` : ''}.xml`
}

function paymentFile(
  rates: RateReader,
  { run, at, attempt }: Required<RunToSend>,
  bundles: readonly Bundle[],
  next: ReturnType<typeof peekable>,
): Generator<string> {
  const { municipality, runNo } = run
  const units = new Map(rates.units(municipality, run.dispositionDate).map((unit) => [unit.unit, unit]))
  const header = {
    fileId: fileIdOf(municipality, runNo, railRow(run.rail).resend === 'same_id' ? 1 : attempt),
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
  return RAILS[run.rail].write(header, all)
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

/** Tells tax, ERP, Ydelsesrefusion and Ydelsesindeks of a municipality's month: one reading, four writers. */
import { eindkomstWriter } from '../../adapters/eindkomst/index.ts'
import { g69Writer } from '../../adapters/erp/index.ts'
import { ydelsesindeksWriter } from '../../adapters/ydelsesindeks/index.ts'
import { ydelsesrefusionWriter } from '../../adapters/ydelsesrefusion/index.ts'
import { assert } from '../../base/assert.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, formatMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  batchesToTell,
  type DeliveryHeader,
  type DeliveryKind,
  type DeliveryWriter,
  tellsOfMonth,
  markBatchesTold,
  markFilesDelivered,
  readDeliveries,
  readToldItems,
  recordDeliveries,
  type ToldItem,
  type ToldLine,
  type ToldPosting,
} from '../../modules/deliveries/index.ts'
import { type LedgerBatchWriter, sealLedger } from '../../modules/ledger/index.ts'
import { type PostingKind, postingAccounts, type RateReader, ratesIn } from '../../modules/rates/index.ts'
import { type MonthClock, monthClock } from './clock.ts'
import { post } from './correction-book.ts'
import { accountsOf } from './item-accounts.ts'
import type { Line } from './line.ts'
import { type FileStager, publishAll, type StagedFile, staging } from './out-file.ts'

type ToldKind = Exclude<DeliveryKind, 'nemkonto' | 'iso20022' | 'letter'>

interface Receiver {
  readonly kind: ToldKind
  readonly ending: string
  readonly encoding: 'latin1' | 'utf8'
  readonly writer: (header: DeliveryHeader, rates: RateReader) => DeliveryWriter
}

const RECEIVERS: readonly Receiver[] = [
  {
    kind: 'eindkomst',
    ending: 'txt',
    encoding: 'latin1',
    writer: (header, rates) => eindkomstWriter(header, { rule: ruleOf(rates) }),
  },
  {
    kind: 'g69',
    ending: 'txt',
    encoding: 'latin1',
    writer: (header, rates) => g69Writer(header, accountNumbers(rates)),
  },
  {
    kind: 'ydelsesrefusion',
    ending: 'csv',
    encoding: 'utf8',
    writer: (header, rates) => ydelsesrefusionWriter(header, { rule: ruleOf(rates) }),
  },
  { kind: 'ydelsesindeks', ending: 'ndjson', encoding: 'utf8', writer: (header) => ydelsesindeksWriter(header) },
]

/** What a benefit was when the batch of work calculated it. */
function ruleOf(rates: RateReader) {
  return (benefit: number, day: Day, workNo?: number) => rates.ofWork(workNo).benefitRule(benefit, day)
}

function accountNumbers(newest: RateReader) {
  const known = new Map<string, { debit: string; credit: string }>()
  return (kind: PostingKind, benefit: number, day: Day, workNo?: number): { debit: string; credit: string } => {
    const rates = newest.ofWork(workNo)
    const key = `${kind}:${benefit}:${day}:${rates.laws}`
    let found = known.get(key)
    if (found === undefined) {
      const { debit, credit } = postingAccounts(kind, rates.benefitRule(benefit, day), rates, { day })
      found = { debit: debit.number, credit: credit.number }
      known.set(key, found)
    }
    return found
  }
}

/**
 * The same item, its movement with the numbers of the accounts that it is booked between; and told to the tax authority
 * when a law change has moved it to another kind of income or account of refund.
 */
function withPostings(rates: RateReader) {
  const numbers = new Map(rates.book.accounts.map((account) => [account.id, account.number]))
  const accounts = accountsOf(rates)
  const incomeOf = ({ benefit, period, workNo }: ToldLine) => {
    const rule = rates.ofWork(workNo).benefitRule(benefit, period.from)
    return [rule.incomeType, rule.incomeKind, rule.reimbursed ? rule.costAccount : ''].join(' ')
  }
  return (told: ToldItem): ToldItem => {
    const [from, to] = rates.laws === 0 ? [] : (told.correction?.between ?? [])
    const recoded = from !== undefined && to !== undefined && incomeOf(from) !== incomeOf(to)
    const item =
      recoded && told.correction !== undefined ? { ...told, correction: { ...told.correction, income: true } } : told
    const { correction } = item
    if (correction?.unclaimed !== undefined) {
      const { account, amount } = correction.unclaimed
      const clearing = rates.account(`net_payable:${item.sourceSystem}`).number
      const posting = postingOf(clearing, numbers.get(account) ?? '', amount)
      return { ...item, correction: { ...correction, postings: [posting] } }
    }
    if (correction?.claimPaid !== undefined) {
      const { taken, surplus } = correction.claimPaid
      const from = rates.account('debtor_system').number
      const postings = [
        postingOf(from, rates.account(`claims:${item.sourceSystem}`).number, taken),
        postingOf(from, rates.account(`claim_surplus:${item.sourceSystem}`).number, surplus),
      ].filter((one) => one.amount > 0)
      return { ...item, correction: { ...correction, postings } }
    }
    if (correction?.moved === undefined) return item
    const { movement, of, lines } = correction.moved
    const postings: ToldPosting[] = []
    const transfer: LedgerBatchWriter['transfer'] = (_source, _benefit, debit, credit, amount) => {
      if (amount > 0) postings.push({ debit: numbers.get(debit) ?? '', credit: numbers.get(credit) ?? '', amount })
    }
    post({ rates, accounts, lines }, { transfer }, movement, of)
    return { ...item, correction: { ...correction, postings } }
  }
}

/** The other way round when the amount is negative. */
function postingOf(debit: string, credit: string, amount: number): ToldPosting {
  const [from, to] = amount < 0 ? [credit, debit] : [debit, credit]
  return { debit: from, credit: to, amount: Math.abs(amount) as Ore }
}

interface Made {
  readonly receiver: Receiver
  readonly cause: string
  readonly file: StagedFile
  readonly totals: Readonly<Record<string, number>>
}

/** Seals the ledger, records the four deliveries, writes their files. Done before is not done again. */
export function tellMonth(line: Line, municipality: Municipality, month: Period, clock: MonthClock): Promise<void> {
  return line.connection.layingOut(municipality, () => layReports(line, municipality, month, clock))
}

async function layReports(line: Line, municipality: Municipality, month: Period, clock: MonthClock): Promise<void> {
  const made = await line.connection.inTurn(municipality, async (tx) => {
    const head = await sealLedger(tx, municipality)
    line.at('seal:before-commit')
    const workNos = await batchesToTell(tx, municipality, 'eindkomst')
    if (workNos.length === 0) return await remake(line, tx, municipality, month, clock)
    const told = await readDeliveries(tx, municipality)
    const number = told.filter((one) => one.kind === 'eindkomst').length + 1
    const files = await writeAll(line, tx, municipality, month, clock, workNos, number)
    line.at('tell:before-record')
    const deliveries = files.map(({ receiver, cause, file, totals }) => ({
      kind: receiver.kind,
      cause,
      fileName: file.fileName,
      sha256: file.sha256,
      bytes: file.bytes,
      totals,
      ledgerHead: head,
      knownAt: clock.told,
    }))
    const first = await recordDeliveries(tx, municipality, deliveries)
    await markBatchesTold(
      tx,
      municipality,
      files.map(({ receiver }, i) => ({ kind: receiver.kind, deliveryNo: first + i })),
      workNos,
    )
    return files
  })
  line.at('tell:after-record')
  if (made.length === 0) return
  await publishAll(
    line,
    made.map(({ file }) => file),
  )
  await line.connection.transaction([municipality], (tx) =>
    markFilesDelivered(
      tx,
      municipality,
      made.map(({ file }) => ({ fileName: file.fileName, at: clock.told })),
    ),
  )
}

/** Recorded but not known to be sent: made again from the same facts, to the same bytes. */
async function remake(
  line: Line,
  tx: Tx,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
): Promise<Made[]> {
  const unsent = (await readDeliveries(tx, municipality)).filter((one) => !one.sent && tellsOfMonth(one.kind))
  const files: Made[] = []
  for (const cause of new Set(unsent.map((one) => one.cause))) {
    const rows = await tx.rows<{ work_no: number }>(
      `select b.work_no from delivery_batches b join deliveries d on d.municipality_code = b.municipality_code
         and d.delivery_no = b.delivery_no
       where b.municipality_code = $1 and b.kind = 'eindkomst' and d.cause = $2 order by 1`,
      [municipality, cause],
    )
    const number = Number(cause.split('-').at(-1))
    files.push(
      ...(await writeAll(
        line,
        tx,
        municipality,
        month,
        clock,
        rows.map((row) => row.work_no),
        number,
      )),
    )
  }
  return files
}

function headerOf(
  rates: RateReader,
  municipality: Municipality,
  receiver: Receiver,
  month: Period,
  clock: MonthClock,
  number: string,
): DeliveryHeader {
  return {
    deliveryId: `${municipalityText(municipality)}-${receiver.kind.toUpperCase()}-${formatMonth(month.from)}-${number}`,
    municipality: rates.municipality(municipality),
    month: month.from,
    createdAt: clock.told.slice(0, 19),
  }
}

function unitsOf(rates: RateReader, municipality: Municipality) {
  return (benefit: number, periodFrom: Day, payDay: Day) =>
    rates.unit(municipality, rates.benefitRule(benefit, periodFrom).unitKind, payDay)
}

/** What the outside is told of batches, item by item, as the receivers are handed it. */
export async function* itemsToTell(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  workNos: readonly number[],
): AsyncGenerator<ToldItem, void, undefined> {
  const posted = withPostings(rates)
  for await (const item of readToldItems(tx, municipality, workNos, unitsOf(rates, municipality))) yield posted(item)
}

/** The control totals of what each receiver would be told of chosen items of a batch; nothing is written. */
export async function totalsToTell(
  tx: Tx,
  newest: RateReader,
  municipality: Municipality,
  month: Period,
  workNo: number,
  isChosen: (item: ToldItem) => boolean,
): Promise<Record<string, Readonly<Record<string, number>>>> {
  const rates = await ratesIn(tx, newest, municipality)
  const clock = monthClock(month)
  const writers = RECEIVERS.map((receiver) => ({
    kind: receiver.kind,
    writer: receiver.writer(headerOf(rates, municipality, receiver, month, clock, 'simulation'), rates),
  }))
  for await (const item of itemsToTell(tx, rates, municipality, [workNo])) {
    if (isChosen(item)) for (const { writer } of writers) writer.item(item)
  }
  return Object.fromEntries(writers.map(({ kind, writer }) => [kind, writer.end().totals]))
}

async function writeAll(
  line: Line,
  tx: Tx,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
  workNos: readonly number[],
  number: number,
): Promise<Made[]> {
  const rates = await ratesIn(tx, line.rates, municipality)
  const cause = `${municipalityText(municipality)}-${formatMonth(month.from)}-${number}`
  return await staging(line, async (stage) => {
    const open: { receiver: Receiver; writer: DeliveryWriter; head: string; stager: FileStager }[] = []
    for (const receiver of RECEIVERS) {
      const header = headerOf(rates, municipality, receiver, month, clock, String(number))
      const stager = await stage(receiver.kind, `${cause}.${receiver.kind}.${receiver.ending}`, receiver.encoding)
      // The head does not depend on the items: a writer that was told nothing knows it.
      const { head } = receiver.writer(header, rates).end()
      await stager.write(head)
      open.push({ receiver, writer: receiver.writer(header, rates), head, stager })
    }
    const posted = withPostings(rates)
    for await (const read of readToldItems(tx, municipality, workNos, unitsOf(rates, municipality))) {
      const item = posted(read)
      for (const { writer, stager } of open) {
        const text = writer.item(item)
        const flushed = text === '' ? undefined : stager.write(text)
        if (flushed !== undefined) await flushed
      }
    }
    const made: (Omit<Made, 'file'> & { finish: FileStager['finish'] })[] = []
    for (const { receiver, writer, head, stager } of open) {
      const end = writer.end()
      assert(end.head === head, `${receiver.kind}: the head depends on the items`)
      await stager.write(end.tail)
      made.push({ receiver, cause, totals: end.totals, finish: stager.finish })
    }
    return await Promise.all(made.map(async ({ finish, ...rest }) => ({ ...rest, file: await finish() })))
  })
}

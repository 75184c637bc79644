/**
 * A believable month: for each municipality a fact file and three order files, NDJSON, written as they are made.
 * Everything is planned twice: once for the envelopes' counts and sums, once for the text; so memory stays small.
 */
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { parseMonth } from '../../../base/date.ts'
import type { Fault } from '../../../base/refusal.ts'
import { Refusal } from '../../../base/refusal.ts'
import type { Municipality } from '../../../base/id.ts'
import { companyFacts, factsOf } from './facts.ts'
import { monthDates } from './month-dates.ts'
import { MUNICIPALITIES, placeOf } from './municipalities.ts'
import { townOf } from './people.ts'
import type { Town } from './people.ts'
import type { Setting, SystemPlan } from './plan.ts'
import { planKp } from './plan-kp.ts'
import { planKsd } from './plan-ksd.ts'
import { planKy } from './plan-ky.ts'
import { addSums, envelopeText, noSums, orderText } from './print.ts'
import type { Sums } from './print.ts'
import { countsFor, ordersAtScale1 } from './volumes.ts'

export interface GenerateMonth {
  /** `2026-03`. */
  readonly month: string
  /** Codes such as 751, or `'all'`. */
  readonly municipalities: readonly Municipality[] | 'all'
  /** 1 is the whole country's real volume; 0.1 a tenth of it. */
  readonly scale: number
  /** A whole number; the same seed gives the same bytes. */
  readonly seed: number
  /** About so many orders in total over the chosen municipalities; wins over scale. */
  readonly orders?: number | undefined
}

export interface WriteMonth extends GenerateMonth {
  /** The folder to write to; made when it is missing. */
  readonly out: string
  /** Files end in `.ndjson.gz`. */
  readonly gzip?: boolean | undefined
  readonly onProgress?: ((file: GeneratedFile, done: number, of: number) => void) | undefined
}

export type FileSystem = 'FAKTA' | 'KY' | 'KSD' | 'KP'

export interface GeneratedFile {
  readonly name: string
  readonly path: string
  readonly municipality: Municipality
  readonly sourceSystem: FileSystem
  readonly fileId: string
  /** Records after the envelope. */
  readonly count: number
  /** Bytes of text, before any compression. */
  readonly bytes: number
}

/** A file not yet written: read `chunks` to the end, once or more. */
export interface MonthFile {
  readonly name: string
  readonly municipality: Municipality
  readonly sourceSystem: FileSystem
  readonly fileId: string
  /** Text in pieces of about 64 KB that end with a line. `counted` is told the envelope's count first. */
  readonly chunks: (counted?: (count: number) => void) => Generator<string, void>
}

/** Large enough that a write costs nothing, small enough that its strings die young. */
const CHUNK_CHARACTERS = 65_536
/** Holds a chunk and the order that ended it, at two bytes a character. */
const BUFFER_BYTES = 262_144
/** A larger country than this is a typing error: 100 × Denmark. */
const LARGEST_SCALE = 100

export const generateHelp = `toek generate: make a believable month of invented orders and facts

  --month YYYY-MM            the month to pay, for example 2026-03
  --municipality 0751[,0101…]|all
  --scale N                  1 is the country's real volume (about 389,000 orders), 0.1 a tenth; default 1
  --orders N                 about N orders in all, instead of --scale
  --seed N                   a whole number; the same seed gives the same bytes; default 42
  --out DIR                  where to write 0751-FAKTA-2026-03.ndjson, 0751-KP-…, 0751-KSD-…, 0751-KY-…
  --gzip                     write .ndjson.gz
`

/** The files of a month, municipality by municipality in the order of their codes, facts first. */
export function* monthFiles(asked: GenerateMonth): Generator<MonthFile, void> {
  const { month, codes, scale } = checked(asked)
  const dates = monthDates(month)
  for (const code of codes) {
    const town = townOf(code, asked.seed) as Town
    const setting: Setting = { town, dates, counts: countsFor(town.share, scale) }
    const plans = [planKp(setting), planKsd(setting), planKy(setting)]
    let known: Totals | undefined
    const file = (
      system: FileSystem,
      orders: number,
      chunks: (envelope: string) => Generator<string, void>,
    ): MonthFile => ({
      name: `${town.text}-${system}-${dates.text}.ndjson`,
      municipality: code,
      sourceSystem: system,
      fileId: `${system}-${town.text}-${dates.text}-01`,
      chunks: (counted) => {
        known ??= totalsOf(setting, plans)
        const count = system === 'FAKTA' ? known.facts : orders
        counted?.(count)
        return chunks(envelopeText(setting, system, count, known.sums.get(system) as Sums))
      },
    })
    yield file('FAKTA', 0, (envelope) => factChunks(setting, plans, envelope))
    for (const plan of plans) yield file(plan.system, plan.orders, (envelope) => orderChunks(setting, plan, envelope))
  }
}

/** Writes the files of a month and tells what was written. Throws a Refusal when the request makes no sense. */
export async function generateMonth(asked: WriteMonth): Promise<GeneratedFile[]> {
  const of = checked(asked).codes.length * 4
  await mkdir(asked.out, { recursive: true })
  const written: GeneratedFile[] = []
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  for (const file of monthFiles(asked)) {
    const done = await write(file, asked, buffer)
    written.push(done)
    asked.onProgress?.(done, written.length, of)
  }
  return written
}

async function write(file: MonthFile, asked: WriteMonth, buffer: Buffer): Promise<GeneratedFile> {
  const name = asked.gzip === true ? `${file.name}.gz` : file.name
  const path = join(asked.out, name)
  // Written beside and renamed: a run that is stopped leaves no file that looks whole.
  const handle = await open(`${path}.part`, 'w')
  let count = 0
  let bytes = 0
  const sink = asked.gzip === true ? gzipSink(handle) : plainSink(handle)
  try {
    const chunks = file.chunks((counted) => {
      count = counted
    })
    for (const text of chunks) {
      const length = buffer.write(text, 'utf8')
      bytes += length
      await sink.write(buffer.subarray(0, length))
    }
    await sink.end()
  } finally {
    await handle.close()
  }
  await rename(`${path}.part`, path)
  const { municipality, sourceSystem, fileId } = file
  return { name, path, municipality, sourceSystem, fileId, count, bytes }
}

/** Where bytes go. A write is done when its buffer may be used again: one buffer serves the whole month. */
interface Sink {
  readonly write: (bytes: Buffer) => Promise<void>
  readonly end: () => Promise<void>
}

function plainSink(handle: FileHandle): Sink {
  return { write: (bytes) => handle.writeFile(bytes), end: async () => {} }
}

function gzipSink(handle: FileHandle): Sink {
  const gzip = createGzip({ level: 1 })
  const written = (async () => {
    for await (const piece of gzip) await handle.writeFile(piece as Buffer)
  })()
  // A failure is told by whoever waits next; without this it would be told as unhandled first.
  written.catch(() => {})
  const consumed = (bytes: Buffer) =>
    new Promise<void>((resolve, reject) => gzip.write(bytes, (error) => (error ? reject(error) : resolve())))
  return {
    write: (bytes) => Promise.race([consumed(bytes), written]),
    end: () => {
      gzip.end()
      return written
    },
  }
}

interface Totals {
  readonly facts: number
  readonly sums: ReadonlyMap<FileSystem, Sums>
}

/** What the envelopes of a municipality declare. */
function totalsOf(setting: Setting, plans: readonly SystemPlan[]): Totals {
  let facts = 0
  const count = () => {
    facts++
  }
  const sums = new Map<FileSystem, Sums>([['FAKTA', noSums()]])
  companyFacts(setting, count)
  for (const plan of plans) {
    const own = noSums()
    sums.set(plan.system, own)
    for (let number = 0; number < plan.orders; number++) {
      const order = plan.plan(number)
      addSums(own, order)
      factsOf(setting, order, count)
    }
  }
  return { facts, sums }
}

function* orderChunks(setting: Setting, plan: SystemPlan, envelope: string): Generator<string, void> {
  let text = envelope
  for (let number = 0; number < plan.orders; number++) {
    text += orderText(setting, plan.plan(number))
    if (text.length < CHUNK_CHARACTERS) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function* factChunks(setting: Setting, plans: readonly SystemPlan[], envelope: string): Generator<string, void> {
  let text = envelope
  const emit = (line: string) => {
    text += line
  }
  companyFacts(setting, emit)
  for (const plan of plans) {
    for (let number = 0; number < plan.orders; number++) {
      factsOf(setting, plan.plan(number), emit)
      if (text.length < CHUNK_CHARACTERS) continue
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

/** The request, understood; a Refusal with every fault when it is not one. */
function checked(asked: GenerateMonth) {
  const faults: Fault[] = []
  const fault = (pointer: string, code: string, detail: string) => faults.push({ pointer, code, detail })
  const month = parseMonth(asked.month)
  if (month === undefined) fault('/month', 'month_unreadable', `"${asked.month}" is not a month such as 2026-03.`)
  const chosen = asked.municipalities === 'all' ? MUNICIPALITIES.map((row) => row.code) : asked.municipalities
  for (const code of chosen) {
    if (placeOf(code) === undefined) {
      fault('/municipality', 'municipality_unknown', `${String(code).padStart(4, '0')} is no municipality; try 0751.`)
    }
  }
  const codes = [...new Set(chosen)].sort((a, b) => a - b)
  if (codes.length === 0) fault('/municipality', 'municipality_missing', 'Name at least one municipality, or all.')
  if (!Number.isSafeInteger(asked.seed)) fault('/seed', 'seed_not_whole', 'The seed must be a whole number.')
  const { orders } = asked
  if (orders !== undefined && !(Number.isSafeInteger(orders) && orders > 0)) {
    fault('/orders', 'orders_not_positive', 'The number of orders must be a whole number above 0.')
  }
  const full = codes.reduce((sum, code) => sum + ordersAtScale1(code), 0)
  const scale = orders === undefined ? asked.scale : orders / Math.max(1, full)
  if (faults.length === 0 && !(scale > 0 && scale <= LARGEST_SCALE)) {
    fault('/scale', 'scale_out_of_range', `The scale must be above 0 and at most ${LARGEST_SCALE}.`)
  }
  if (month === undefined || faults.length > 0) {
    throw new Refusal('generate_refused', faults.map((each) => each.detail).join(' '), faults)
  }
  return { month, codes, scale }
}

/** Reads a bank's file through: what it says it is, report by report, and the movements of each as they wait. */
import { setImmediate } from 'node:timers/promises'
import { statementReader } from '../../adapters/bank/index.ts'
import type { Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { FileProblem, StatementEntry, StatementFile, StatementHeader } from '../../modules/payments/index.ts'
import { bban } from './incoming.ts'
import { readThrough } from './read-in-place.ts'

/** Bytes: between them what the server has answered is taken on. */
const PARSED_AT_ONCE = 1 << 16
/** Movements that are held as objects while a file is read. */
const PACKED_AT_ONCE = 1_000

export type BookedAs = Omit<StatementFile, 'piece' | 'before' | 'entries'>

/** One statement or notification of a file. */
export interface Report {
  readonly isStatement: boolean
  readonly header: Pick<StatementHeader, 'number' | 'account' | 'date'>
  count: number
  /** Movements that wait, as text; the last ones are `entries`. */
  packed: Buffer[]
  entries: StatementEntry[]
  /** Pieces that are booked already, before the file was read through, and the movements in them. */
  pieces: number
  before: number
  /** What it is booked as, once some of it is. */
  bookedAs: BookedAs | undefined
}

export interface Scanned {
  readonly sha256: Buffer
  readonly bytes: number
  readonly whole: boolean
  readonly problems: readonly FileProblem[]
  readonly reports: readonly Report[]
}

export interface Limits {
  /** Movements that are booked at once. */
  readonly atOnce: number
  /** Movements of a statement that are taken. */
  readonly most: number
}

/**
 * Nothing of a file that does not add up may stay booked. Now and then `meanwhile` is told of the report that is being
 * read, and may take of what waits of it.
 */
export async function scan(
  path: string,
  { atOnce, most }: Limits,
  meanwhile: (report: Report, isFirst: boolean) => Promise<void>,
): Promise<Scanned> {
  const packedAtOnce = Math.min(PACKED_AT_ONCE, atOnce)
  const reports: Report[] = []
  let held = 0
  const begin = (isStatement: boolean, told: Report['header']): void => {
    const header = { ...told, account: bban(told.account) }
    const nothing = { count: 0, packed: [], entries: [], pieces: 0, before: 0, bookedAs: undefined }
    reports.push({ isStatement, header, ...nothing })
  }
  const reader = statementReader({
    header: (header) => begin(true, header),
    notification: (header) => begin(false, header),
    entry(entry) {
      const report = reports.at(-1) as Report
      report.count++
      if (!report.isStatement || report.count > most) return
      report.entries.push(entry)
      if (++held % packedAtOnce === 0) for (const one of reports) pack(one)
    },
  })
  const { sha256, bytes } = await readThrough(path, {
    async write(piece) {
      for (let at = 0; at < piece.length; at += PARSED_AT_ONCE) {
        reader.write(piece.subarray(at, at + PARSED_AT_ONCE))
        const now = reports.at(-1)
        if (now?.isStatement === true) await meanwhile(now, reports.length === 1)
        await setImmediate()
      }
    },
  })
  const { whole, problems } = reader.finish()
  const tooLarge = reports.find((report) => report.isStatement && report.count > most)
  if (tooLarge === undefined) return { sha256, bytes, whole, problems, reports }
  const detail = `The statement has ${tooLarge.count} movements; ${most} are taken in one.`
  const problem = { line: 0, field: 'Stmt', code: 'too_many_entries', detail }
  return { sha256, bytes, whole: false, problems: [...problems, problem], reports }
}

/** Objects take five times the memory of their text, and the collector copies them again and again. */
function pack(report: Report): void {
  if (report.entries.length === 0) return
  const rows = report.entries.map((one) => {
    const { bankRef, amount, bookingDate, valueDate, bundleId, endToEndId, reason, count } = one
    return [bankRef, amount, bookingDate, valueDate, bundleId, endToEndId, reason, count]
  })
  report.packed.push(Buffer.from(JSON.stringify(rows)))
  report.entries = []
}

/** Takes `many` movements of those that wait, or some more, in their order; all that is left when they are fewer. */
export function take(report: Report, many: number): StatementEntry[] {
  const taken: StatementEntry[] = []
  let packs = 0
  while (taken.length < many && packs < report.packed.length) {
    taken.push(...unpacked(report.packed[packs++] as Buffer))
  }
  report.packed = report.packed.slice(packs)
  if (taken.length >= many) return taken
  taken.push(...report.entries)
  report.entries = []
  return taken
}

function unpacked(packed: Buffer): StatementEntry[] {
  const rows = JSON.parse(packed.toString()) as [string, Ore, Day, Day, string, string, string, number][]
  return rows.map(([bankRef, amount, bookingDate, valueDate, bundleId, endToEndId, reason, count]) => {
    return { bankRef, amount, bookingDate, valueDate, bundleId, endToEndId, reason, count }
  })
}

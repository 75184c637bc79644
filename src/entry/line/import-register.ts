/**
 * Files from registers (CPR, CVR, eSkattekort), each in its own language: they become the facts that a file of facts
 * carries, and go in by the same way. A line that cannot be read is set aside with its reason, the rest is taken; a
 * file that is cut off is not taken at all; the same file again has no effect.
 */
import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CprProblem, parseCprExtract } from '../../adapters/cpr/index.ts'
import { type CvrProblem, parseCvrChanges } from '../../adapters/cvr/index.ts'
import { type CardProblem, parseCardDelivery } from '../../adapters/eskattekort/index.ts'
import { type Envelope, FACTS, fault, type FaultCode, type ReadLine } from '../../adapters/source-systems/index.ts'
import type { Tx } from '../../base/db.ts'
import { formatMonth, parseMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import {
  countHeld,
  type FaultyLine,
  loadedIntake,
  lockMunicipality,
  nextIntakeNo,
  recordFaults,
  recordIntake,
  refusedIntake,
} from '../../modules/orders/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { FACT_SYSTEM_ID, type ImportResult } from './import-file.ts'
import type { Line } from './line.ts'
import { sizeOfFile } from './read-in-place.ts'
import { takeFacts } from './take-facts.ts'

export type Register = 'cpr' | 'cvr' | 'eskattekort'
export const REGISTERS: readonly Register[] = ['cpr', 'cvr', 'eskattekort']

/** Bytes of one file, which is held in memory: the cards of half a million persons. */
const LARGEST_FILE = 48 * 1024 ** 2
/** Faulty lines of one file that are kept in full. */
const KEPT_FAULTS = 10_000
/** Records that are handed on together. */
const AT_ONCE = 1_000

export interface RegisterFile {
  readonly register: Register
  readonly path: string
  /** Without folders: it names the file for ever. */
  readonly name: string
  readonly municipality: Municipality
}

/** Files that lie in the registers' folders; one without a municipality in its name is about each of these. */
export async function registerFiles(folder: string, municipalities: readonly Municipality[]): Promise<RegisterFile[]> {
  const files: RegisterFile[] = []
  for (const register of REGISTERS) {
    const found = await readdir(join(folder, register), { withFileTypes: true }).catch(() => [])
    // What lies in folders of theirs is put away; a name that begins with a dot is a file that somebody still writes.
    const names = found.filter((one) => !one.isDirectory() && !one.name.startsWith('.')).map((one) => one.name)
    for (const name of names.sort()) {
      const code = /^(\d{4})-/.exec(name)?.[1]
      for (const municipality of municipalities) {
        if (code !== undefined && code !== municipalityText(municipality)) continue
        files.push({ register, path: join(folder, register, name), name, municipality })
      }
    }
  }
  return files
}

export interface RegisterOptions {
  readonly knownAt: string
  readonly actor: string
  readonly onLines?: ((lines: number) => void) | undefined
}

/** What a file says, read as it is asked for; or why the whole file is refused. */
type Read =
  | { readonly lines: Iterable<ParsedLine>; readonly refused?: undefined }
  | { readonly refused: Fault; readonly lines?: undefined }

export async function importRegister(line: Line, file: RegisterFile, options: RegisterOptions): Promise<ImportResult> {
  const { municipality } = file
  const size = await sizeOfFile(file.path)
  const bytes = size > LARGEST_FILE ? Buffer.alloc(0) : await readFile(file.path)
  const read = size > LARGEST_FILE ? tooLarge() : parse(file, bytes, line.rates)
  const sha256 = Buffer.from(hash('sha256', bytes), 'hex')
  const result = await line.connection.transaction([municipality], async (tx) => {
    await lockMunicipality(tx, municipality)
    return await takeIn(tx, line, file, read, sha256, options)
  })
  line.at('intake:after-commit')
  return result
}

async function takeIn(
  tx: Tx,
  line: Line,
  file: RegisterFile,
  read: Read,
  sha256: Buffer,
  options: RegisterOptions,
): Promise<ImportResult> {
  const { municipality } = file
  const fileId = `${file.register}/${file.name}`
  const known = await loadedIntake(tx, municipality, FACT_SYSTEM_ID, fileId)
  const same = known?.sha256.equals(sha256) === true
  const told = { municipality, source: FACTS, fileId } as const
  if (known !== undefined && same) {
    const { intakeNo, lines, accepted, held } = known
    return { state: 'unchanged', ...told, intakeNo, lines, accepted, held, refused: [], findings: [] }
  }
  const refusal =
    known === undefined
      ? read.refused
      : fault('file_id_reused', '', `A file named ${file.name} with other content was taken in before.`)
  const month = parseMonth(options.knownAt.slice(0, 7)) as Period
  const head = { municipality, source: FACT_SYSTEM_ID, fileId, sha256, month: formatMonth(month.from), ...options }
  if (read.lines === undefined || refusal !== undefined) {
    const findings = [refusal ?? (read.refused as Fault)]
    // The same again is told again and recorded once: a resumed run numbers what follows as an undisturbed one.
    const before = await refusedIntake(tx, head)
    const intakeNo = before ?? (await nextIntakeNo(tx, municipality))
    const nothing = { intakeNo, lines: 0, accepted: 0, held: 0 } as const
    if (before === undefined) await recordIntake(tx, { ...head, ...nothing, refused: 0, findings, state: 'refused' })
    return { state: 'refused', ...told, ...nothing, refused: [], findings }
  }
  const intakeNo = await nextIntakeNo(tx, municipality)
  const aside: FaultyLine[] = []
  const envelope: Envelope = { fileId, sourceSystem: FACTS, municipality, month, count: 0, sums: undefined }
  const body = { batches: batchesOf(read.lines, aside), receipt: () => undefined, remembered: undefined }
  const taken = await takeFacts(tx, line, envelope, intakeNo, body, options)
  const refused = byLine([...aside, ...taken.refused])
  const held = await countHeld(tx, municipality, intakeNo)
  await recordFaults(tx, municipality, intakeNo, refused.slice(0, KEPT_FAULTS))
  const counts = { intakeNo, lines: taken.accepted + refused.length, accepted: taken.accepted, held }
  await recordIntake(tx, { ...head, ...counts, refused: refused.length, findings: [], state: 'loaded' })
  line.at('intake:before-commit')
  return { state: 'loaded', ...told, ...counts, refused, findings: [] }
}

/** One row a line, with everything that is wrong with it. */
function byLine(faulty: readonly FaultyLine[]): FaultyLine[] {
  const lines = Map.groupBy(faulty, (one) => one.line)
  return [...lines]
    .sort(([a], [b]) => a - b)
    .map(([line, own]) => ({ line, orderKey: '', version: 0, faults: own.flatMap((one) => one.faults) }))
}

/** Records of the door, some at a time; lines that cannot be read go aside. */
async function* batchesOf(lines: Iterable<ParsedLine>, aside: FaultyLine[]): AsyncGenerator<ReadLine[]> {
  let batch: ReadLine[] = []
  for (const { line: number, record, problem } of lines) {
    if (record === undefined) {
      const faults = [fault(PROBLEMS[problem], '', `The line is set aside (${problem}).`)]
      aside.push({ line: number, orderKey: '', version: 0, faults })
      continue
    }
    batch.push({ number, text: JSON.stringify(record), problem: undefined })
    if (batch.length < AT_ONCE) continue
    yield batch
    await Promise.resolve()
    batch = []
  }
  yield batch
}

const PROBLEMS: Readonly<Record<CprProblem | CvrProblem | CardProblem, FaultCode>> = {
  record_unknown: 'register_record_unknown',
  line_short: 'register_line_unreadable',
  not_json: 'register_line_unreadable',
  no_company: 'register_line_unreadable',
  number_unreadable: 'register_line_unreadable',
  code_unknown: 'register_code_unknown',
  status_unknown: 'register_code_unknown',
  date_unreadable: 'register_line_unreadable',
}

type ParsedLine =
  | { readonly line: number; readonly record: Readonly<Record<string, string | number>>; readonly problem?: undefined }
  | { readonly line: number; readonly problem: keyof typeof PROBLEMS; readonly record?: undefined }

function parse(file: RegisterFile, bytes: Buffer, rates: RateReader): Read {
  switch (file.register) {
    case 'cpr': {
      const { torn, lines } = parseCprExtract(bytes.toString('latin1'))
      return torn === undefined ? { lines } : tornFile(torn)
    }
    case 'cvr':
      return { lines: parseCvrChanges(bytes.toString('utf8')) }
    case 'eskattekort': {
      const { torn, lines } = parseCardDelivery(bytes.toString('latin1'))
      return torn === undefined ? { lines: ownCards(lines, file.municipality, rates) } : tornFile(torn)
    }
  }
}

/** Cards of the municipality's own withholding SE numbers: a delivery may be to several. */
function* ownCards(lines: Iterable<ParsedLine>, municipality: Municipality, rates: RateReader): Generator<ParsedLine> {
  const own = new Set(rates.book.units.filter((unit) => unit.municipality === municipality).map((unit) => unit.se))
  for (const one of lines) {
    if (one.record === undefined) yield one
    else if (own.has(Number(one.record['se']))) {
      yield { line: one.line, record: { ...one.record, municipality: municipalityText(municipality) } }
    }
  }
}

function tornFile(why: 'no_head' | 'no_tail' | 'count_differs'): Read {
  return { refused: fault('register_file_torn', '', `The file is not whole (${why}).`) }
}

function tooLarge(): Read {
  return { refused: fault('file_too_large', '', 'The file is too large.') }
}

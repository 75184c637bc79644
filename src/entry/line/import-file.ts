/**
 * One file in, by the same way for the command line and the API: streamed, in one transaction, copied while it is read.
 * When its control sums do not agree everything is rolled back and only the refusal stays.
 */
import type { Tx } from '../../base/db.ts'
import { formatMonth } from '../../base/date.ts'
import { type Municipality } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import {
  contentHash,
  type Envelope,
  FACTS,
  type FileCheck,
  type FileSource,
  fault,
  fileCheck,
  type ParseContext,
  parseEnvelope,
  parseOrder,
  type ReadLine,
  readJson,
  readLines,
} from '../../adapters/source-systems/index.ts'
import {
  countHeld,
  type FaultyLine,
  holdSuperseded,
  holdPossibleDuplicates,
  loadedIntake,
  lockMunicipality,
  nextIntakeNo,
  openOrderReceiver,
  type ParsedOrder,
  recordFaults,
  readFaults,
  recordIntake,
  refusedIntake,
  SOURCE_SYSTEM_ID,
  type SourceSystem,
} from '../../modules/orders/index.ts'
import { type KnownParties, openPartyBook } from '../../modules/parties/index.ts'
import { newestRates, type RateReader } from '../../modules/rates/index.ts'
import { checkKnown } from './check-known.ts'
import { expandMovement } from './expand-movement.ts'
import type { Line } from './line.ts'
import { type Body, type Taken, takeFacts } from './take-facts.ts'

export interface ImportResult {
  readonly state: 'loaded' | 'refused' | 'unchanged'
  readonly municipality: Municipality | undefined
  readonly source: FileSource | undefined
  readonly fileId: string
  readonly intakeNo: number
  readonly lines: number
  readonly accepted: number
  readonly held: number
  readonly refused: readonly FaultyLine[]
  /** Why the whole file was refused, or what was noticed about it. */
  readonly findings: readonly Fault[]
}

export interface ImportOptions {
  readonly knownAt: string
  readonly actor: string
  /** Of the sender's token, when it speaks for one system only. */
  readonly sourceSystem?: SourceSystem | undefined
  readonly municipalities?: ReadonlySet<number> | undefined
  readonly onLines?: ((lines: number) => void) | undefined
  /** Kept from file to file of one lane. */
  readonly memory?: ImportMemory | undefined
}

/** What one intake of a municipality knows that the next need not read again. */
export interface ImportMemory {
  parties: KnownParties | undefined
}

/** The number of intakes of facts. */
export const FACT_SYSTEM_ID = 9
/** Faulty lines of one file that are kept in full; beyond it, they are counted. */
const KEPT_FAULTS = 10_000

/** Thrown inside the transaction, so that nothing of a refused file stays. */
class FileRefused extends Error {
  readonly findings: readonly Fault[]
  constructor(findings: readonly Fault[]) {
    super('file refused')
    this.findings = findings
  }
}

export async function importFile(
  line: Line,
  open: () => AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const stream = readLines(open())
  const batches = stream.batches[Symbol.asyncIterator]()
  const first = await batches.next()
  const lines = first.done ? [] : [...first.value]
  const head = envelopeOf(lines.shift(), line.rates, options)
  if (head.envelope === undefined) {
    await batches.return?.()
    const torn = stream.receipt()?.faults ?? []
    return refusedFile(undefined, 0, torn.length > 0 ? torn : head.faults)
  }
  const { envelope } = head
  const rest = withFirst(lines, batches)
  const remembered = options.memory?.parties
  if (options.memory !== undefined) options.memory.parties = undefined
  try {
    const result = await line.connection.transaction([envelope.municipality], (tx) =>
      takeFile(tx, line, envelope, { batches: rest, receipt: stream.receipt, remembered }, options),
    )
    line.at('intake:after-commit')
    if (options.memory !== undefined) options.memory.parties = result.parties
    return result.result
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error
    return await recordRefusal(line, envelope, stream.receipt()?.sha256 ?? '', error.findings, options)
  }
}

function envelopeOf(
  first: ReadLine | undefined,
  rates: RateReader,
  options: ImportOptions,
): { envelope: Envelope; faults?: undefined } | { envelope?: undefined; faults: readonly Fault[] } {
  if (first === undefined) return { faults: [fault('envelope_missing', '', 'The file is empty.')] }
  if (first.problem !== undefined) return { faults: [fault(first.problem, '', 'The first line cannot be read.')] }
  const json = readJson(first.text)
  if (json.fault !== undefined) return { faults: [json.fault] }
  const municipalities = options.municipalities ?? rates.known.municipalities
  return parseEnvelope(json.value, { municipalities })
}

async function* withFirst(
  first: readonly ReadLine[],
  rest: AsyncIterator<readonly ReadLine[]>,
): AsyncGenerator<readonly ReadLine[]> {
  if (first.length > 0) yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function systemId(source: FileSource): number {
  return source === FACTS ? FACT_SYSTEM_ID : SOURCE_SYSTEM_ID[source]
}

async function takeFile(
  tx: Tx,
  line: Line,
  envelope: Envelope,
  body: Body,
  options: ImportOptions,
): Promise<{ result: ImportResult; parties: KnownParties | undefined }> {
  const { municipality, sourceSystem: source } = envelope
  await lockMunicipality(tx, municipality)
  if (options.sourceSystem !== undefined && source !== options.sourceSystem) {
    throw new FileRefused([
      fault('wrong_source_system', '/source_system', `The sender delivers for ${options.sourceSystem}.`),
    ])
  }
  const known = await loadedIntake(tx, municipality, systemId(source), envelope.fileId)
  if (known !== undefined) return { result: await sameFile(tx, envelope, known, body), parties: body.remembered }
  const intakeNo = await nextIntakeNo(tx, municipality)
  const taken =
    source === FACTS
      ? await takeFacts(tx, line, envelope, intakeNo, body, options)
      : await takeOrders(tx, line, envelope, source, intakeNo, body, options)
  const receipt = body.receipt()
  const verdict = taken.check.verdict()
  const wrong = [...(receipt?.faults ?? []), ...(verdict.ok ? [] : verdict.faults)]
  if (wrong.length > 0) throw new FileRefused(wrong)
  const held = source === FACTS ? 0 : await hold(tx, line, municipality, intakeNo, taken.newVersions, options.knownAt)
  await recordFaults(tx, municipality, intakeNo, taken.refused.slice(0, KEPT_FAULTS))
  const result: ImportResult = {
    state: 'loaded',
    municipality,
    source,
    fileId: envelope.fileId,
    intakeNo,
    lines: verdict.count,
    accepted: taken.accepted,
    held,
    refused: taken.refused,
    findings: verdict.ok ? verdict.findings : [],
  }
  await recordIntake(tx, {
    municipality,
    intakeNo,
    source: systemId(source),
    fileId: envelope.fileId,
    sha256: Buffer.from(receipt?.sha256 ?? '', 'hex'),
    state: 'loaded',
    month: formatMonth(envelope.month.from),
    lines: result.lines,
    accepted: result.accepted,
    held,
    refused: taken.refused.length,
    findings: result.findings,
    knownAt: options.knownAt,
    actor: options.actor,
    toldOre: envelope.sums?.benefit.ore,
    takenOre: envelope.sums && verdict.found.benefit.ore - taken.lostOre,
  })
  line.at('intake:before-commit')
  return { result, parties: taken.parties.remember() }
}

async function hold(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  intakeNo: number,
  newVersions: boolean,
  knownAt: string,
): Promise<number> {
  if (newVersions) await holdSuperseded(tx, municipality, intakeNo, knownAt)
  const { exclusions } = (await newestRates(tx, line.rates)).book
  await holdPossibleDuplicates(tx, municipality, exclusions, intakeNo, knownAt)
  return await countHeld(tx, municipality, intakeNo)
}

/** The same file id was loaded before: the same bytes have no effect, other bytes are refused. */
async function sameFile(
  tx: Tx,
  envelope: Envelope,
  known: { intakeNo: number; sha256: Buffer; lines: number; accepted: number; held: number; refused: number },
  body: Body,
): Promise<ImportResult> {
  for await (const _ of body.batches);
  const sha = body.receipt()?.sha256
  if (sha !== known.sha256.toString('hex')) {
    throw new FileRefused([
      fault('file_id_reused', '/file_id', `A file with the id ${envelope.fileId} and other content was loaded before.`),
    ])
  }
  return {
    state: 'unchanged',
    municipality: envelope.municipality,
    source: envelope.sourceSystem,
    fileId: envelope.fileId,
    intakeNo: known.intakeNo,
    lines: known.lines,
    accepted: known.accepted,
    held: known.held,
    refused: await readFaults(tx, envelope.municipality, known.intakeNo),
    findings: [],
  }
}

async function takeOrders(
  tx: Tx,
  line: Line,
  envelope: Envelope,
  source: SourceSystem,
  intakeNo: number,
  body: Body,
  options: ImportOptions,
): Promise<Taken> {
  const { municipality } = envelope
  const context: ParseContext = { ...line.rates.known, sourceSystem: source, municipality }
  const parties = await openPartyBook(tx, municipality, intakeNo, undefined, body.remembered)
  const { benefitId } = line.rates.known
  const receiver = await openOrderReceiver(tx, { municipality, source, intakeNo, parties, benefitId })
  const check = fileCheck(envelope)
  const refused: FaultyLine[] = []
  let accepted = 0
  let lostOre = 0
  let number = 0
  const refuse = (place: number, order: ParsedOrder, faults: readonly Fault[]): void => {
    const { orderKey, version } = order.order
    refused.push({ line: place, orderKey, version, faults })
    // What a newer version replaces is not missing.
    if (faults[0]?.code !== 'superseded') lostOre += benefitsOf(order)
  }
  let chunk: ParsedOrder[] = []
  let places: number[] = []
  const take = async (): Promise<void> => {
    const wrong = await checkKnown(tx, municipality, chunk, receiver.flush)
    for (const [i, faults] of wrong) refuse(places[i] as number, chunk[i] as ParsedOrder, faults)
    if (wrong.size > 0) {
      ;[chunk, places] = [chunk.filter((_, i) => !wrong.has(i)), places.filter((_, i) => !wrong.has(i))]
    }
    const verdicts = await receiver.add(chunk, number)
    number += chunk.length
    for (const [i, verdict] of verdicts.entries()) {
      if (verdict.kind === 'new' || verdict.kind === 'same') accepted++
      else {
        const what = `The newest version that we have is ${verdict.newest}.`
        refuse(places[i] as number, chunk[i] as ParsedOrder, [fault(verdict.kind, '/version', what)])
      }
    }
    chunk = []
    places = []
  }
  for await (const lines of body.batches) {
    for (const read of lines) {
      const parsed = parseLineOf(read, context, check)
      if (parsed.faulty !== undefined) {
        refused.push(parsed.faulty)
        continue
      }
      // A movement starts from what stands before it, in this file too; what is replaced may be among the waiting.
      const { adjusts, insteadOf } = parsed.order.order
      const waits = insteadOf !== undefined && chunk.some(({ order }) => order.orderKey === insteadOf)
      if (adjusts !== undefined || waits) await take().then(receiver.flush)
      const order = parsed.order.order.adjusts === undefined ? parsed.order : await expandMovement(tx, parsed.order)
      if ('faults' in order) refuse(read.number, parsed.order, order.faults)
      else {
        chunk.push(order)
        places.push(read.number)
      }
    }
    await take()
    options.onLines?.(lines.length)
  }
  await receiver.flush()
  return { check, accepted, refused, newVersions: receiver.newVersions, lostOre: lostOre + check.refusedOre(), parties }
}

function benefitsOf({ order }: ParsedOrder): number {
  return order.lines.reduce((sum, line) => sum + (line.kind === 'benefit' ? line.amount : 0), 0)
}

type LineParse = { order: ParsedOrder; faulty?: undefined } | { faulty: FaultyLine; order?: undefined }

function parseLineOf(read: ReadLine, context: ParseContext, check: FileCheck): LineParse {
  const unreadable = (one: Fault): LineParse => {
    check.addUnreadable()
    return { faulty: { line: read.number, orderKey: '', version: 0, faults: [one] } }
  }
  if (read.problem !== undefined) return unreadable(fault(read.problem, '', 'The line cannot be read.'))
  const json = readJson(read.text)
  if (json.fault !== undefined) return unreadable(json.fault)
  const parsed = parseOrder(json.value, context)
  if (parsed.faults !== undefined) {
    check.addFaulty(json.value)
    const { order_key: key, version } = (json.value ?? {}) as { order_key?: unknown; version?: unknown }
    return {
      faulty: {
        line: read.number,
        orderKey: typeof key === 'string' ? key.slice(0, 100) : '',
        version: typeof version === 'number' && Number.isInteger(version) && version < 2 ** 31 ? version : 0,
        faults: parsed.faults,
      },
    }
  }
  check.add(parsed.order)
  return { order: { order: parsed.order, hash: contentHash(parsed.order), warnings: parsed.warnings } }
}

function refusedFile(envelope: Envelope | undefined, intakeNo: number, findings: readonly Fault[]): ImportResult {
  return {
    state: 'refused',
    municipality: envelope?.municipality,
    source: envelope?.sourceSystem,
    fileId: envelope?.fileId ?? '',
    intakeNo,
    lines: 0,
    accepted: 0,
    held: 0,
    refused: [],
    findings,
  }
}

async function recordRefusal(
  line: Line,
  envelope: Envelope,
  sha256: string,
  findings: readonly Fault[],
  options: ImportOptions,
): Promise<ImportResult> {
  const { municipality, sourceSystem, fileId, count } = envelope
  const head = { municipality, source: systemId(sourceSystem), fileId, sha256: Buffer.from(sha256, 'hex') }
  const counts = { lines: count, accepted: 0, held: 0, refused: count }
  const intakeNo = await line.connection.transaction([municipality], async (tx) => {
    await lockMunicipality(tx, municipality)
    // The same again is told again and recorded once: a resumed run numbers what follows as an undisturbed one.
    const before = await refusedIntake(tx, head)
    if (before !== undefined) return before
    const number = await nextIntakeNo(tx, municipality)
    await recordIntake(tx, {
      ...head,
      intakeNo: number,
      state: 'refused',
      month: formatMonth(envelope.month.from),
      ...counts,
      findings,
      knownAt: options.knownAt,
      actor: options.actor,
      toldOre: envelope.sums?.benefit.ore,
      takenOre: envelope.sums && 0,
    })
    return number
  })
  return refusedFile(envelope, intakeNo, findings)
}

/**
 * What an order says, as 16 bytes in hexadecimal: equal for two bodies exactly when they say the same, however they
 * were written (order of fields, blanks, `1.0` for `1`). Built from the parsed order, in a fixed order of fields.
 *
 * The form is bytes, written into one buffer that every order uses again: a text put together of a hundred pieces cost
 * more than the hash of it. It must never change: hashes of it are stored.
 */
import { hash } from 'node:crypto'
import {
  type BenefitLine,
  LINE_KINDS,
  type Order,
  type OrderLine,
  QUANTITY_UNITS,
  type RepaymentLine,
  SENSITIVITIES,
  SETTLES,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import { type PartyRef, PARTY_TYPES } from '../../modules/parties/index.ts'

/** Bytes of a content hash: the first half of a SHA-256. */
const CONTENT_HASH_BYTES = 16

/** Of the form, so that a later one can never give the same bytes. */
const FORM = 1
const ABSENT = 0
const PRESENT = 1

interface Writer {
  bytes: Buffer
  view: DataView
  at: number
}

/** Room for nearly every order; it grows to the largest one that came, some 200 kB of 63 lines. */
const writer: Writer = withRoom(16_384)

function withRoom(size: number): Writer {
  const bytes = Buffer.alloc(size)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 }
}

/** The content hash of an order, in hexadecimal. Any change of any field changes it. @da indholdsaftryk */
export function contentHash(order: Order): string {
  // As a text the digest comes over from native code without a memory block of its own: half the time.
  return hash('sha256', canonical(order)).slice(0, 2 * CONTENT_HASH_BYTES)
}

/**
 * One sequence of bytes per content. Injective: each text stands after its length, each number has eight bytes, what
 * may be absent stands after a mark, and the kind of a line says what follows. Exported for its tests.
 */
export function canonicalBytes(order: Order): Buffer {
  return Buffer.from(canonical(order))
}

/** Valid until the next order is written. */
function canonical(order: Order): Buffer {
  const w = writer
  w.at = 0
  putByte(w, FORM)
  putByte(w, SOURCE_SYSTEM_ID[order.sourceSystem])
  putText(w, order.orderKey)
  putNumber(w, order.version)
  putNumber(w, order.municipality)
  putText(w, order.caseKey)
  putByte(w, order.state === 'active' ? 0 : 1)
  putOptional(w, order.reason)
  putText(w, order.decision.key)
  putNumber(w, order.decision.date)
  putParty(w, order.beneficiary)
  putParty(w, order.payee)
  putNumber(w, order.dispositionDate)
  putByte(w, SETTLES.indexOf(order.settle))
  if (order.adjusts === undefined) putByte(w, ABSENT)
  else {
    putByte(w, PRESENT)
    putText(w, order.adjusts.orderKey)
    putNumber(w, order.adjusts.version)
  }
  putNumber(w, order.lines.length)
  for (let i = 0; i < order.lines.length; i++) putLine(w, order.lines[i] as OrderLine)
  // Newer than the form: an order that does not say it has the bytes that it always had.
  if (order.overpaid !== undefined) putNumber(w, order.overpaid.instalments)
  // The mark tells it from the number above, whose first byte is zero.
  if (order.insteadOf !== undefined) putOptional(w, order.insteadOf)
  return w.bytes.subarray(0, w.at)
}

function putLine(w: Writer, line: OrderLine): void {
  putByte(w, kindOf(line))
  putText(w, line.lineKey)
  putNumber(w, line.amount)
  putByte(w, line.delta ? 1 : 0)
  switch (line.kind) {
    case 'benefit':
      putText(w, line.benefit)
      putText(w, line.component)
      putText(w, line.kle)
      putByte(w, SENSITIVITIES.indexOf(line.sensitivity))
      putText(w, line.legalBasis)
      putGrant(w, line.grant)
      putNumber(w, line.period.from)
      putNumber(w, line.period.to)
      putByte(w, QUANTITY_UNITS.indexOf(line.quantity.unit))
      putNumber(w, line.quantity.thousandths)
      putByte(w, line.repayable ? 1 : 0)
      putText(w, line.text)
      putOptional(w, line.employee)
      putOptional(w, line.reference)
      putOptional(w, line.notDuplicateOf)
      return
    case 'set_off':
      putText(w, line.claimKey)
      return
    case 'third_party':
      putParty(w, line.payee)
      putText(w, line.reference)
      return
    case 'repayment':
      putText(w, line.benefit)
      putText(w, line.component)
      putNumber(w, line.period.from)
      putNumber(w, line.period.to)
      putText(w, line.claimKey)
      putText(w, line.cause)
      putText(w, line.decision.key)
      putNumber(w, line.decision.date)
      if (!saysHow(line)) return
      putOptional(w, line.legalBasis)
      putOptionalNumber(w, line.decision.hearingDate)
      putOptionalNumber(w, line.decision.noticeDate)
      return
  }
}

/** What a line says that is newer than the form makes it a kind of its own here: the others keep their bytes. */
function kindOf(line: OrderLine): number {
  if (line.kind === 'set_off' && line.fromEarmarked) return LINE_KINDS.length
  if (line.kind === 'repayment' && saysHow(line)) return LINE_KINDS.length + 1
  return LINE_KINDS.indexOf(line.kind)
}

function saysHow({ legalBasis, decision }: RepaymentLine): boolean {
  return (legalBasis ?? decision.hearingDate ?? decision.noticeDate) !== undefined
}

/** A third mark for a grant that tells its own period. */
const WITH_PERIOD = 2

function putGrant(w: Writer, grant: BenefitLine['grant']): void {
  if (grant === undefined) return putByte(w, ABSENT)
  const { uuid, benefitId, period } = grant
  putByte(w, period === undefined ? PRESENT : WITH_PERIOD)
  putText(w, uuid)
  putText(w, benefitId)
  if (period === undefined) return
  putNumber(w, period.from)
  putNumber(w, period.to)
}

function putParty(w: Writer, party: PartyRef): void {
  putByte(w, PARTY_TYPES.indexOf(party.type))
  putText(w, party.id)
}

function putOptional(w: Writer, text: string | undefined): void {
  if (text === undefined) return putByte(w, ABSENT)
  putByte(w, PRESENT)
  putText(w, text)
}

function putOptionalNumber(w: Writer, value: number | undefined): void {
  if (value === undefined) return putByte(w, ABSENT)
  putByte(w, PRESENT)
  putNumber(w, value)
}

function putByte(w: Writer, byte: number): void {
  makeRoom(w, 1)
  w.bytes[w.at++] = byte
}

function putNumber(w: Writer, value: number): void {
  makeRoom(w, 8)
  // Zero has two forms and one meaning.
  w.view.setFloat64(w.at, value + 0, true)
  w.at += 8
}

/** The count of UTF-16 units, then each of them in one to three bytes of which the first tells how many. */
function putText(w: Writer, text: string): void {
  const { length } = text
  makeRoom(w, 4 + 3 * length)
  const { bytes } = w
  let at = w.at
  if (length < 255) bytes[at++] = length
  else {
    bytes[at++] = 255
    w.view.setUint32(at, length, true)
    at += 4
  }
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    }
  }
  w.at = at
}

function makeRoom(w: Writer, size: number): void {
  if (w.at + size <= w.bytes.length) return
  const larger = withRoom(2 * (w.at + size))
  larger.bytes.set(w.bytes.subarray(0, w.at))
  w.bytes = larger.bytes
  w.view = larger.view
}

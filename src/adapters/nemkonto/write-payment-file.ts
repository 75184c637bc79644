/**
 * Writes a payment file to the NemKonto system: NKSPayment in three levels. Payments are incomplete (ukomplette):
 * the payee is told by number and the kind of benefit; only one by a payee arrangement may have an account (komplet).
 * Same input, same bytes. Measured: see README.
 */
import { assert } from '../../base/assert.ts'
import { formatDay } from '../../base/date.ts'
import {
  type BundleHeader,
  fitText,
  LONGEST_PAYEE_TEXT,
  type PaymentFileHeader,
  type PaymentInstruction,
} from '../../modules/payments/index.ts'
import type { PartyType } from '../../modules/parties/index.ts'
import { CHUNK, DECLARATION, xmlAmount, xmlId, xmlText } from '../../base/xml-out.ts'
import { CURRENCY, ENVELOPE, type Name, NAMESPACES, PARTIES, PAYEE_SCHEME, PAYMENT } from './layout.ts'

export interface Bundle {
  readonly header: BundleHeader
  readonly payments: Iterable<PaymentInstruction>
}

const DIGITS: Record<PartyType, number> = { cpr: 10, cvr: 8, se: 8, p: 10 }

function start(name: Name): string {
  return `<${name.element}>`
}

function stop(name: Name): string {
  return `</${name.element}>`
}

export function element(name: Name, text: string): string {
  return `<${name.element}>${text}</${name.element}>`
}

/** The ebXML envelope around a message, as opening and closing text. */
export function envelope(
  action: string,
  id: string,
  createdAt: string,
  from: string,
  to: string,
): readonly [string, string] {
  const e = ENVELOPE
  const head =
    element(e.from, element(e.party, xmlText(from))) +
    element(e.to, element(e.party, xmlText(to))) +
    element(e.conversation, xmlText(id)) +
    element(e.service, PARTIES.service) +
    element(e.action, action) +
    element(e.data, element(e.messageId, xmlText(id)) + element(e.timestamp, xmlText(createdAt)))
  const header = element(e.header, element(e.messageHeader, head))
  const before = `${DECLARATION}<${e.root.element}${NAMESPACES}>\n${header}\n${start(e.body)}\n`
  return [before, `${stop(e.body)}\n${stop(e.root)}\n`]
}

const P = PAYMENT
// The text around the values of one payment, put together once.
const BEFORE_ID = `${start(P.payment)}${start(P.endToEndId)}`
const BEFORE_AMOUNT = `${stop(P.endToEndId)}<${P.amount.element} ${CURRENCY.attribute}="${CURRENCY.krone}">`
const BEFORE_PAYEE: Record<PartyType, string> = {
  cpr: beforePayee(PAYEE_SCHEME.cpr),
  cvr: beforePayee(PAYEE_SCHEME.cvr),
  se: beforePayee(PAYEE_SCHEME.se),
  p: beforePayee(PAYEE_SCHEME.p),
}
const AFTER_PAYEE = stop(P.payee)
const BEFORE_KIND = start(P.kind)
const BEFORE_TEXT = `${stop(P.kind)}${start(P.text)}`
const AFTER_TEXT = `${stop(P.text)}${stop(P.payment)}\n`

function beforePayee(scheme: string): string {
  return `${stop(P.amount)}<${P.payee.element} ${PAYEE_SCHEME.attribute}="${scheme}">`
}

function paymentXml(payment: PaymentInstruction): string {
  const { payee, account, text } = payment
  assert(payment.amount > 0, `a payment is a positive amount: ${payment.endToEndId}`)
  assert(isNumber(payee.id, DIGITS[payee.type]), `not a ${payee.type} number in payment ${payment.endToEndId}`)
  assert(account === undefined || isNumber(account, 14), `not an account in payment ${payment.endToEndId}`)
  return (
    BEFORE_ID +
    xmlId(payment.endToEndId, 'endToEndId') +
    BEFORE_AMOUNT +
    xmlAmount(payment.amount) +
    BEFORE_PAYEE[payee.type] +
    payee.id +
    AFTER_PAYEE +
    (account === undefined ? '' : element(P.account, account)) +
    BEFORE_KIND +
    xmlText(payment.nemKontoKind) +
    BEFORE_TEXT +
    xmlText(fitText(text, LONGEST_PAYEE_TEXT)) +
    AFTER_TEXT
  )
}

function isNumber(id: string, digits: number): boolean {
  if (id.length !== digits) return false
  for (let i = 0; i < digits; i++) {
    const code = id.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}

function bundleXml(header: BundleHeader): string {
  const { unit } = header
  return (
    `${start(P.bundle)}${element(P.bundleId, xmlId(header.bundleId, 'bundleId'))}` +
    element(P.debtor, xmlText(unit.cvr)) +
    element(P.losKey, xmlText(unit.losKey)) +
    element(P.piAgreement, xmlText(unit.piAgreement)) +
    element(P.debitAccount, xmlText(unit.debitAccount)) +
    element(P.dispositionDate, formatDay(header.dispositionDate)) +
    element(P.count, String(header.count)) +
    `${element(P.sum, xmlAmount(header.sum))}\n`
  )
}

function fileXml(header: PaymentFileHeader): string {
  const group =
    element(P.fileId, xmlId(header.fileId, 'fileId')) +
    element(P.createdAt, xmlText(header.createdAt)) +
    element(P.count, String(header.count)) +
    element(P.sum, xmlAmount(header.sum))
  return `${start(P.message)}\n${element(P.groupHeader, group)}\n`
}

/**
 * The file in chunks of about 64 KB. A header that does not agree with what follows is a defect of ours and crashes
 * before the file is complete, so nothing that is wrong is ever sent.
 * @da betalingsfil
 */
export function* writePaymentFile(header: PaymentFileHeader, bundles: Iterable<Bundle>): Generator<string> {
  let sender: string | undefined
  let after = ''
  let out = ''
  let count = 0
  let sum = 0
  const begin = (cvr: string): string => {
    const [before, end] = envelope(P.message.element, header.fileId, header.createdAt, cvr, PARTIES.nemKonto)
    after = end
    sender = cvr
    return before + fileXml(header)
  }
  for (const bundle of bundles) {
    if (sender === undefined) out = begin(bundle.header.unit.cvr)
    out += bundleXml(bundle.header)
    let bundleCount = 0
    let bundleSum = 0
    for (const payment of bundle.payments) {
      out += paymentXml(payment)
      bundleCount++
      bundleSum += payment.amount
      if (out.length >= CHUNK) {
        yield out
        out = ''
      }
    }
    assert(
      bundleCount === bundle.header.count && bundleSum === bundle.header.sum,
      `bundle ${bundle.header.bundleId} does not agree with its header: has ${bundleCount} and ${bundleSum} øre`,
    )
    count += bundleCount
    sum += bundleSum
    out += `${stop(P.bundle)}\n`
  }
  if (sender === undefined) out = begin('')
  assert(
    count === header.count && sum === header.sum,
    `file ${header.fileId} says ${header.count} payments, has ${count}`,
  )
  yield `${out}${stop(P.message)}\n${after}`
}

/**
 * What an order says, as 16 bytes: equal for two bodies exactly when they say the same, however they were written
 * (order of fields, blanks, `1.0` for `1`). Built from the parsed order, in a fixed order of fields.
 */
import { hash } from 'node:crypto'
import type { Order, OrderLine } from '../../modules/orders/index.ts'

/** Bytes of a content hash: the first half of a SHA-256. */
export const CONTENT_HASH_BYTES = 16

/** The content hash of an order. Any change of any field changes it. @da indholdsaftryk */
export function contentHash(order: Order): Buffer {
  return hash('sha256', canonicalText(order), 'buffer').subarray(0, CONTENT_HASH_BYTES)
}

/**
 * One text per content. Injective: each text stands after its length, each number before a separator, an absent value
 * is `-`, which no length begins with. Exported for its tests.
 */
export function canonicalText(order: Order): string {
  let text =
    'order1;' +
    order.sourceSystem +
    ';' +
    t(order.orderKey) +
    order.version +
    ';' +
    order.municipality +
    ';' +
    t(order.caseKey) +
    order.state +
    ';' +
    optional(order.reason) +
    t(order.decision.key) +
    order.decision.date +
    ';' +
    order.beneficiary.type +
    t(order.beneficiary.id) +
    order.payee.type +
    t(order.payee.id) +
    order.dispositionDate +
    ';' +
    order.settle +
    ';' +
    (order.adjusts === undefined ? '-' : t(order.adjusts.orderKey) + order.adjusts.version) +
    ';' +
    order.lines.length +
    ';'
  for (let i = 0; i < order.lines.length; i++) text += lineText(order.lines[i] as OrderLine)
  return text
}

function lineText(line: OrderLine): string {
  const head = line.kind + ';' + t(line.lineKey) + line.amount + (line.delta ? 'd' : ';')
  switch (line.kind) {
    case 'benefit':
      return (
        head +
        t(line.benefit) +
        t(line.component) +
        t(line.kle) +
        line.sensitivity +
        ';' +
        t(line.legalBasis) +
        (line.grant === undefined ? '-' : t(line.grant.uuid) + t(line.grant.benefitId)) +
        line.period.from +
        ';' +
        line.period.to +
        ';' +
        line.quantity.unit +
        ';' +
        line.quantity.thousandths +
        (line.repayable ? ';r' : ';n') +
        t(line.text) +
        optional(line.employee) +
        optional(line.reference) +
        optional(line.notDuplicateOf)
      )
    case 'set_off':
      return head + t(line.claimKey)
    case 'third_party':
      return head + line.payee.type + t(line.payee.id) + t(line.reference)
    case 'repayment':
      return (
        head +
        t(line.benefit) +
        t(line.component) +
        line.period.from +
        ';' +
        line.period.to +
        ';' +
        t(line.claimKey) +
        t(line.cause) +
        t(line.decision.key) +
        line.decision.date +
        ';'
      )
  }
}

/** A text after its length, so that no text can pass for two. */
function t(text: string): string {
  return text.length + ':' + text
}

function optional(text: string | undefined): string {
  return text === undefined ? '-' : t(text)
}

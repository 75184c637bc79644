/** The specification for machines: snake_case, whole øre, ISO dates, and the same Danish sentence for every line. */
import { formatDay, type Period } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import type {
  Amounts,
  Specification,
  SpecifiedChange,
  SpecifiedItem,
  SpecifiedPayment,
  Waiting,
} from '../../modules/overview/index.ts'
import type { RepaymentDecision } from '../../modules/orders/index.ts'
import type { PartyRef } from '../../modules/parties/index.ts'
import * as text from '../text/index.ts'

function paymentJson(one: SpecifiedPayment, party: PartyJson) {
  return {
    end_to_end_id: one.endToEndId,
    payee: party(one.payee),
    amount_ore: one.amount,
    disposition_date: formatDay(one.dispositionDate),
    state: one.state,
    specification: one.isFinal ? 'final' : 'expected',
    text: text.paymentStateText(one),
    returned: one.returned ?? null,
    asked_on: one.asked === undefined ? null : formatDay(one.asked.askedOn),
    answer_by: one.asked === undefined ? null : formatDay(one.asked.answerBy),
    closed: one.closed ?? null,
    waiting_account: one.waitingAccount,
    acute: one.acute ?? null,
    stop: one.recall ?? null,
    settled_on: one.settledOn === undefined ? null : formatDay(one.settledOn),
  }
}

/** How a look-up of it stands in the audit trail: by our keys. */
export function lookedAt({ subject }: Specification): { readonly command: string; readonly subject: string } {
  return subject.kind === 'payment'
    ? { command: 'payment.read', subject: subject.endToEndId }
    : { command: 'order.read', subject: `${subject.sourceSystem} ${subject.orderKey}` }
}

export function partyJson(ref: PartyRef, unmasked = false) {
  return { type: ref.type, id: ref.type === 'cpr' && !unmasked ? `${ref.id.slice(0, 6)}-xxxx` : ref.id }
}

/** `unmasked` only for somebody who may see whole citizen numbers: the source system that sent them. */
export function specificationJson(spec: Specification, unmasked = false) {
  const party = (ref: PartyRef) => partyJson(ref, unmasked)
  const { subject } = spec
  return {
    municipality: municipalityText(spec.municipality),
    subject:
      subject.kind === 'payment'
        ? { kind: subject.kind, end_to_end_id: subject.endToEndId }
        : {
            kind: subject.kind,
            source_system: subject.sourceSystem,
            order_key: subject.orderKey,
            version: subject.version,
            versions: subject.versions,
          },
    payee: party(spec.payee),
    payments: spec.payments.map((one) => paymentJson(one, party)),
    items: spec.items.map((item) => itemJson(item, party, unmasked)),
    waiting: waitingJson(spec.waiting),
    refunds: spec.refunds.map((one) => ({
      employee: party(one.employee),
      period: periodJson(one.period),
      references: one.references,
      amount_ore: one.amount,
      claim_key: one.claimKey ?? null,
    })),
    untaken: spec.untaken.map((one) => ({
      order_key: one.orderKey,
      kind: one.kind,
      claim_key: one.claimKey ?? null,
      amount_ore: one.amount,
      reason: one.reason,
      text: text.untakenText(one),
    })),
    repayments: spec.repayments.map((one) => ({
      order_key: one.orderKey,
      claim_key: one.claimKey,
      benefit: one.benefit,
      period: periodJson(one.period),
      amount_ore: one.amount,
      cause: one.cause,
      legal_basis: one.legalBasis ?? null,
      decision: decisionJson(one.decision),
      text: text.repaymentText(one),
    })),
    changes: spec.changes.map((one) => changeJson(one, party, unmasked)),
    corrections: spec.corrections.map((one) => ({
      kind: one.kind,
      version: one.version,
      of_version: one.ofVersion,
      line_key: one.lineKey,
      period: periodJson(one.period),
      gross_ore: one.gross,
      claim_key: one.claimKey ?? null,
      claimed_ore: one.claimKey === undefined ? null : one.claimed,
      text: text.correctionText(one),
    })),
    ...payeesJson(spec, party, unmasked),
    totals: { ...amountsJson(spec.totals), paid_here_ore: spec.totals.paidHere },
  }
}

function decisionJson({ key, date, hearingDate, noticeDate }: RepaymentDecision) {
  return {
    key,
    date: formatDay(date),
    hearing_date: hearingDate === undefined ? null : formatDay(hearingDate),
    notice_date: noticeDate === undefined ? null : formatDay(noticeDate),
  }
}

type PartyJson = (ref: PartyRef) => { type: string; id: string }

/** The parts are together the difference, and what goes down is negative; `not_reached_ore` is no part of it. */
function changeJson(one: SpecifiedChange, party: PartyJson, unmasked: boolean) {
  const { parts } = one
  return {
    version: one.version,
    benefit_name: one.benefitName,
    component: one.component,
    period: periodJson(one.period),
    concerns: one.concerns === undefined ? null : party(one.concerns),
    before_ore: one.before,
    after_ore: one.after,
    paid_ore: parts.paid,
    stands_again_ore: parts.standsAgain,
    moved_here_ore: parts.movedHere,
    taken_ore: parts.taken,
    moved_away_ore: -parts.movedAway,
    overpaid_ore: -parts.overpaid,
    atp_given_back_ore: -parts.atpGivenBack,
    not_reached_ore: parts.notReached,
    text: text.changeText(one, unmasked),
  }
}

/** Who is paid when it is not simply the payee of the order. */
function payeesJson(spec: Specification, party: PartyJson, unmasked: boolean) {
  return {
    references: spec.references.map((one) => ({ order_key: one.orderKey, instead_of: one.insteadOf })),
    payee_notes: spec.payeeNotes.map((one) => ({
      of_version: one.ofVersion,
      payee: party(one.payee),
      amount_ore: one.amount,
      version: one.version,
      now: party(one.now),
      text: text.payeeNoteText(one, unmasked),
    })),
    arrangements: spec.arrangements.map((one) => ({
      arrangement: one.arrangementNo,
      beneficiary: party(one.beneficiary),
      payee: party(one.payee),
      document: one.document,
      text: text.arrangementText(one, unmasked),
    })),
  }
}

function periodJson(period: Period): { from: string; to: string } {
  return { from: formatDay(period.from), to: formatDay(period.to) }
}

function amountsJson(amounts: Amounts) {
  return {
    gross_ore: amounts.gross,
    own_atp_ore: amounts.ownAtp,
    am_ore: amounts.am,
    tax_ore: amounts.tax,
    set_off_ore: amounts.setOff,
    third_party_ore: amounts.thirdParty,
    net_ore: amounts.net,
    employer_atp_ore: amounts.employerAtp,
    pension_ore: amounts.pension,
  }
}

function itemJson(item: SpecifiedItem, party: PartyJson, unmasked: boolean) {
  const { calculation, axes } = item
  return {
    order_key: item.orderKey,
    source_system: item.sourceSystem,
    version: item.version,
    line_key: item.lineKey,
    case_key: item.caseKey,
    benefit: item.benefit,
    component: item.component,
    period: periodJson(item.period),
    disposition_date: formatDay(item.dispositionDate),
    ordered_disposition_date: formatDay(item.orderedFor),
    gross_ore: item.gross,
    concerns: item.concerns === undefined ? null : party(item.concerns),
    reference: item.reference ?? null,
    amounts: calculation === undefined ? null : amountsJson(calculation),
    lines: (calculation?.lines ?? []).map((line) => ({
      kind: line.kind,
      amount_ore: line.amount,
      basis_ore: line.basis ?? null,
      rate_millionths: line.rate ?? null,
      rounding: line.rounding ?? null,
      before_ore: line.before ?? null,
      source: text.sourceText(line, item),
      assumed: line.assumed,
      text: text.lineSentences(line, item, unmasked).join(' '),
    })),
    set_offs: item.setOffs.map((one) => ({
      claim_key: one.claimKey,
      amount_ore: one.amount,
      claim_left_ore: one.claimLeft ?? null,
    })),
    third_parties: item.thirdParties.map((one) => ({
      payee: party(one.payee),
      reference: one.reference,
      amount_ore: one.amount,
    })),
    axes: {
      paid: axes.paid.map((part) => ({
        amount_ore: part.amount,
        end_to_end_id: part.endToEndId ?? null,
        state: part.state ?? null,
      })),
      reported: axes.reported,
      posted: axes.posted,
      reimbursed: axes.reimbursed,
    },
    waiting: waitingJson(item.waiting),
  }
}

function waitingJson(waiting: Waiting | undefined) {
  return waiting === undefined ? null : { kind: waiting.kind, text: text.waitingText(waiting) }
}

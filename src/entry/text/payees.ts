/** Whom money is paid to instead of the beneficiary, and who was paid before, in Danish. */
import { addDays } from '../../base/date.ts'
import type { Arrangement } from '../../modules/parties/index.ts'
import type { OrderReference } from '../../modules/orders/index.ts'
import type { NewPayee, PaymentReturn, SpecifiedPayeeNote, SpecifiedRefund } from '../../modules/overview/index.ts'
import { dateText, kroner, partyText } from './lines.ts'
import { returnText } from './states.ts'

type Told = Pick<
  Arrangement,
  | 'kind'
  | 'receivedOn'
  | 'beneficiary'
  | 'payee'
  | 'account'
  | 'from'
  | 'to'
  | 'reason'
  | 'document'
  | 'entered'
  | 'approved'
  | 'ended'
>

/**
 * `Udbetales til CPR … i stedet for CPR … fra 1. marts 2026 efter dokument V-12: værge. Indtastet af A, godkendt af B.`
 */
export function arrangementText(one: Told, unmasked = false): string {
  const account = one.account === undefined ? '' : ` på konto ${accountText(one.account, unmasked)}`
  const same = one.payee.type === one.beneficiary.type && one.payee.id === one.beneficiary.id
  const instead = same ? '' : ` i stedet for ${partyText(one.beneficiary, unmasked)}`
  const to = one.to === undefined ? '' : ` til og med ${dateText(addDays(one.to, -1))}`
  const by = one.approved === undefined ? 'ikke godkendt' : `godkendt af ${one.approved.by}`
  const ended =
    one.ended === undefined ? '' : ` Ophørt fra ${dateText(one.ended.from)} af ${one.ended.by}: ${one.ended.reason}.`
  return (
    `Udbetales til ${partyText(one.payee, unmasked)}${account}${instead} fra ${dateText(one.from)}${to} ` +
    `efter ${rightText(one)}dokument ${one.document}: ${one.reason}. Indtastet af ${one.entered.by}, ${by}.${ended}`
  )
}

const RIGHT = { payee: '', estate: 'boets ', transport: 'transport', udlaeg: 'udlæg' } as const

/** `transport modtaget 1. marts 2026, `; nothing of a payee that was simply entered. */
function rightText({ kind, receivedOn }: Told): string {
  return receivedOn === undefined ? RIGHT[kind] : `${RIGHT[kind]} modtaget ${dateText(receivedOn)}, `
}

/** Registration number and the last four digits, unless somebody may see it all. */
function accountText(account: string, unmasked: boolean): string {
  return `${account.slice(0, 4)} ${unmasked ? account.slice(4) : `xxxxxx${account.slice(10)}`}`
}

/** What was paid before the payee was changed stays where it is. */
export function payeeNoteText(one: SpecifiedPayeeNote, unmasked = false): string {
  const paid = `${kroner(one.amount)} efter udgave ${one.ofVersion} gik til ${partyText(one.payee, unmasked)} og bliver der.`
  return `${paid} Det, der ikke var i en udbetalingskørsel, udbetales til ${partyText(one.now, unmasked)} efter udgave ${one.version}.`
}

/** Said of both orders alike. */
export function referenceText({ orderKey, insteadOf }: OrderReference): string {
  return `Ordre ${orderKey} træder i stedet for ordre ${insteadOf}.`
}

/** The employer's own references; of what is set off, the claim. */
export function refundText(one: SpecifiedRefund): string {
  return one.claimKey === undefined
    ? one.references.join(', ')
    : `Modregnet: for meget udbetalt, fordring ${one.claimKey}`
}

/** Why a payment came back; of third parties with the references that it carried. */
export function returnedText(one: PaymentReturn & { readonly references: readonly string[] }): string {
  const references = one.references.length === 0 ? '' : ` Det gælder: ${one.references.join(', ')}.`
  return returnText(one) + references
}

/** Why it is a finding: `CVR 1234 har ikke før fået penge for CPR … .` */
export function newPayeeText(one: NewPayee, unmasked = false): string {
  const [payee, holder] = [partyText(one.payee, unmasked), partyText(one.rightHolder, unmasked)]
  const as =
    one.as === 'payee' ? 'som modtager' : `som tredjepart${one.reference === '' ? '' : ` («${one.reference}»)`}`
  return `${payee} har ikke før fået penge for ${holder}. Ordre ${one.orderKey} (${one.sourceSystem}) nævner den ${as}.`
}

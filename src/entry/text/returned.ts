/** Returned and held payments in plain Danish: what can be done, and what was done. */
import type { Day } from '../../base/date.ts'
import { formatKroner } from '../../base/money.ts'
import { type AgeBand, ageBand, type OpenReturn } from '../../modules/overview/index.ts'
import type { ReturnStep } from '../../modules/rates/index.ts'
import { type Closing, endToEndIdOf, type UnclaimedPart } from '../../modules/payments/index.ts'
import type { Left } from '../line/hold-payments.ts'
import type { AskedAccount } from '../line/ask-account.ts'
import type { PaidAgain, Refused } from '../line/pay-again.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { TREATMENT_TEXT } from './gate.ts'
import { dateText } from './lines.ts'

/** For sent: where the payment is, and what can be done. */
const TOO_LATE: Readonly<Record<Left, string>> = {
  sent: 'For sent: betalingen er sendt til NemKonto og ikke besvaret. Bed om at få den standset med «toek stop»; kommer den retur, kan den betales igen eller afløses af en ny udgave.',
  accepted:
    'For sent: banken har modtaget betalingen. Bed om at få den standset med «toek stop»; kommer den retur, kan den betales igen eller afløses af en ny udgave.',
  waiting_account: 'For sent: pengene er på statens ventekonto, og for kommunen er betalingen endelig.',
  paid: 'For sent: pengene er fremme. Er de udbetalt med urette, sender fagsystemet en ny udgave, og det for meget udbetalte afgøres.',
  returned:
    'For sent: betalingen er kommet retur. Betal den igen med «toek pay-again», eller lad fagsystemet sende en ny udgave.',
}

/** Why something that came back is not paid again now. */
const NOT_AGAIN: Readonly<Record<Refused, string>> = {
  not_returned: 'den er ikke kommet retur',
  final_at_state: 'den er på statens ventekonto, som betaler den videre: for kommunen er den endelig',
  not_back_yet: 'NemKonto siger, at den er returneret, men kontoudtoget har ikke vist pengene endnu',
  not_booked_yet: 'kontoudtoget har ikke vist endnu, at pengene blev på kontoen',
  may_be_paid: 'banken eller et senere svar siger, at den måske er betalt alligevel',
  nothing_left: 'den er bestilt betalt igen, eller en ny udgave har afløst den',
  corrected_since: 'ordren er rettet siden: fagsystemet skal sende en ny udgave',
  time_barred: 'den er forældet og lukket af to personer',
  payee_dead: 'banken siger, at modtageren er død: indtast boet («toek payee enter»)',
  payee_stopped:
    'modtageren er død, forsvundet, gået konkurs eller ophørt: indtast, hvem der får pengene («toek payee enter»)',
}

export function tooLateText(left: Left): string {
  return TOO_LATE[left]
}

export function paidAgainText(municipality: Municipality, made: PaidAgain): string {
  const { payments, amount, on, left } = made
  const lines = left.map(({ payment, why }) => `  ${endToEndIdOf(municipality, payment)}: ${NOT_AGAIN[why]}.\n`)
  const rest = lines.length === 0 ? '' : `Betales ikke igen nu:\n${lines.join('')}`
  if (on === undefined) return `${lines.length === 0 ? 'Der er intet at betale igen.\n' : ''}${rest}`
  const what = payments.length === 1 ? '1 betaling' : `${payments.length} betalinger`
  return `${what}, ${formatKroner(amount)} kr., betales igen ${dateText(on)} med den kørsel, der er næste.\n${rest}`
}

/** What to do about a payment that came back. */
export const RETURN_STEP: Readonly<Record<ReturnStep, string>> = {
  ask_account: 'Bed modtageren om en konto («toek letter»); når den er der, betales den igen.',
  ask_payee: 'Spørg modtageren, hvorfor den er afvist.',
  estate: 'Find boet, og lad to personer indtaste det («toek payee enter»); betal så igen.',
  fix_data: 'Find fejlen, og ret den; betal så igen.',
  ask_bank: 'Spørg banken; betal så igen.',
  retry: 'Den betales igen af sig selv, to gange; kommer den stadig retur, så spørg banken, og betal så igen.',
}

export const AGE: Readonly<Record<AgeBand, string>> = {
  week: 'under en uge',
  month: 'under en måned',
  quarter: 'under tre måneder',
  older: 'over tre måneder',
}

function ageText(days: number): string {
  return AGE[ageBand(days)]
}

function askedText({ asked, againOn }: OpenReturn, on: Day): string {
  if (asked === undefined || againOn !== undefined) return ''
  const late =
    asked.answerBy < on ? ' Fristen er gået: spørg igen, eller lad kommunens regel om uafhentede betalinger gælde.' : ''
  return ` Bedt om konto ${dateText(asked.askedOn)}, svar senest ${dateText(asked.answerBy)}.${late}`
}

function takenOverText({ takenOver }: OpenReturn): string {
  if (takenOver === undefined) return ''
  const { reference, text, paid_on: paid, returned_on: back } = takenOver
  const what = text === '' ? '' : `: ${text}`
  return ` Overtaget fra den gamle løsning, som betalte den ${paid} (${reference}) og fik den retur ${back}${what}.`
}

/** One of the list: what, why, how old, what to do. */
export function openReturnText(one: OpenReturn, on: Day): string {
  const attempt = one.attempt > 1 ? `, forsøg ${one.attempt}` : ''
  const todo = one.againOn === undefined ? RETURN_STEP[one.step] : `Betales igen ${dateText(one.againOn)}.`
  const of = `${one.sourceSystem} ${one.orders.join(', ')}`
  const what = `${one.endToEndId} (${of}${attempt}): ${formatKroner(one.amount)} kr., ${ageText(one.age)}.`
  return `${what} ${one.cause} ${todo}${askedText(one, on)}${takenOverText(one)}`
}

/** A part that a rule closes. */
export function unclaimedText(municipality: Municipality, part: UnclaimedPart): string {
  const { payment, amount, since, treatment } = part
  const what = `${endToEndIdOf(municipality, payment)}: ${formatKroner(amount)} kr.`
  return `${what}, kom retur første gang ${dateText(since)}: ${TREATMENT_TEXT[treatment] ?? ''}.`
}

/** A closing that waits for a second person, and how it is approved. */
export function closingText({ municipality, closingNo, asOf, parts, amount, by }: Closing): string {
  const place = municipalityText(municipality)
  const command = `toek close-returned --municipality ${place} --approve ${closingNo} --total ${amount}`
  const what = `${place} lukning ${closingNo}: ${parts} ${parts === 1 ? 'post' : 'poster'}, ${formatKroner(amount)} kr.`
  return `${what}, opgjort ${dateText(asOf)} af ${by}\n  Godkend: ${command}`
}

/** A letter that was written, and where it lies. */
export function askedAccountText({ letterNo, answerBy, files, again }: AskedAccount): string {
  const what = again ? `Brev ${letterNo} er sendt før, og svaret afventes` : `Brev ${letterNo} er skrevet`
  return `${what}; svar senest ${dateText(answerBy)}.\n${files.map((name) => `  out/letter/${name}\n`).join('')}`
}

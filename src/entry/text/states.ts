/** States and answers in plain Danish. */
import type { Day } from '../../base/date.ts'
import type { Axis, PaymentReturn, PaymentState, SpecifiedPayment, Waiting } from '../../modules/overview/index.ts'
import type { RunState, StopCause } from '../../modules/payments/index.ts'
import { isBankDay, returnCode, STOPPED_AS_ASKED } from '../../modules/rates/index.ts'
import { holdText } from './holds.ts'
import { dateText, lowerFirst } from './lines.ts'
import { RECALL_STATE } from './stop.ts'

export const PAYMENT_STATE: Record<PaymentState, string> = {
  planned: 'planlagt',
  approved: 'godkendt',
  stopped: 'standset',
  sent: 'sendt',
  accepted: 'modtaget af bank',
  presumed: 'formodet udbetalt',
  paid: 'udbetalt',
  paid_outside: 'betalt udenom',
  returned: 'returneret',
}

/** How a state is coloured: the design system's own words. */
export const STATE_TONE: Record<PaymentState, 'info' | 'success' | 'warning' | 'error'> = {
  planned: 'info',
  approved: 'info',
  stopped: 'warning',
  sent: 'info',
  accepted: 'info',
  presumed: 'info',
  paid: 'success',
  paid_outside: 'success',
  returned: 'error',
}

/** How far it is; that it does not go with the others, where it does not; what became of a stop that was asked for. */
export function paymentStateText(payment: SpecifiedPayment): string {
  const { acute, recall } = payment
  const texts = [progressText(payment)]
  if (acute === '') texts.push('Fagsystemet vil have den betalt straks.')
  else if (acute !== undefined) texts.push(`Akut udbetaling i sin egen kørsel: ${acute}.`)
  if (recall !== undefined) texts.push(`Den er ${RECALL_STATE[recall]}.`)
  return texts.join(' ')
}

function progressText(payment: SpecifiedPayment): string {
  const date = dateText(payment.dispositionDate)
  switch (payment.state) {
    case 'planned':
      return `Betalingen er planlagt til ${date} og venter på at blive godkendt.`
    case 'approved':
      return `Betalingen er godkendt og sendes, så den er fremme ${date}.`
    case 'stopped':
      return 'Betalingen er standset, før den blev sendt.'
    case 'sent':
      return `Betalingen er sendt til NemKonto og ventes udbetalt ${date}.`
    case 'accepted':
      return payment.waitingAccount
        ? 'Modtageren har ingen NemKonto. Pengene står på statens ventekonto, og for kommunen er betalingen endelig.'
        : `Banken har modtaget betalingen. Den ventes udbetalt ${date}.`
    case 'presumed':
      return `Formodet udbetalt ${date}: betalingsvejen siger kun, hvad der fejler, og intet er kommet retur. Kontoudtoget har ikke vist betalingen endnu.`
    case 'paid': {
      const when = dateText(payment.settledOn ?? payment.dispositionDate)
      return payment.waitingAccount
        ? `Pengene gik ${when} til statens ventekonto, fordi modtageren ingen NemKonto har. For kommunen er betalingen endelig.`
        : `Pengene er udbetalt ${when}.`
    }
    case 'paid_outside':
      return 'Pengene er betalt udenom.'
    case 'returned':
      return payment.returned === undefined ? 'Betalingen er kommet retur.' : returnedStateText(payment)
  }
}

/** Whether what a payment is made of may change. @da forventet og endelig specifikation */
export function specificationText({ isFinal, state }: Pick<SpecifiedPayment, 'isFinal' | 'state'>): string {
  if (state === 'stopped') return 'Bortfaldet: betalingen er standset, før den blev frigivet.'
  return isFinal
    ? 'Endelig: betalingen er frigivet, og beløb, modtager og linjer ændres ikke mere.'
    : 'Forventet: beløb, modtager og linjer kan ændre sig, til betalingen frigives.'
}

/** NemKonto gives no public code with its own answers: those of the fake. */
const OF_NEMKONTO: Readonly<Record<string, string>> = {
  FORMAL: 'oplysningerne har en formel fejl',
  NOACCOUNT: 'modtageren har ingen NemKonto',
}

function returnReason(reason: string): string {
  const cause = returnCode(reason)?.cause
  const known = cause === undefined ? OF_NEMKONTO[reason] : lowerFirst(cause.slice(0, -1))
  if (known !== undefined) return `${known} (${reason})`
  return reason === '' ? 'der er ikke oplyst en grund' : `kode ${reason}`
}

const CLOSED: Readonly<Record<NonNullable<SpecifiedPayment['closed']>, string>> = {
  income: 'Ingen har bedt om pengene, og de er blevet kommunens indtægt. De betales, hvis de kræves.',
  claim: 'Ingen har bedt om pengene; de står som modtagerens tilgodehavende og betales, når de kræves.',
  limitation: 'Ingen bad om pengene, før kravet blev forældet.',
}

function returnedStateText({ returned, asked, closed }: SpecifiedPayment): string {
  const why = returnText(returned as PaymentReturn, closed === undefined)
  if (closed !== undefined) return `${why} ${CLOSED[closed]}`
  if (asked === undefined) return why
  return `${why} Modtageren er bedt om en konto ${dateText(asked.askedOn)} og kan svare til ${dateText(asked.answerBy)}.`
}

/** `there`: the money has not been given up since. */
export function returnText(returned: PaymentReturn, there = true): string {
  if (returned.reason === STOPPED_AS_ASKED) {
    return 'Betalingen er standset, som kommunen bad om, før den blev gennemført. Pengene har ikke forladt kommunens konto.'
  }
  const reason = returnReason(returned.reason)
  switch (returned.answer) {
    case 2:
      return `NemKonto afviste betalingen, før den nåede banken: ${reason}. Pengene har ikke forladt kommunens konto.`
    case 7:
      return `NemKonto kunne ikke finde en konto: ${reason}. Pengene har ikke forladt kommunens konto.`
    case 9:
      return `Banken sendte pengene tilbage: ${reason}.${there ? ' De står på kontoen for returnerede betalinger.' : ''}`
  }
}

/** NemKonto's answers. @da retursvar */
export const ANSWER: Record<0 | 1 | 2 | 7 | 8 | 9, string> = {
  0: 'Filen kunne ikke læses',
  1: 'Bundtet er modtaget',
  2: 'Formel fejl i betalingen',
  7: 'Ingen konto fundet',
  8: 'Modtaget af banken',
  9: 'Returneret af banken',
}

const STOP_CAUSE: Record<StopCause, string> = {
  death: 'Personen er død.',
  missing: 'Personen er forsvundet.',
  bankruptcy: 'Virksomheden er gået konkurs.',
  closed: 'Virksomheden er ophørt.',
  tax_card: 'Skattekortet er ændret, og ydelsen er beregnet igen.',
  held: 'En medarbejder har holdt den tilbage.',
  gate: 'Kontrollen før godkendelse har holdt den tilbage.',
  double: 'Et tidligere forsøg kan være kommet frem alligevel.',
  cut_off: 'Kørslen nåede ikke skæringstidspunktet og flyttes til næste bankdag.',
}

/** Paid on another day than the order says: it came late, or nothing is paid on that day. */
export function isRedated(item: { readonly dispositionDate: Day; readonly orderedFor: Day }): boolean {
  return item.dispositionDate !== item.orderedFor
}

export function orderedForText(day: Day): string {
  return isBankDay(day) ? dateText(day) : `${dateText(day)}, hvor bankerne har lukket`
}

export function waitingText(waiting: Waiting): string {
  switch (waiting.kind) {
    case 'held':
      return `Ordren er tilbageholdt. ${waiting.holds.map(holdText).join(' ')}`
    case 'withdrawn':
      return waiting.reason === '' ? 'Ordren er trukket tilbage.' : `Ordren er trukket tilbage: ${waiting.reason}.`
    case 'not_calculated':
      return 'Ordren er ikke beregnet endnu. Det sker før dispositionsdatoen.'
    case 'in_no_run':
      return 'Beløbet er beregnet, men er ikke med i en udbetalingskørsel endnu.'
    case 'paid_outside':
      return waiting.reference === ''
        ? 'Banken har bogført betalingen, skønt den var standset: den er betalt.'
        : `Betalt udenom, ikke herfra: ${waiting.reference}.`
    case 'stopped':
      return `Standset, før det blev sendt. ${STOP_CAUSE[waiting.cause]}`
    case 'covered':
      return 'Der er intet mere at betale: beløbet er dækket af det, der er betalt før. Se reguleringerne.'
    case 'paid_before':
      return waiting.back
        ? 'Betalt af den tidligere løsning og kommet retur. Det er overtaget og betales igen, eller lukkes, her.'
        : 'Betalt af den tidligere løsning før overtagelsen. Her er det kun grundlag for reguleringer.'
    case 'nothing_to_pay':
      return 'Der er intet tilbage at udbetale.'
  }
}

/** What stops the whole order, not just an item of it. */
export function stopsOrder(waiting: Waiting | undefined): waiting is Waiting {
  return waiting?.kind === 'held' || waiting?.kind === 'withdrawn' || waiting?.kind === 'not_calculated'
}

/** The four axes: paid, reported, posted, reimbursed. */
export const AXIS_NAME = {
  paid: 'Udbetaling',
  reported: 'Indberetning til eIndkomst',
  posted: 'Bogføring',
  reimbursed: 'Refusion fra staten',
} as const

export function axisText(name: 'reported' | 'posted' | 'reimbursed', axis: Axis): string {
  switch (axis.state) {
    case 'not_applicable':
      return name === 'reported' ? 'Skal ikke indberettes.' : 'Giver ikke refusion gennem Ydelsesrefusion.'
    case 'not_yet':
      return name === 'posted' ? 'Økonomisystemet har ikke fået posteringerne endnu.' : 'Ikke meldt endnu.'
    case 'with_earlier':
      return 'Intet nyt: det, der er betalt før, er meldt med de udgaver, der betalte det.'
    case 'by_old_solution':
      return name === 'posted'
        ? 'Bogført af den tidligere løsning. Udgiften bogføres ikke herfra igen.'
        : 'Meldt af den tidligere løsning før overtagelsen. Det meldes ikke herfra.'
    case 'recorded':
      return `Klar i filen ${axis.file ?? ''}.`
    case 'sent':
      return `Sendt i filen ${axis.file ?? ''}.`
  }
}

/** How far a payment run has come. */
export const RUN_STATE: Record<RunState, string> = {
  planned: 'planlagt',
  assembled: 'samlet',
  controlled: 'kontrolleret',
  approved: 'godkendt',
  released: 'frigivet',
  sent: 'sendt',
  answered: 'besvaret',
  settled: 'gennemført',
  reconciled: 'afstemt',
}

/** Steps are its first states; one may be named that we do not know. */
export const RUN_STEP: Record<string, string> = RUN_STATE

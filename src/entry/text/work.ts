/** Work items in plain Danish: what they are about, and what to do. */
import { danishDay, danishText } from '../../base/danish-time.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import type { OverpaidCause } from '../../modules/items/index.ts'
import type { HoldFacts } from '../../modules/orders/index.ts'
import type { RecallState, StopCause } from '../../modules/payments/index.ts'
import { type AgeBand, causeOfReturn } from '../../modules/overview/index.ts'
import type { WorkItem, WorkKind } from '../../modules/work-items/index.ts'
import { holdText } from './holds.ts'
import { counted, countText, lowerFirst, OVERPAID_CAUSE, STOPPED_BECAUSE } from './lines.ts'
import { AGE, RETURN_STEP } from './returned.ts'
import { RECALL_STATE } from './stop.ts'

export const WORK_KIND: Record<WorkKind, string> = {
  paid_after_event: 'Betalt efter hændelsen',
  overpaid: 'For meget udbetalt, ikke afgjort',
  not_taken: 'For meget udbetalt, tages ikke',
  held: 'Tilbageholdt ordre',
  returned: 'Returneret betaling',
  held_payment: 'Tilbageholdt betaling',
  double_payment: 'Måske betalt to gange',
  acute_run: 'Akut udbetaling venter',
  outside_payment: 'Betalt udenom, passer ikke',
  claim_differs: 'Fordringens rest er forskellig',
  stopped_part: 'Standset del',
  second_person: 'Venter på en anden person',
  unanswered: 'Kørsel uden svar',
  refused_file: 'Betalingsfil afvist',
  payment_warned: 'Betaling modtaget med forbehold',
  stop_asked: 'Betaling bedt standset',
  quarantined: 'I karantæne',
  run_waits: 'Kørsel venter på at blive frigivet',
  oversight_due: 'Ledelsestilsyn mangler',
  day_due: 'Dag mangler godkendelse',
  told_lacks: 'Indberetning mangler noget',
}

const WORK_TO_DO: Record<WorkKind, string> = {
  paid_after_event:
    'Afklar med boet, pårørende eller kurator, om pengene skal tilbage; luk opgaven med en begrundelse.',
  overpaid: 'Fagsystemet afgør, om det kræves tilbage; hvad der ikke kræves tilbage, afgøres med «toek decide».',
  not_taken:
    'Der er ingen kommende udbetaling at tage det i: fagsystemet afgør, om resten kræves tilbage; hvad der ikke kræves tilbage, afgøres med «toek decide».',
  held: 'Ret i fagsystemet, eller frigiv med «toek hold --release» og en begrundelse.',
  returned:
    'Gør, som årsagen siger; betal så igen med «toek pay-again», eller lad fagsystemet sende en ny udgave. Lukkes, når pengene er fremme.',
  held_payment:
    'Se grunden; frigiv med «toek hold BETALING --release» og en begrundelse. En dato frigiver den af sig selv.',
  double_payment:
    'Spørg banken, om den første betaling er trukket. Er begge kommet frem, afgøres det for meget udbetalte af fagsystemet.',
  acute_run: 'Se den og godkend den med «toek approve»; send den så med «toek acute send».',
  outside_payment:
    'Ordren mangler, eller den betaler et andet beløb: fagsystemet sender den eller en ny udgave. Er det registreret forkert, opgives det med «toek outside end»; frigiv så det, der er holdt.',
  claim_differs:
    'Sammenlign indbetalinger og modregninger på fordringen med debitorsystemet, og send det, der mangler. Lukkes, når en senere indbetaling kommer med en rest, der stemmer.',
  stopped_part:
    'Find ud af, hvem der nu skal have pengene: fagsystemet nævner modtageren i en ny udgave. Frigiv så med «toek hold --release».',
  second_person: 'En anden end den, der har indtastet det, ser på det og godkender det; til da gælder det ikke.',
  unanswered: 'Se, om NemKonto har lagt svar; ellers spørg.',
  refused_file:
    'Intet i filen er udført. Ret det, som NemKonto eller banken nævner, og send den igen med «toek resend». Siger de, at filen er kommet før, så spørg dem først.',
  payment_warned:
    'Se, hvad banken har ændret, og om det er i orden; opgaven lukker, når banken har bogført betalingen.',
  stop_asked:
    'Afvent svaret. Siger NemKonto eller banken nej, så afgør, hvad der gøres: fagsystemet sender en ny udgave, hvis pengene er udbetalt med urette; luk så opgaven med en begrundelse.',
  quarantined:
    'Se linjen i filen; spørg NemKonto eller banken, hvad den betyder, og afklar den med «toek quarantine --resolve» og en begrundelse. En fil, der er afvist, hentes igen.',
  run_waits:
    'Se kørslen og godkend den med «toek approve», før skæringstidspunktet; er det passeret, flyttes den med «toek calendar move», eller af sig selv, hvor kommunen har sagt det.',
  oversight_due:
    'Træk stikprøven med «toek oversight draw», se betalingerne igennem og underskriv. Det gør en, der ikke har godkendt kørslerne.',
  day_due: 'Se dagen med «toek day» og godkend den; det, der ikke er forklaret, nævnes.',
  told_lacks:
    'Se linjerne med «toek check-told». Stands filen, hvis den ikke er sendt, og meld fejlen; er den sendt, så indberet det, der mangler, hos modtageren inden fristen, og luk opgaven med en begrundelse.',
}

const EVENT: Readonly<Record<string, string>> = {
  dead: 'død',
  missing: 'forsvundet',
  bankrupt: 'konkurs',
  closed: 'ophørt',
}

/** What to do about it; of an order that is held, after why it is. */
export function workToDo({ kind, detail }: Pick<WorkItem, 'kind' | 'detail'>): string {
  if (kind !== 'held') return WORK_TO_DO[kind]
  const holds = (detail['why'] ?? []) as readonly HoldFacts[]
  const why = [...new Set(holds.map(holdText))].map((one) => `${one} `)
  return `${why.join('')}${WORK_TO_DO[kind]}`
}

/** What the item is about, in a few words. No CPR number: orders and payments by their own keys. */
export function workText({ kind, subject, detail, since }: WorkItem): string {
  switch (kind) {
    case 'paid_after_event': {
      const payments = (detail['payments'] ?? []) as readonly { order: string; paid_on: string }[]
      const orders = [...new Set(payments.map((one) => one.order))].join(', ')
      const days = [...new Set(payments.map((one) => one.paid_on))].join(', ')
      return `${EVENT[String(detail['event'])] ?? ''} ${String(detail['date'])}; betalt ${days}: ${orders}`.trim()
    }
    case 'unanswered':
      return `${subject}: ${countText(Number(detail['payments']))} af ${counted(Number(detail['of']), 'betaling', 'betalinger')}`
    case 'run_waits':
      return `${subject}: ${counted(Number(detail['payments']), 'betaling', 'betalinger')}; skæringstidspunkt ${danishText(String(detail['cut_off']))}${detail['passed'] === true ? ', passeret' : ''}`
    case 'oversight_due':
      return `${String(detail['month'])}: ${detail['drawn'] === true ? 'ikke underskrevet' : 'ikke trukket'}; frist ${danishText(String(detail['deadline']))}${detail['passed'] === true ? ', passeret' : ''}`
    case 'day_due':
      return `${String(detail['day'])}: ikke godkendt; frist ${danishText(String(detail['deadline']))}${detail['passed'] === true ? ', passeret' : ''}`
    case 'told_lacks':
      return toldText(detail)
    case 'refused_file':
      return `${subject}, ${String(detail['attempt'])}. gang: ${`${String(detail['reason'])} ${String(detail['detail'])}`.trim()}`
    case 'payment_warned':
      return `${subject}: ${String(detail['reason'])}`
    case 'stop_asked':
      if (detail['payments'] === undefined) return `${subject}: ${RECALL_STATE[detail['state'] as RecallState]}`
      return `${subject}: ${counted(Number(detail['payments']), 'betaling', 'betalinger')} er ikke kommet retur, ${countText(Number(detail['refused']))} af dem er afvist`
    case 'quarantined': {
      if (detail['refused'] === true) return `${subject}: intet af filen er bogført`
      const lines = Number(detail['lines'])
      return `${subject}: ${counted(lines, 'linje', 'linjer')}, fra linje ${String(detail['first'])}`
    }
    case 'not_taken': {
      const event = EVENT[String(detail['cause'])]
      const why = event === undefined ? `ingen udbetaling siden ${String(detail['last'])}` : `borgeren er ${event}`
      return `${subject}: ${why}`
    }
    case 'second_person':
      return secondPersonText(detail)
    case 'held':
      return `${subject}${stoppedText(detail['stopped'], detail['version'])}`
    case 'held_payment': {
      const until = detail['until'] === null ? '' : ` til ${String(detail['until'])}`
      return `${subject}${until}: ${String(detail['reason'])}`
    }
    case 'acute_run':
      return `${subject} til ${String(detail['pay_on'])}: ${detail['approved'] === true ? 'godkendt og ikke sendt' : 'ikke godkendt'}`
    case 'outside_payment': {
      const due = detail['due_ore']
      const why =
        detail['come'] !== true
          ? 'ordren er ikke kommet'
          : due === null
            ? 'ordren er ikke beregnet'
            : `ordren betaler ${formatKroner(Number(due) as Ore)} kr.`
      return `${String(detail['order'])}, ${String(detail['reference'])} den ${String(detail['paid_on'])}: ${why}`
    }
    case 'claim_differs': {
      const [theirs, ours] = [detail['their_left_ore'], detail['our_left_ore']].map((one) =>
        formatKroner(Number(one) as Ore),
      )
      return `${subject}: debitorsystemet siger ${theirs} kr. efter ${String(detail['payment_key'])}, her står ${ours} kr.`
    }
    case 'double_payment':
      return detail['again'] === null
        ? `${subject}, som var standset`
        : `${subject}, og igen ${String(detail['again'])}`
    case 'returned': {
      const { answer, code, again, age } = detail
      const takenOver = detail['taken_over'] === true
      const what = { answer: Number(answer), code: String(code), takenOver }
      const { cause, step } = causeOfReturn(what, danishDay(since))
      const asked = typeof detail['asked'] === 'string' ? askedText(detail) : RETURN_STEP[step]
      const todo = again === null || again === undefined ? asked : `Betales igen ${String(again)}.`
      return `${subject}, ${AGE[String(age) as AgeBand] ?? ''}${takenOver ? ', overtaget' : ''}: ${cause} ${todo}`
    }
    case 'overpaid': {
      const cause = OVERPAID_CAUSE[detail['cause'] as OverpaidCause] as string | undefined
      return cause === undefined ? subject : `${subject}: ${lowerFirst(cause)}`
    }
    case 'stopped_part':
      return `${subject}: ${STOPPED_BECAUSE[detail['cause'] as StopCause]}`
  }
}

/** A letter has gone, and the answer is waited for, or is late. */
function askedText(detail: WorkItem['detail']): string {
  const late = detail['overdue'] === true ? ' Fristen er gået.' : ''
  return `Bedt om konto ${String(detail['asked'])}, svar senest ${String(detail['answer_by'])}.${late}`
}

/** Nobody is paid by either version: whoever sees to it must know that. */
function stoppedText(stopped: unknown, version: unknown): string {
  if (stopped === null || stopped === undefined) return ''
  const { version: before, cause } = stopped as { version: number; cause: StopCause }
  return `: version ${before} blev standset (${STOPPED_BECAUSE[cause]}) og betales ikke; der betales intet, før version ${String(version)} er frigivet eller afløst af en ny`
}

const ENTERED: Readonly<Record<string, readonly [string, (number: string) => string]>> = {
  rules: ['lokale regler', (number) => `toek rules approve ${number}`],
  payee: ['modtageraftale', (number) => `toek payee approve ${number}`],
  outcome: ['forslag om for meget udbetalt', (number) => `toek decide --proposal ${number}`],
  outside: ['betaling udenom', (number) => `toek outside approve ${number}`],
  closing: ['lukning af uafhentede betalinger', (number) => `toek close-returned --approve ${number}`],
  law: ['lovændring', (number) => `toek law approve ${number}`],
}

function secondPersonText(detail: WorkItem['detail']): string {
  const [name, command] = ENTERED[String(detail['what'])] ?? ['', String]
  const [number, from] = [String(detail['number']), detail['from']]
  const since = from === undefined ? '' : `, fra ${String(from)}`
  return `${name} ${number} fra ${String(detail['by'])}${since}: «${command(number)}»`
}

const TOLD_FIELD_DA: Readonly<Record<string, string>> = {
  am_income: 'A-indkomst med AM-bidrag',
  a_income: 'A-indkomst',
  a_skat: 'A-skat',
  am: 'AM-bidrag',
  atp: 'ATP',
  pension: 'pension',
  repaid: 'tilbagebetalt før skat',
  reimbursed_gross: 'grundlag for refusion',
}

/** What a field of a report is called. */
export function toldField(field: string): string {
  return TOLD_FIELD_DA[field] ?? field
}

/** The refund of what was not told: known, unknown, or of some of it only. */
export function stateRefundText(ore: number, unknown: number): string {
  const known = `${formatKroner(ore as Ore)} kr. (antaget: først når det er indberettet)`
  if (unknown === 0) return known
  return ore === 0 ? 'ukendt' : `${known}, resten ukendt`
}

function toldText(detail: WorkItem['detail']): string {
  const fields = Object.entries((detail['fields'] ?? {}) as Record<string, { lines: number; ore: number }>)
  const lacks = fields.map(([field, { lines, ore }]) => {
    return `${toldField(field)} på ${counted(lines, 'linje', 'linjer')}, ${formatKroner(ore as Ore)} kr.`
  })
  const unread = ((detail['unread'] ?? []) as readonly { file: string; why: string }[]).map(
    ({ file, why }) => `${file} ${why === 'missing' ? 'ligger her ikke' : 'er ændret, siden den blev skrevet'}`,
  )
  const refund = stateRefundText(Number(detail['refund_ore']), Number(detail['refund_unknown']))
  const what = [...lacks, ...unread].join('; ')
  const cost = fields.length === 0 ? '' : `; statsrefusion ${refund}`
  return `${String(detail['month'])}: ${what}${cost}; frist ${danishText(String(detail['deadline']))}`
}

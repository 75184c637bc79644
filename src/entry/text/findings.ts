/**
 * What a reconciliation found, in plain Danish: what it is, where, and what to do. The code, what it is about and the
 * detail stay beside it for programs. Figures are the finding's own detail where that is Danish already.
 */

import { RECEIVER } from './pages.ts'

/** As pages, terminal and JSON have it. */
interface Found {
  readonly what: string
  readonly ref: string
  readonly detail?: string
}

/** What is wrong with a file of which nothing was booked; the reader's own sentence lies in quarantine. */
const FILE_FAULT: Readonly<Record<string, string>> = {
  half_file: 'er ikke kommet hel: den slutter, før den er færdig',
  not_well_formed: 'er ikke gyldig XML',
  not_utf8: 'er ikke skrevet i UTF-8',
  doctype: 'har en DOCTYPE, som aldrig tages imod',
  too_deep: 'har for mange niveauer',
  too_long: 'har en tekst, der er for lang',
  too_many_problems: 'har for mange fejl',
  too_many_entries: 'har flere bevægelser, end der tages i en fil',
  header_missing: 'mangler sit hoved',
  header_twice: 'har to hoveder',
  id_missing: 'siger ikke, hvilken fil den er, eller hvilken den svarer på',
  count_missing: 'siger ikke, hvor mange svar den har',
  not_an_answer_file: 'har ingen svar fra NemKonto',
  other_message: 'er ikke af den slags, der læses her',
  not_a_date: 'har en dato, der ikke kan læses',
  not_a_count: 'har et antal, der ikke kan læses',
  not_an_amount: 'har et beløb, der ikke kan læses',
  amount_missing: 'har en bevægelse uden beløb',
  not_a_direction: 'siger ikke om en bevægelse, om pengene kom eller gik',
  other_currency: 'er i en anden valuta end kroner',
  count_differs: 'har et andet antal, end den selv siger',
  sum_differs: 'har en anden sum, end den selv siger',
  balance_missing: 'mangler sin åbnings- eller slutsaldo',
  balance_differs: 'har en slutsaldo, som dens bevægelser ikke giver',
  unknown_account: 'er om en konto, der ikke er kommunens',
  statement_changed: 'siger noget andet end det kontoudtog med samme nummer, der er bogført',
  file_not_bookable: 'kunne ikke bogføres',
  unknown_payment: 'nævner en betaling, som ikke er kommunens',
  unknown_answer: 'har et svar, der ikke kendes',
  ref_missing: 'siger ikke, hvilken betaling et svar er om',
}

/** After what was found, with its own figures. */
const TO_DO: Readonly<Record<string, string>> = {
  statement_gap: 'Hent det kontoudtog, der mangler, hos banken.',
  statement_discontinuous: 'Hent det kontoudtog, der mangler, eller spørg banken, hvilken saldo der er rigtig.',
  bank_line_unmatched: 'Find ud af, hvad den er, og sig det med «toek match».',
  item_unbalanced: 'Bogføringen passer ikke med sine egne poster: stands udbetalingerne, og meld fejlen.',
  ledger_incomplete: 'Kør «toek verify», stands udbetalingerne, og meld fejlen.',
  answer_missing: 'Se, om NemKonto har lagt svar; ellers spørg.',
  bank_line_missing: 'Hent kontoudtoget; er betalingen ikke på det, så spørg banken.',
  delivery_differs: 'Find linjerne med «toek check-told».',
  sent_twice: 'Spørg betalingsvejen, om begge er betalt, og meld fejlen.',
}

const FILE_TO_DO: Readonly<Record<string, string>> = {
  statement_changed: 'Det første gælder. Spørg banken, hvilket der er rigtigt; afklar det med «toek quarantine».',
  unknown_account:
    'Intet om kontoen er bogført. Er den kommunens, så indtast den; ellers læg filen, hvor den hører til, og afklar den, ' +
    'hvis den står i «toek quarantine».',
}
const FETCH_AGAIN = 'Intet af den er bogført. Se den med «toek quarantine», og hent den igen.'

/** `Filen NKS-0751R8-5.xml er ikke kommet hel: den slutter, før den er færdig. Intet af den er bogført. …` */
export function closingFindingText({ what, ref, detail = '' }: Found): string {
  const todo = TO_DO[what]
  if (todo !== undefined) return `${whereOf(what, ref)}: ${ended(detail)} ${todo}`
  if (what === 'file_refused') return refusedText(ref, detail)
  const unnamed = `kunne ikke tages (${[what, detail].filter((one) => one !== '').join(': ')})`
  return `Filen ${ref} ${FILE_FAULT[what] ?? unnamed}. ${FILE_TO_DO[what] ?? FETCH_AGAIN}`
}

function whereOf(what: string, ref: string): string {
  if (what.startsWith('statement_')) return `Kontoudtog ${ref}`
  if (what === 'delivery_differs') return `Indberetningen til ${RECEIVER[ref] ?? ref}`
  if (what === 'answer_missing' || what === 'bank_line_missing') return `Betaling ${ref}`
  if (what === 'bank_line_unmatched') return `Banklinje ${ref}`
  if (what === 'item_unbalanced') return `Ordrelinje ${ref}`
  return what === 'ledger_incomplete' ? 'Finansen' : (RECEIVER[ref] ?? ref)
}

/** A file of ours that the rail would not carry out, or one that was refused here with what its sender is told. */
function refusedText(ref: string, detail: string): string {
  if (detail.startsWith('Betalingsvejen afviste'))
    return `Fil ${ref}: ${ended(detail)} Intet i den er udført. Ret det, der nævnes, og send den igen med «toek resend».`
  return `Filen ${ref} er afvist: «${detail}» Intet i den er taget. Ret den, og send den igen; et svar ses med «toek quarantine».`
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

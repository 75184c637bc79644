/** What was found of a payment run, with the figures that made it, and who must let it go, in Danish. */
import { type Day, parseDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import {
  endToEndIdOf,
  type KillSwitch,
  type PolicyReason,
  type RunFinding,
  type RunPolicy,
} from '../../modules/payments/index.ts'
import {
  GATE_CHECK_NAMES,
  GATE_CHECKS,
  type GateCheck,
  type GateEffect,
  type GateSetting,
  type NoAccountTreatment,
} from '../../modules/rates/index.ts'
import { counted, dateText, kroner } from './lines.ts'

export const GATE_CHECK_TEXT = Object.fromEntries(
  GATE_CHECK_NAMES.map((check) => [check, GATE_CHECKS[check].nameDa]),
) as Record<GateCheck, string>

export const GATE_EFFECT_TEXT: Record<GateEffect, string> = {
  nothing: 'standser intet',
  ask: 'ses af et menneske',
  block_line: 'standser betalingen',
  block_run: 'standser kørslen',
}

/** What a local rule does, in a word. */
export const TREATMENT_TEXT: Record<string, string> = {
  gather: 'samles',
  suppress: 'undertrykkes',
  ...GATE_EFFECT_TEXT,
  automatic: 'af sig selv, når intet er fundet',
  one: 'af én person',
  two: 'af to personer',
  wait: 'venter på et menneske',
  next_bank_day: 'flyttes til næste bankdag',
  when_clean: 'frigives kort før, når intet er fundet',
  error_account: 'til kommunens fejlkonto',
  refusal: 'afvises',
  state_account: 'til statens ventekonto',
  income: 'bliver kommunens indtægt',
  claim: 'bliver borgerens tilgodehavende',
  limitation: 'er forældet',
}

const EVENT: Record<string, string> = {
  death: 'er død',
  missing: 'er forsvundet',
  bankruptcy: 'er konkurs',
  closed: 'er lukket',
}

const MISSING: Record<string, string> = {
  unit: 'den udbetalende enhed er ikke kendt på dispositionsdatoen',
  account: 'mellemregningskontoen er ikke i kontoplanen',
  rail_kind: 'ydelsen har ingen NemKonto-ydelsesart',
}

/** As programs read it. */
export function findingJson(municipality: Municipality, one: RunFinding) {
  return {
    finding: one.findingNo,
    check: one.check,
    payment: one.payment === 0 ? null : endToEndIdOf(municipality, one.payment),
    amount_ore: one.amount,
    effect: one.effect,
    text: findingText(one),
    lifted_by: one.lifted?.by ?? null,
  }
}

type Told = Pick<RunFinding, 'check' | 'amount' | 'detail'>

/** One sentence; a payment is named beside it. */
export function findingText({ check, amount, detail }: Told): string {
  const said = (name: string): string => String(detail[name] ?? '')
  const ore = (name: string): string => kroner(Number(detail[name] ?? 0))
  const day = (name: string): string => dateText(parseDay(said(name)) as Day)
  const many = Number(detail['payments'] ?? 1)
  const refused = (name: string, one: string, more: string): string =>
    `${counted(Number(detail[name] ?? 0), one, more)} afvist`
  switch (check) {
    case 'benefit_change':
      return `${said('benefit')} (${said('source_system')}) er ${ore('now_ore')} denne måned og var ${ore('last_ore')} sidste måned: ${amount > 0 ? '+' : ''}${kroner(amount)}`
    case 'double_payment':
      return detail['cause'] === 'let_go'
        ? `Ordre ${said('order')} kan være det samme som ordre ${said('other')}; ${said('by')} frigav den.`
        : `Ordre ${said('order')} og ordre ${said('other')} giver begge ${kroner(amount)} til samme modtager for samme person, ydelse og tid.`
    case 'stopped_party':
      return `Modtageren ${EVENT[said('event')] ?? said('event')} (${day('date')}), og betalingen er ikke standset.`
    case 'protected_party':
      return `${count(many)} går til personer med beskyttet navn og adresse.`
    case 'new_payee':
      return `Ordre ${said('order')} (${said('source_system')}) nævner en ${as(said('as'))}, der ikke før har fået penge for borgeren${said('reference') === '' ? '' : ` («${said('reference')}»)`}.`
    case 'account_changed':
      return `Modtageraftale ${said('arrangement')} er godkendt ${day('date')} (indtastet af ${said('entered_by')}, godkendt af ${said('approved_by')}) og har ikke betalt før.`
    case 'unusual_for_person':
      return `${kroner(amount)}; de sidste to måneder højst ${ore('usual_ore')} til samme modtager.`
    case 'unusual_for_benefit':
      return `${kroner(amount)} i ${said('benefit')}; ${detail['limit_ore'] === undefined ? `gennemsnittet er ${ore('usual_ore')}` : `grænsen er ${ore('limit_ore')}`}`
    case 'back_pay':
      return `${kroner(amount)} er for tiden ${day('from')} til ${day('to')}.`
    case 'no_tax_card':
      return `${count(many)} er trukket i skat uden skattekort: ${ore('tax_ore')} i skat.`
    case 'no_mapping':
      return `Kan ikke bogføres (enhed ${said('unit')}, ${said('source_system')}): ${MISSING[said('missing')] ?? ''}.`
    case 'closed_period':
      return `Regnskabsmåneden ${said('month')} er lukket; kørslen bogføres på den første åbne dag.`
    case 'control_totals':
      return `${said('source_system')} har oplyst ${ore('told_ore')}; taget ind er ${ore('taken_ore')} (${refused('refused_lines', 'linje', 'linjer')}, ${refused('refused_files', 'fil', 'filer')}).`
    case 'liquidity':
      return `${kroner(amount)} forlader kontoen ${said('account')} … den dag; grænsen er ${ore('limit_ore')}`
  }
}

function count(payments: number): string {
  return counted(payments, 'betaling', 'betalinger')
}

function as(what: string): string {
  return what === 'payee' ? 'modtager' : 'tredjepart'
}

const REASON: Record<PolicyReason, string> = {
  automatic: 'reglen: af sig selv',
  one: 'reglen: én person',
  two: 'reglen: to personer',
  arranged: 'noget går til en modtager eller konto, der er indtastet her',
  again: 'noget er frigivet i hånden',
  large: 'en betaling er over beløbsgrænsen',
  at_once: 'fagsystemet vil have det udbetalt straks',
  acute: 'en akut udbetaling',
  found: 'der er fundet noget',
}

/** `to personer godkender (noget er frigivet i hånden)` */
export function policyText({ approvers, reasons }: Pick<RunPolicy, 'approvers' | 'reasons'>): string {
  const who = ['frigives af sig selv', 'én person godkender', 'to personer godkender'][approvers] ?? ''
  return reasons.length === 0 ? who : `${who} (${reasons.map((one) => REASON[one]).join(', ')})`
}

export function policyOfRunText(one: RunPolicy): string {
  return `Kørsel ${one.runNo}: ${policyText(one)}`
}

export function liftedText({ by, reason }: { readonly by: string; readonly reason: string }): string {
  return `Ophævet af ${by}: ${reason}.`
}

/** `KY er standset af Ida: forkerte satser. Bo vil have det ophævet; en person til skal.` */
export function switchText({ source, by, reason, lifts }: KillSwitch): string {
  const wanted = lifts.map((lift) => ` ${lift.by} vil have det ophævet; en person til skal.`).join('')
  return `${SOURCE_SYSTEMS[source - 1]} er standset af ${by}: ${reason}.${wanted}`
}

export interface AnnexRule {
  readonly source: string | undefined
  readonly benefit: string | undefined
  readonly from: Day
  readonly amount: number
  readonly percent: number
  readonly treatment: string
}

/** What is said of the time of payment runs. */
export interface AnnexTimes {
  readonly cutOffs: readonly {
    readonly rail: string
    readonly bankDaysBefore: number
    readonly time: string
    readonly told: boolean
    readonly assumed: boolean
  }[]
  readonly atCutOff: { readonly treatment: string; readonly hours: number; readonly told: boolean }
  readonly levels: readonly { readonly hours: number; readonly owner: string }[]
  /** Closing days from the day on. */
  readonly closed: readonly Day[]
}

export interface Annex {
  readonly name: string
  readonly code: string
  readonly on: Day
  readonly releases: readonly AnnexRule[]
  readonly limits: readonly AnnexRule[]
  /** `built`: what counts where no rule of the municipality does. */
  readonly checks: readonly {
    readonly check: GateCheck
    readonly built: GateSetting
    readonly told: readonly AnnexRule[]
  }[]
  readonly times: AnnexTimes
  readonly returned: AnnexReturned
}

/** What becomes of money that comes back, and that nobody claims. */
export interface AnnexReturned {
  /** What was agreed with NemKonto on payees without an account. */
  readonly noAccount: { readonly treatment: NoAccountTreatment; readonly account: string; readonly told: boolean }
  readonly unclaimed: readonly (AnnexRule & { readonly months: number })[]
}

/** The rules by which money leaves, printed for the municipality's kasse- og regnskabsregulativ. */
export function annexText({ name, code, on, releases, limits, checks, times, returned }: Annex): string {
  const lines = [
    `Bilag til kasse- og regnskabsregulativet: udbetalinger gennem TØK`,
    `${name} (${code}), regler for udbetalinger til rådighed ${dateText(on)}`,
    '',
    'Hvem der godkender',
    '- Den, der samler en udbetalingskørsel (planlægger), godkender den aldrig.',
    '- Uden en regel godkender én anden person (godkender).',
    ...releases.map((one) => `- ${aboutText(one)}: frigives ${TREATMENT_TEXT[one.treatment]}.`),
    '- Er der flere slags i en kørsel, gælder den strengeste regel.',
    '- To personer godkender altid det, der går til en modtager eller konto, som er indtastet i TØK, og det, som et menneske har frigivet,',
    '  efter at det var standset. Den, der indtastede eller frigav, er ingen af de to.',
    ...(limits.length === 0 ? ['- Der er ingen beløbsgrænse for to personer.'] : []),
    ...limits.map(
      (one) => `- ${aboutText(one)}: to personer godkender en kørsel med en betaling over ${kroner(one.amount)}`,
    ),
    '- Godkendelsen gælder det, der blev vist: er beløb eller fund ændret siden, afvises den.',
    '',
    'Hvad der kontrolleres før godkendelsen',
    ...checks.flatMap(({ check, built, told }) => [
      ...(told.some((one) => one.source === undefined && one.benefit === undefined) ? [] : [checkText(check, built)]),
      ...told.map((one) => `- ${GATE_CHECK_TEXT[check]}, ${aboutText(one)}: ${settingText(one.treatment, one)}`),
    ]),
    '- Et fund, der standser kørslen, ophæves af én person med en grund; en anden godkender kørslen.',
    '',
    'Hvornår',
    ...timeLines(times),
    '',
    'Hvad der kommer retur',
    ...returnedLines(returned),
    '',
    'Ledelsestilsyn',
    '- Hver måned trækkes en stikprøve af det, der er udbetalt. Den ses igennem og underskrives af en, der hverken har samlet, godkendt eller',
    '  frigivet en af kørslerne, senest den sidste bankdag i næste måned kl. 16:00 (indbygget).',
    '',
    'Nødstop',
    '- Én person kan straks standse alt, hvad et fagsystems ordrer udbetaler; to personer ophæver det.',
    '',
  ]
  return `${lines.join('\n')}\n`
}

function timeLines({ cutOffs, atCutOff, levels, closed }: AnnexTimes): string[] {
  const built = (told: boolean, assumed = false): string =>
    told ? '' : assumed ? ' (indbygget, antaget)' : ' (indbygget)'
  return [
    ...cutOffs.map(
      ({ rail, bankDaysBefore: days, time, told, assumed }) =>
        `- ${rail}: filen afleveres senest ${bankDaysText(days)} kl. ${time}${built(told, assumed)}.`,
    ),
    `- En kørsel, der ikke er frigivet på skæringstidspunktet, ${AT_CUT_OFF_TEXT[atCutOff.treatment] ?? ''}${built(atCutOff.told)}.`,
    ...(atCutOff.treatment === 'when_clean'
      ? [
          `  Det sker fra ${hoursText(atCutOff.hours)} før. Kontrolfund, og det, der tager to personer, frigives aldrig sådan.`,
        ]
      : []),
    ...levels.map(
      ({ hours, owner }) =>
        `- Fra ${hoursText(hours)} før skæringstidspunktet er en ventende kørsel opgave for ${owner}.`,
    ),
    ...(closed.length === 0
      ? []
      : [`- Kommunen udbetaler intet ${closed.map(dateText).join(', ')}; bankdagen før træder i stedet.`]),
  ]
}

function returnedLines({ noAccount, unclaimed }: AnnexReturned): string[] {
  const { treatment, account, told } = noAccount
  const where = account === '' ? '' : ` (${account})`
  return [
    `- Har modtageren ingen NemKonto, ${NO_ACCOUNT_TEXT[treatment]}${where}${told ? '' : ' (indbygget)'}.`,
    '- Det, der kommer retur, står på returkontoen og betales igen, når grunden er væk.',
    ...(unclaimed.length === 0 ? ['- Uden en regel lukkes det aldrig af sig selv (indbygget).'] : []),
    ...unclaimed.map(
      (one) =>
        `- ${aboutText(one)}, når ingen har bedt om pengene i ${one.months} måneder: beløbet ${TREATMENT_TEXT[one.treatment]}. Én person indstiller, en anden godkender.`,
    ),
  ]
}

const NO_ACCOUNT_TEXT: Readonly<Record<NoAccountTreatment, string>> = {
  refusal: 'afviser NemKonto betalingen, og den er på returkontoen',
  error_account: 'går pengene til kommunens fejlkonto',
  state_account: 'går pengene til statens ventekonto, og betalingen er endelig',
}

function bankDaysText(days: number): string {
  return days === 0 ? 'på dispositionsdagen' : days === 1 ? 'bankdagen før' : `${days} bankdage før`
}

function hoursText(hours: number): string {
  return hours === 1 ? '1 time' : `${hours} timer`
}

const AT_CUT_OFF_TEXT: Readonly<Record<string, string>> = {
  wait: 'venter på et menneske',
  next_bank_day: 'flyttes til den første bankdag, der kan nås',
  when_clean: 'er frigivet kort før, når intet er fundet; ellers venter den på et menneske',
}

function checkText(check: GateCheck, { effect, amount, percent }: GateSetting): string {
  return `- ${GATE_CHECK_TEXT[check]}: ${settingText(effect, { amount, percent })} (indbygget)`
}

function settingText(
  treatment: string,
  { amount, percent }: { readonly amount: number; readonly percent: number },
): string {
  const from = [amount > 0 ? `fra ${kroner(amount)}` : '', percent > 0 ? `fra ${percent} %` : ''].filter(
    (one) => one !== '',
  )
  return [TREATMENT_TEXT[treatment] ?? treatment, ...from].join(', ')
}

function aboutText({ source, benefit, from }: AnnexRule): string {
  const about = [source, benefit].filter((one) => one !== undefined)
  return `${about.length === 0 ? 'alle ydelser' : about.join(', ')} (fra ${dateText(from)})`
}

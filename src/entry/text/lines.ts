/**
 * «Hvorfor dette beløb?» in plain Danish: one sentence for each line of a calculation, with what was reckoned of what,
 * how it was rounded and where the rule is from. The same sentences on the page, in JSON and on the command line.
 */
import { type Day, civil, formatDay, type Period, addDays, firstOfNextMonth } from '../../base/date.ts'
import { MONTH_NAMES } from '../../base/danish-time.ts'
import { kroner, type Millionths, type Ore } from '../../base/money.ts'
import { type CalculationLine, TOLD_BEFORE } from '../../modules/effectuation/index.ts'
import type { OverpaidCause } from '../../modules/items/index.ts'
import type {
  SpecifiedCalculation,
  SpecifiedCorrection,
  SpecifiedItem,
  SpecifiedRepayment,
  SpecifiedSetOff,
  SpecifiedThirdParty,
  SpecifiedUntaken,
} from '../../modules/overview/index.ts'
import type { PartyRef } from '../../modules/parties/index.ts'
import type { StopCause } from '../../modules/payments/index.ts'

export type LineKind = CalculationLine['kind']

export { kroner }

/** 80000 → `8 %`, 3000 → `0,3 %`. */
export function percent(rate: Millionths): string {
  const whole = Math.floor(rate / 10_000)
  const rest = String(rate % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '')
  return `${whole}${rest === '' ? '' : `,${rest}`} %`
}

/** 12534 → `12.534` */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '.')
}

/** `1 betaling`, `2.000 betalinger` */
export function counted(count: number, one: string, many: string): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** `31. marts 2026` */
export function dateText(day: Day): string {
  const { year, month, day: d } = civil(day)
  return `${d}. ${MONTH_NAMES[month - 1]} ${year}`
}

/** `marts 2026` */
export function monthText(day: Day): string {
  const { year, month } = civil(day)
  return `${MONTH_NAMES[month - 1]} ${year}`
}

/** A whole month by its name, other periods by their first and last day. */
export function periodText(period: Period): string {
  if (formatDay(period.from).endsWith('-01') && firstOfNextMonth(period.from) === period.to)
    return monthText(period.from)
  const last = addDays(period.to, -1)
  return last === period.from ? dateText(last) : `${dateText(period.from)} – ${dateText(last)}`
}

const PARTY_WORD = { cpr: 'CPR', cvr: 'CVR', se: 'SE', p: 'P-nr.' } as const

/** `CPR 610385-xxxx`: the last four digits of a citizen's number are hidden unless somebody asks and may see them. */
export function partyText(party: PartyRef, unmasked = false): string {
  if (party.type !== 'cpr') return `${PARTY_WORD[party.type]} ${party.id}`
  return `CPR ${party.id.slice(0, 6)}-${unmasked ? party.id.slice(6) : 'xxxx'}`
}

/** What a line is called in a table. */
export const LINE_NAME: Record<LineKind, string> = {
  gross: 'Ydelse før fradrag',
  own_atp: 'ATP, eget bidrag',
  am: 'AM-bidrag',
  tax: 'A-skat',
  set_off: 'Modregnet',
  third_party: 'Til tredjepart',
  net: 'Til udbetaling',
  employer_atp: 'ATP, kommunens bidrag',
  pension: 'Obligatorisk pension',
}

/** The kinds that are paid beside the benefit and never taken of it. */
export const BESIDE: ReadonlySet<LineKind> = new Set(['employer_atp', 'pension'])

const ROUNDING: Record<string, string> = {
  exact_ore: 'afrundet til nærmeste øre',
  nearest_ore: 'afrundet til nærmeste øre',
  nearest_krone: 'afrundet til nærmeste krone',
  drop_ore: 'ørerne er skåret væk',
  down_to_krone: 'rundet ned til hele kroner',
  base_tens_tax_up: 'hvor grundlaget rundes ned til hele 10 kr. og skatten op til hele kroner',
  month_nearest_krone: 'afrundet til nærmeste krone for måneden',
  week_nearest_krone: 'afrundet til nærmeste krone for hver uge',
}

function roundingText(rounding: string | undefined): string {
  return rounding === undefined ? '' : `, ${ROUNDING[rounding] ?? rounding}`
}

function product(line: CalculationLine, after = ''): string {
  if (line.basis === undefined || line.rate === undefined) return ''
  return `: ${percent(line.rate)} af ${kroner(line.basis)}${after}${roundingText(line.rounding)}`
}

/** Codes of components as people say them; an unknown code is shown without its underscores. */
const COMPONENT: Record<string, string> = {
  boernetillaeg: 'børnetillæg',
  forhoejet_sats: 'forhøjet sats',
  loentilskud: 'løntilskud',
  merudgift_forsoergelse: 'merudgift til forsørgelse',
  samvaer: 'samvær',
  tillaeg: 'tillæg',
}

export function componentText(component: string): string {
  return COMPONENT[component] ?? component.replaceAll('_', ' ')
}

type Explained = Pick<SpecifiedItem, 'orderKey' | 'benefitName' | 'component' | 'period' | 'sourceSystem'>

const TOLD: Record<CalculationLine['kind'], string> = {
  gross: 'brutto',
  own_atp: 'i eget ATP-bidrag',
  am: 'i AM-bidrag',
  tax: 'i A-skat',
  set_off: 'modregnet',
  third_party: 'til andre',
  net: 'udbetalt',
  employer_atp: 'i kommunens ATP-bidrag',
  pension: 'i obligatorisk pension',
}

/** One whole sentence for one line of an item. */
export function lineText(line: CalculationLine, item: Explained, calculation: SpecifiedCalculation): string {
  const amount = kroner(line.amount)
  if (line.source === TOLD_BEFORE) return `${amount} ${TOLD[line.kind]}, som den tidligere løsning har oplyst.`
  switch (line.kind) {
    case 'gross': {
      const component = item.component === '' ? '' : ` (${componentText(item.component)})`
      const what = `${lowerFirst(item.benefitName)}${component} for ${periodText(item.period)}`
      if (!isMore(line)) return `${amount} i ${what}, som ${item.sourceSystem} har afgjort.`
      const now = kroner(line.before + line.amount)
      return `${amount} mere i ${what}: ${item.sourceSystem} har afgjort ${now}, og ${kroner(line.before)} er regnet med før.`
    }
    case 'own_atp':
      return `${ownAtpText(line, amount)}.`
    case 'am':
      return `${amount} i AM-bidrag${product(line)}.`
    case 'tax':
      return `${amount} i A-skat${taxText(line, calculation)}.`
    case 'set_off':
      return `${amount} går til at betale af på gæld til kommunen.`
    case 'third_party':
      return `${amount} går direkte til andre på dine vegne.`
    case 'net':
      return `${amount} er tilbage, når alle fradrag er trukket fra.`
    case 'employer_atp':
      return `${amount} i ATP betaler kommunen oven i; det trækkes ikke fra ydelsen.`
    case 'pension':
      return `${amount} i obligatorisk pension indbetales oven i${product(line, ' (ydelsen efter eget ATP-bidrag)')}${less(line)}; det trækkes ikke fra ydelsen.`
  }
}

/** Something of the same stood before: what is paid is only what comes beyond it. */
function isMore(line: CalculationLine): line is CalculationLine & { readonly before: Ore } {
  return line.before !== undefined && line.before > 0
}

function less(line: CalculationLine): string {
  return !isMore(line) ? '' : `, mindre ${kroner(line.before)}, der er indbetalt før`
}

function ownAtpText(line: CalculationLine, amount: string): string {
  if (line.amount === 0) {
    return 'Intet ATP-bidrag: ydelsen er for lav, eller månedens bidrag er taget af en anden linje eller ordre'
  }
  if (line.basis !== undefined) return `${amount} i eget ATP-bidrag${product(line)}, dog højst månedens loft`
  if (line.rounding !== undefined)
    return `${amount} i eget ATP-bidrag: fast beløb for hver time${roundingText(line.rounding)}`
  return `${amount} i eget ATP-bidrag: fast beløb for hver måned`
}

function taxText(line: CalculationLine, c: SpecifiedCalculation): string {
  switch (c.card) {
    case 'hovedkort':
      if (c.allowanceUsed === 0) return product(line, ' (fradraget på dit hovedkort er brugt på en anden linje)')
      return product(line, ` (efter fradrag på ${kroner(c.allowanceUsed)} fra dit hovedkort)`)
    case 'bikort':
      return product(line, ' (bikort: uden fradrag)')
    case 'frikort':
      if (line.basis === 0) return `: ${kroner(c.frikortUsed)} er skattefri på dit frikort`
      return `${product(line, ` (det, der er tilbage, når frikortet har dækket ${kroner(c.frikortUsed)})`)}`
    case 'none':
      return product(line, ' (der er intet skattekort, og så er der intet fradrag)')
  }
}

export function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** The sentences of one line: set-offs and third parties are told one by one. */
export function lineSentences(line: CalculationLine, item: SpecifiedItem, unmasked = false): string[] {
  if (line.kind === 'set_off' && item.setOffs.length > 0) return item.setOffs.map(setOffText)
  if (line.kind === 'third_party' && item.thirdParties.length > 0)
    return item.thirdParties.map((one) => thirdPartyText(one, unmasked))
  return item.calculation === undefined ? [] : [lineText(line, item, item.calculation)]
}

export function setOffText(one: SpecifiedSetOff): string {
  const left =
    one.claimLeft === undefined
      ? ''
      : one.claimLeft === 0
        ? ' Gælden er dermed betalt.'
        : ` Der er ${kroner(one.claimLeft)} tilbage af gælden.`
  return `${kroner(one.amount)} er modregnet i fordring ${one.claimKey}.${left}`
}

function thirdPartyText(one: SpecifiedThirdParty, unmasked = false): string {
  const reference = one.reference === '' ? '' : ` med teksten «${one.reference}»`
  return `${kroner(one.amount)} går til ${partyText(one.payee, unmasked)}${reference}.`
}

/** Why something is overpaid. */
export const OVERPAID_CAUSE: Record<OverpaidCause, string> = {
  lowered: 'Sat ned eller flyttet',
  ended: 'Ophørt',
  not_claimed: 'Kravet er taget tilbage',
}

export const UNTAKEN: Record<SpecifiedUntaken['reason'], string> = {
  claim_unknown: 'fordringen kendes ikke',
  claim_of_other: 'fordringen er en andens',
  minimum_left: 'resten skal være tilbage at leve for',
  claim_exhausted: 'der er ikke mere tilbage af fordringen',
  net_too_small: 'der er ikke nok tilbage af ydelsen',
  taken_already: 'mere er allerede taget af en tidligere udgave',
}

export function untakenText(one: SpecifiedUntaken): string {
  if (one.reason === 'taken_already')
    return `${kroner(one.amount)} mere er allerede taget af en tidligere udgave. Det gives ikke tilbage af sig selv.`
  const what =
    one.kind === 'third_party'
      ? 'kunne ikke betales til tredjepart'
      : `kunne ikke modregnes i fordring ${one.claimKey ?? '(ukendt)'}`
  return `${kroner(one.amount)} ${what}: ${UNTAKEN[one.reason]}.`
}

/** No rule is entered for what the state takes back of it: it is for the municipality to look at (assumed). */
const REFUND_STANDS =
  ' Statsrefusionen af beløbet er ikke rettet: kommunen afgør, om der er ret til den, og retter den selv (antaget).'

/** What became of money that an earlier version paid, in one sentence. */
export function correctionText(one: SpecifiedCorrection): string {
  const what = `${lowerFirst(one.benefitName)} for ${periodText(one.period)}`
  const amount = kroner(one.gross)
  const by = `udgave ${one.version}`
  switch (one.kind) {
    case 'withdrawn':
      return `${amount} i ${what} nåede ikke frem. Beregningen er trukket tilbage af ${by}.`
    case 'stopped':
      return stoppedText(one)
    case 'moved':
      return `${amount} er flyttet fra ${what} til ${targetText(one)} af ${by}. Der er ikke flyttet penge.`
    case 'terms_changed':
      return `${amount} i ${what} ${termsText(one)} efter ${by}.${contributionsText(one)} Der er ikke flyttet penge.`
    case 'recoded':
      return `${amount} i ${what} bogføres og indberettes nu efter ${one.law ?? 'en lovændring'}. Der er ikke flyttet penge, og skatten er den samme.`
    case 'atp_given_back':
      return `${amount} mindre i ATP af ${what} efter ${by}: beløbet er borgerens igen.`
    case 'overpaid':
      return `${amount} i ${what} er for meget udbetalt efter ${by}. Det er først et krav, når det er afgjort.`
    case 'kept_counts':
      return `${amount}, der skulle beholdes, gælder nu som ${targetText(one)} efter ${by}: det er allerede udbetalt.`
    case 'stands_again':
      return one.claimKey === undefined
        ? `${amount}, der var for meget udbetalt, gælder igen som ${targetText(one)} efter ${by}.`
        : `${amount} gælder igen som ${targetText(one)} efter ${by}; fordring ${one.claimKey} er ${kroner(one.claimed)} mindre.`
    case 'claimed':
      return `${amount} i ${what} skal betales tilbage. Fordring ${one.claimKey ?? ''} er ${kroner(one.claimed)}${one.claimed < one.gross ? ': uden den skat og ATP, der blev trukket' : ''}.`
    case 'before_tax':
      return `${kroner(one.claimed)} var tilbage af fordring ${one.claimKey ?? ''}, da året sluttede, og skal betales tilbage før skat: ${amount} i ${what}. Det kan trækkes fra i skat i det år, det betales.`
    case 'claimed_before_tax':
      return `${amount} i ${what} skal betales tilbage før skat, fordi det er udbetalt i et tidligere år (fordring ${one.claimKey ?? ''}).`
    case 'not_claimed':
      return `${amount} i ${what} kræves ikke længere tilbage efter ${by}: fordring ${one.claimKey ?? ''} er ${kroner(one.claimed)} mindre.`
    case 'claimed_as_error':
      return `${amount} i ${what} er udbetalt ved en teknisk fejl i TØK og skal betales tilbage: ${kroner(one.claimed)} på fordring ${one.claimKey ?? ''}.`
    case 'kept':
      return `${amount} i ${what} skal ikke betales tilbage. Får borgeren mere for samme tid, tæller beløbet med som udbetalt.${one.reimbursed ? REFUND_STANDS : ''}`
    case 'suppressed':
      return `${amount} i ${what} er under kommunens bagatelgrænse og kræves ikke tilbage. Får borgeren mere for samme tid, gælder beløbet igen.`
    case 'to_be_adjusted':
      return `${amount} i ${what}, der er udbetalt for meget, tages i ${paymentsText(one.instalments)} af samme ydelse.`
    case 'adjusted':
      return `${amount} i ${what}, der var udbetalt for meget, er taget i udbetalingen af ${targetText(one)} (ordre ${one.to?.orderKey ?? ''}).`
    case 'not_adjusted':
      return `${amount}, der var taget i udbetalingen af ${what}, er ikke taget alligevel: udbetalingen blev standset, før den blev sendt. Det står igen som for meget udbetalt af ${targetText(one)} (ordre ${one.to?.orderKey ?? ''}).`
  }
}

export const STOPPED_BECAUSE: Record<StopCause, string> = {
  death: 'personen er død',
  missing: 'personen er forsvundet',
  bankruptcy: 'virksomheden er gået konkurs',
  closed: 'virksomheden er ophørt',
  tax_card: 'skattekortet er ændret',
  held: 'holdt tilbage af en medarbejder',
  gate: 'holdt tilbage af kontrollen før godkendelse',
  double: 'et tidligere forsøg kan være kommet frem',
  cut_off: 'kørslen nåede ikke skæringstidspunktet',
}

/** What would have been paid, what is, and why it differs. */
function stoppedText({ stopped, benefitName, period }: SpecifiedCorrection): string {
  if (stopped === undefined) return ''
  const { cause, before, now } = stopped
  const what = `${kroner(before)} af ${lowerFirst(benefitName)} for ${periodText(period)}`
  const head = `${what} blev standset, før det blev sendt: ${STOPPED_BECAUSE[cause]}.`
  if (now === undefined) return head
  if (now === before) return `${head} Det er beregnet igen til det samme.`
  const difference = kroner(Math.abs(now - before))
  const why = cause === 'tax_card' ? ', fordi skattekortet er et andet' : ''
  return `${head} Det er beregnet igen til ${kroner(now)}: ${difference} ${now < before ? 'mindre' : 'mere'}${why}.`
}

function termsText({ terms }: SpecifiedCorrection): string {
  if (terms.repayable === undefined) return 'er for et andet antal timer'
  return terms.repayable ? 'er givet med tilbagebetalingspligt' : 'er ikke længere givet med tilbagebetalingspligt'
}

function contributionsText({ terms }: SpecifiedCorrection): string {
  const changed = (name: string, ore: number) =>
    ore === 0 ? '' : ` ${name} er ${kroner(Math.abs(ore))} ${ore < 0 ? 'mindre' : 'mere'}.`
  return changed('Obligatorisk pension', terms.pension) + changed('Kommunens ATP', terms.employerAtp)
}

function paymentsText(instalments: number | undefined): string {
  return instalments === undefined || instalments === 1
    ? 'den næste udbetaling'
    : `de næste udbetalinger, højst 1/${instalments} i hver,`
}

function targetText({ to }: SpecifiedCorrection): string {
  return to === undefined ? '' : `${lowerFirst(to.benefitName)} for ${periodText(to.period)}`
}

export function repaymentText(one: SpecifiedRepayment): string {
  const { date, hearingDate, noticeDate } = one.decision
  const how = decidedText({ date, legalBasis: one.legalBasis, hearingDate, noticeDate })
  return `${kroner(one.amount)}: ${one.benefit} for ${periodText(one.period)}, fordring ${one.claimKey}. ${how}.`
}

/** How a repayment was decided, as far as the source system says it. */
export function decidedText(how: {
  readonly date: Day
  readonly legalBasis: string | undefined
  readonly hearingDate: Day | undefined
  readonly noticeDate: Day | undefined
}): string {
  const said = [
    `Afgjort ${dateText(how.date)}`,
    how.legalBasis && `hjemmel: ${how.legalBasis}`,
    how.hearingDate && `partshørt ${dateText(how.hearingDate)}`,
    how.noticeDate && `meddelt ${dateText(how.noticeDate)}`,
  ]
  return said.filter(Boolean).join('; ')
}

/** Why an order is held, and why a hold is let go: the same sentence on pages, in events, of an order and simulated. */
import { day } from '../../base/date.ts'
import { type HoldDetail, type HoldFacts, MOST_MONTHS_GATHERED, type UnfoundedWhy } from '../../modules/orders/index.ts'
import { dateText, kroner, periodText } from './lines.ts'

/** Of a kind alone, where nothing more is known or many are told together. */
export const HOLD: Readonly<Record<string, string>> = {
  possible_duplicate: 'Mulig dobbeltudbetaling: samme ydelse og periode',
  excluding_benefit: 'Ydelsen kan ikke gives samtidig med en anden ydelse',
  awaits_corrections: 'En tidligere udgave er allerede i en udbetalingskørsel, og forskellen skal opgøres',
  awaits_answer: 'En tidligere udgave er i en udbetalingskørsel og ikke endeligt besvaret',
  dead: 'Personen er død',
  missing: 'Personen er forsvundet',
  bankrupt: 'Virksomheden er gået konkurs',
  closed: 'Virksomheden er ophørt',
  came_back: 'Noget af det, der blev udbetalt, er kommet retur, og noget er ikke',
  unfounded_repayment: 'Det, der er afgjort til tilbagebetaling, er ikke betalt for meget',
  before_takeover: 'Perioden ligger før overtagelsen, og det er ikke fortalt, hvad der blev betalt',
  before_look_back: 'Ændringen ligger længere tilbage, end kommunen regulerer uden en medarbejder',
  small_amount: 'Forhøjelsen er under kommunens bagatelgrænse og venter på den næste udbetaling',
  superseded: 'Der er kommet en nyere udgave af ordren',
  manual: 'Tilbageholdt af en medarbejder',
}

const UNFOUNDED: Readonly<Record<UnfoundedWhy, (detail: HoldDetail) => string>> = {
  too_much: ({ line_key, ore, of_ore }) =>
    `Linje ${line_key} kræver ${kroner(ore ?? 0)} tilbage, men kun ${kroner(of_ore ?? 0)} af det er betalt for meget. Der kan kun kræves det, der er betalt for meget til samme borger; det, som udgaven flytter til sine andre linjer, er ikke`,
  of_other_person: ({ line_key }) =>
    `Linje ${line_key}: det, der blev betalt for perioden, blev betalt for en anden person, og kun den person kan skylde det. Afgør det i en ordre om den person`,
  of_employer: ({ line_key }) =>
    `Linje ${line_key}: hvad en arbejdsgiver skal betale tilbage, afgøres i den ordre, der betalte det`,
  nothing_paid: ({ line_key, limit }) =>
    `Linje ${line_key}: intet er betalt for perioden, som er udbetalt herfra siden ${dateOf(limit)}. Der kan kun kræves det, der er betalt`,
  several_paid: ({ line_key }) =>
    `Linje ${line_key}: flere har fået det betalt. Afgør, hvad hver skal betale tilbage, i den ordre, der betalte det`,
  decided_twice: ({ claim_key }) =>
    `Fordring ${claim_key} er afgjort to gange. En fordring afgøres af én linje: giv hver sin egen nøgle`,
  withdrawn: ({ claim_key }) =>
    `Afgørelsen om fordring ${claim_key} er taget tilbage. Afgør den igen med en ny fordringsnøgle`,
  amount_changed: ({ claim_key, ore, of_ore }) =>
    `Fordring ${claim_key} er afgjort med ${kroner(of_ore ?? 0)} og kan ikke ændres til ${kroner(ore ?? 0)} Udelad den for at tage den tilbage, og afgør det andet beløb med en ny fordringsnøgle`,
  of_other_order: ({ claim_key, of_ore }) =>
    `Fordring ${claim_key} er afgjort i en anden ordre med ${kroner(of_ore ?? 0)} En fordring afgøres af én ordre: giv en anden fordring sin egen nøgle`,
}

/** With the figures of the hold. */
function textOf(kind: string, detail: HoldDetail): string {
  const short = HOLD[kind] ?? 'Tilbageholdt'
  switch (kind) {
    case 'possible_duplicate':
    case 'excluding_benefit':
      return `${short} (ordre ${detail.order_key})`
    case 'superseded':
      return `${short} (udgave ${detail.version})`
    case 'dead':
    case 'missing':
    case 'bankrupt':
    case 'closed':
      return `${short} den ${dateOf(detail.date)}`
    case 'before_takeover':
      return `Linje ${detail.line_key}: ${spanOf(detail)} begynder, før ${detail.source_system} blev overtaget den ${dateOf(detail.limit)}, og det er ikke fortalt, hvad der blev betalt. Send det som paid_before, eller frigiv ordren, hvis intet blev betalt`
    case 'before_look_back':
      return `Ændringen af ${spanOf(detail)} ligger længere tilbage end ${dateOf(detail.limit)}, som kommunen regulerer til uden en medarbejder. Frigiv ordren, hvis det skal betales`
    case 'small_amount':
      return `Forhøjelsen på ${kroner(detail.ore ?? 0)} er under kommunens bagatelgrænse på ${kroner(detail.of_ore ?? 0)} Den betales med den næste udbetaling af ydelsen til samme modtager, når flere tilsammen når grænsen, eller efter ${MOST_MONTHS_GATHERED} måneder`
    case 'unfounded_repayment':
      return detail.why === undefined ? short : UNFOUNDED[detail.why](detail)
    default:
      return short
  }
}

function dateOf(date: string | undefined): string {
  return date === undefined ? '' : dateText(day(date))
}

function spanOf({ from, to }: HoldDetail): string {
  return from === undefined || to === undefined ? '' : periodText({ from: day(from), to: day(to) })
}

export function holdText(hold: HoldFacts): string {
  return hold.kind === 'manual' ? `${HOLD['manual']}: ${hold.reason}.` : holdCause(hold)
}

/** Where the kind stands beside it: of a hold by hand the person's own words. */
export function holdCause({ kind, reason, detail }: HoldFacts): string {
  if (kind === 'manual') return reason
  return `${detail === null ? (HOLD[kind] ?? 'Tilbageholdt') : textOf(kind, detail)}.`
}

/** Why TØK let go what waited for something else. */
const LET_GO: Readonly<Record<string, string>> = {
  possible_duplicate: 'Den anden ordre er bortfaldet eller ændret.',
  excluding_benefit: 'Den anden ordre er bortfaldet eller ændret.',
  awaits_corrections: 'De tidligere udgaver er endeligt besvaret.',
  awaits_answer: 'De tidligere udgaver er endeligt besvaret.',
  dead: 'Registret har taget oplysningen tilbage.',
  missing: 'Registret har taget oplysningen tilbage.',
  bankrupt: 'Registret har taget oplysningen tilbage.',
  closed: 'Registret har taget oplysningen tilbage.',
  before_takeover: 'Det er fortalt, hvad der blev betalt før overtagelsen.',
  small_amount: 'Forhøjelsen vurderes igen: noget af det samme skal betales, eller den har ventet længe nok.',
}

/** Of a hold of this kind: what the person who let it go wrote, or what made TØK do it. */
export function letGoText(kind: string, { by, reason }: { readonly by: string; readonly reason: string }): string {
  return by === 'toek' ? (LET_GO[kind] ?? 'Det, der holdt den tilbage, er væk.') : reason
}

/** `toek person`: everything that is known of a citizen, or was on a day. @da udtræk for en person */
import { danishInstant } from '../../base/danish-time.ts'
import { addDays, day } from '../../base/date.ts'
import { formatKroner } from '../../base/money.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { type PersonExtract, readPerson, subjectOfParty } from '../../modules/overview/index.ts'
import { cprProblem } from '../../modules/parties/index.ts'
import { personJson } from '../person-json.ts'
import { explainText } from '../web/index.ts'
import { counted, decidedText, RECEIVER } from '../text/index.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek person CPR: everything that is known of a citizen in a municipality

  --municipality 0751
  --known-on YYYY-MM-DD      as it was known at the end of that day: what came later is left out, and what has been
                             replaced since stands as it stood
  --by NAME                  who asks; default the account that runs the program
  --json                     all of it: orders and versions, calculations, payments and attempts, overpaid, claims,
                             reports, events, holds, acts and postings

The ledger of the municipality is verified, and its head on that day told. Citizens are masked; the look-up is audited.
Exit: 0, 1 when the ledger does not agree, 4 when nothing is known.
`

export const personVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { municipality: text, 'known-on': text, by: text, json: flag }
    const { values, positionals } = optionsOf(args, options)
    const cpr = (positionals[0] ?? '').replace('-', '')
    if (positionals.length !== 1 || cprProblem(cpr) !== undefined)
      throw lacks('Say one citizen by CPR number: ten digits, with or without a hyphen.', HELP)
    const day = dayOption(values['known-on'], 'known-on')
    const before = day === undefined ? undefined : danishInstant(addDays(day, 1), '00:00')
    return await withDatabase(world, 'reader', 'person', async (opened, connection) => {
      const municipality = municipalityOf(values.municipality, opened.rates)
      const found = await connection.transaction([municipality], async (tx) => {
        const person = await readPerson(tx, municipality, cpr, opened.rates, before)
        const [at, actor] = [new Date(world.now()).toISOString(), values.by ?? world.user]
        const subject = person === undefined ? 'party unknown' : subjectOfParty(person.partyId)
        const detail = { known_on: values['known-on'] ?? null, unmasked: false }
        await recordAudit(tx, { municipality, at, actor, command: 'person.read', subject, detail })
        return person
      })
      if (found === undefined) throw new Refusal('unknown', 'Nothing is known of that citizen there.')
      const shown = personJson(found, values['known-on'], false)
      world.out(values.json === true ? `${JSON.stringify(shown)}\n` : asText(found, values['known-on']))
      return found.ledger.firstBad === undefined ? EXIT.done : EXIT.wrong
    })
  },
}

const kroner = (value: unknown) => `${formatKroner(value as Ore)} kr.`

/** How it was decided; nothing of a claim that was taken over. */
function decided(claim: PersonExtract['claims'][number]): string {
  const dayIn = (name: string) => (typeof claim[name] === 'string' ? day(claim[name]) : undefined)
  const date = dayIn('decision_date')
  if (date === undefined) return ''
  const legalBasis = typeof claim['legal_basis'] === 'string' ? claim['legal_basis'] : undefined
  const [hearingDate, noticeDate] = [dayIn('hearing_date'), dayIn('notice_date')]
  return ` ${decidedText({ date, legalBasis, hearingDate, noticeDate })}`
}

function asText(person: PersonExtract, knownOn: string | undefined): string {
  const { ledger } = person
  const chain = ledger.firstBad === undefined ? 'kæden stemmer' : `kæden stemmer IKKE: ${ledger.firstBad.what}`
  const out = [
    `CPR ${person.party.id.slice(0, 6)}-xxxx${knownOn === undefined ? '' : `, som det var kendt den ${knownOn}`}`,
    `Finans: ${chain}; hoved ${ledger.head} (${counted(ledger.batches, 'parti', 'partier')})`,
    '',
    ...person.orders.flatMap(({ specifications }) => specifications.map((one) => explainText(one))),
    ...person.payments.map((one) => {
      return `Betaling ${one.end_to_end_id}: ${kroner(one['amount_ore'])}, ${String(one['disposition_date'])}`
    }),
    ...person.claims.map((one) => {
      const left = `${kroner(one['amount_ore'])}, rest ${kroner(one['left_ore'])}`
      return `Fordring ${String(one['claim_key'])}: ${left}${decided(one)}`
    }),
    ...person.overpaid.map((one) => `For meget udbetalt, ${String(one['order_key'])}: ${kroner(one['amount_ore'])}`),
    ...person.told.map(
      (one) => `Fortalt: ${RECEIVER[String(one['kind'])] ?? String(one['kind'])} ${String(one['file_name'])}`,
    ),
    '',
    `${[
      counted(person.events.length, 'hændelse til fagsystemer', 'hændelser til fagsystemer'),
      counted(person.acts.length, 'handling eller opslag', 'handlinger og opslag'),
      counted(person.postings.length, 'postering', 'posteringer'),
    ].join(', ')}: se --json.`,
  ]
  return `${out.join('\n')}\n`
}

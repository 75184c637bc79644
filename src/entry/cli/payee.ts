/** `toek payee`: whom a party's money is paid to instead. One person enters it, another approves. @da modtageraftale */
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import {
  approveArrangement,
  type Arrangement,
  ARRANGEMENT_KINDS,
  cprProblem,
  cvrIsValid,
  endArrangement,
  enterArrangement,
  type NewArrangement,
  type PartyRef,
  type PersonsAct,
  readArrangements,
} from '../../modules/parties/index.ts'
import { paidToHolders } from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { arrangementText } from '../text/index.ts'
import { dayOption, flag, lacks, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, municipalityOf, withDatabase, type World } from './world.ts'

const HELP = `toek payee: whom a citizen's or a company's own money is paid to instead of themselves

  toek payee                 the arrangements of municipalities, and those that wait
  toek payee enter           enter one: it changes nothing until another person has approved it
  toek payee approve N       approve it; never by who entered it
  toek payee end N           end it; what is paid from that day on goes where the order says

  --municipality 0751[,…]    one, except for the list
  --beneficiary cpr:NUMBER   whose money it is; cpr or cvr
  --payee cpr:NUMBER         who is paid; cpr or cvr; default the beneficiary
  --account NUMBER           registration number and account, 14 digits, instead of the NemKonto
  --benefit KEY              only this benefit; default every benefit
  --kind KIND                payee (default), estate (of a dead person), transport or udlaeg: somebody has the right to
                             a company's refunds, also where the order names the employee; the first received goes first
  --received YYYY-MM-DD      of transport and udlaeg: when the document was received
  --claim AMOUNT_ORE         of transport and udlaeg: what is owed in all; a payment beyond it is held
  --from YYYY-MM-DD          first disposition date; of end: the first on which it applies no more
  --to YYYY-MM-DD            last disposition date
  --reason TEXT              why
  --document TEXT            the number of the document that it rests on
  --by NAME                  who acts; default the account that runs the program
  --json

What is in a payment run keeps its payee. An order that names another payee itself is not touched.
Exit: 0 done or nothing waits, 3 something waits for a second person, 4 refused.
`

const OPTIONS = {
  municipality: text,
  beneficiary: text,
  payee: text,
  account: text,
  benefit: text,
  kind: text,
  received: text,
  claim: text,
  from: text,
  to: text,
  reason: text,
  document: text,
  by: text,
  json: flag,
} as const

type Values = { readonly [K in Exclude<keyof typeof OPTIONS, 'json'>]?: string | undefined }

export const payeeVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, OPTIONS)
    const [verb, number] = positionals
    if (verb !== undefined && !['enter', 'approve', 'end'].includes(verb))
      throw lacks(`Say enter, approve or end, not ${verb}; or nothing, for the list.`, HELP)
    return await withDatabase(world, 'writer', 'payee', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (verb !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const act = { at: new Date(world.now()).toISOString(), by: values.by ?? world.user }
        await connection.transaction([municipality], async (tx) => {
          await lockMunicipality(tx, municipality)
          await actOn(tx, municipality, verb, number, values, act, opened.rates)
        })
      }
      const listed: Listed[] = []
      for (const code of municipalities) {
        await connection.transaction([code], async (tx) => {
          const paid = await paidToHolders(tx, code)
          const all = await readArrangements(tx, code)
          listed.push(...all.map((one) => ({ municipality: code, one, paid: paid.get(one.arrangementNo) })))
        })
      }
      tell(world, listed, opened.rates, values.json === true)
      const waits = listed.some(({ one }) => isWaiting(one))
      return waits && (verb === undefined || verb === 'enter') ? EXIT.person : EXIT.done
    })
  },
}

async function actOn(
  tx: Tx,
  municipality: Municipality,
  verb: string,
  number: string | undefined,
  values: Values,
  act: PersonsAct,
  rates: RateReader,
): Promise<void> {
  const no =
    verb === 'enter'
      ? await enterArrangement(tx, municipality, newOne(values, rates), act)
      : numberOf(number, 'Say the number of the arrangement, as toek payee lists it.', HELP)
  if (verb === 'approve') await approveArrangement(tx, municipality, no, act)
  if (verb === 'end') {
    const end = { from: neededDay(values.from, 'from'), reason: needed(values.reason, 'reason'), ...act }
    await endArrangement(tx, municipality, no, end)
  }
  const command = `payee.${verb}`
  await recordAudit(tx, { municipality, at: act.at, actor: act.by, command, subject: `arrangement ${no}` })
}

function newOne(values: Values, rates: RateReader): NewArrangement {
  const beneficiary = partyOf(needed(values.beneficiary, 'beneficiary'), '--beneficiary')
  const from = neededDay(values.from, 'from')
  const to = values.to === undefined ? undefined : ((neededDay(values.to, 'to') + 1) as Day)
  const { account, benefit: key } = values
  if (account !== undefined && !/^\d{14}$/.test(account)) {
    throw new Refusal('usage', '--account is the registration number and the account in one, 14 digits.')
  }
  const benefit = key === undefined ? undefined : rates.book.benefits.find((one) => one.key === key)?.benefit
  if (key !== undefined && benefit === undefined) throw new Refusal('usage', `--benefit ${key} is not known.`)
  if (to !== undefined && to <= from) throw new Refusal('usage', '--to is before --from.')
  const kind = ARRANGEMENT_KINDS.find((one) => one === (values.kind ?? 'payee'))
  if (kind === undefined) throw new Refusal('usage', `--kind is one of ${ARRANGEMENT_KINDS.join(', ')}.`)
  const claim = values.claim === undefined ? undefined : Number(values.claim)
  if (claim !== undefined && !(Number.isSafeInteger(claim) && claim > 0)) {
    throw new Refusal('usage', '--claim is an amount in whole øre.')
  }
  return {
    kind,
    receivedOn: dayOption(values.received, 'received'),
    claim: claim as Ore | undefined,
    beneficiary,
    benefit,
    payee: values.payee === undefined ? beneficiary : partyOf(values.payee, 'payee'),
    account,
    from,
    to,
    reason: needed(values.reason, 'reason'),
    document: needed(values.document, 'document'),
  }
}

function needed(value: string | undefined, name: string): string {
  if (value === undefined || value.trim() === '') throw lacks(`--${name} is missing.`, HELP)
  return value.trim()
}

function neededDay(value: string | undefined, name: string): Day {
  return dayOption(needed(value, name), name) as Day
}

function partyOf(value: string, name: string): PartyRef {
  const [, type, id] = /^(cpr|cvr):(\d+)$/.exec(value) ?? []
  const good = type === 'cpr' ? cprProblem(id ?? '') === undefined : type === 'cvr' && cvrIsValid(id ?? '')
  if (!good) throw new Refusal('usage', `--${name} is cpr:NUMBER (ten digits) or cvr:NUMBER (eight digits).`)
  return { type: type as 'cpr' | 'cvr', id: id as string }
}

interface Listed {
  readonly municipality: Municipality
  readonly one: Arrangement
  /** To the holder of a claim whose amount is said. */
  readonly paid: Ore | undefined
}

function isWaiting(one: Arrangement): boolean {
  return one.approved === undefined && one.ended === undefined
}

function tell(world: World, listed: readonly Listed[], rates: RateReader, json: boolean): void {
  if (json) {
    const rows = listed.map(({ municipality, one, paid }) => ({
      municipality: municipalityText(municipality),
      arrangement: one.arrangementNo,
      kind: one.kind,
      received: one.receivedOn === undefined ? null : formatDay(one.receivedOn),
      claim_ore: one.claim ?? null,
      paid_ore: paid ?? null,
      benefit: benefitOf(one, rates)?.key ?? null,
      state: one.ended !== undefined ? 'ended' : isWaiting(one) ? 'waiting' : 'approved',
      from: formatDay(one.from),
      to: one.to === undefined ? null : formatDay((one.to - 1) as Day),
      ended_from: one.ended === undefined ? null : formatDay(one.ended.from),
      document: one.document,
      entered_by: one.entered.by,
      approved_by: one.approved?.by ?? null,
      text: arrangementText(one),
    }))
    world.out(`${JSON.stringify({ arrangements: rows })}\n`)
    return
  }
  if (listed.length === 0) world.out('Ingen modtageraftaler.\n')
  for (const { municipality, one, paid } of listed) {
    const place = municipalityText(municipality)
    const benefit = benefitOf(one, rates)?.nameDa ?? 'alle ydelser'
    world.out(`${place} aftale ${one.arrangementNo} (${benefit}): ${arrangementText(one)}\n`)
    if (one.claim !== undefined && paid !== undefined) {
      const left = Math.max(0, one.claim - paid) as Ore
      world.out(
        `  Betalt ${formatKroner(paid)} kr. af ${formatKroner(one.claim)} kr.; ${formatKroner(left)} kr. er tilbage.\n`,
      )
    }
    if (isWaiting(one)) {
      world.out(`  Venter. Godkend: toek payee approve ${one.arrangementNo} --municipality ${place}\n`)
    }
  }
}

function benefitOf(one: Arrangement, rates: RateReader) {
  return rates.book.benefits.find((row) => row.benefit === one.benefit)
}

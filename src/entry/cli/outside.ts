/** `toek outside`: what was paid elsewhere. One person registers it, another approves. @da betalt udenom */
import { danishDay } from '../../base/danish-time.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { publishEvents } from '../../modules/events/index.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { type Outside, readOutside } from '../../modules/payments/index.ts'
import { actOnPayments } from '../line/act-on-payments.ts'
import { actOutside, type OutsideAct } from '../line/outside.ts'
import { outsideJson, outsideState } from '../outside-json.ts'
import { dayOption, flag, lacks, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek outside: what was paid elsewhere, so that it is not paid from here too (betalt udenom)

  toek outside                            those of municipalities, and what became of them
  toek outside register SOURCE ORDER_KEY  one more: it counts when another person has approved it; until then what
                                          the order pays is held
  toek outside approve N                  approve it; never by who registered it
  toek outside end N                      it was registered in error; what is held for it is released by hand

  --municipality 0751[,…]    one, except for the list
  --amount AMOUNT_ORE        what was paid, in øre
  --paid-on YYYY-MM-DD       when
  --reference TEXT           what whoever paid it knows it by
  --document TEXT            the number of the document that it rests on
  --line LINE_KEY            it is a third party's line; default the payee's own money
  --reason TEXT              of end: why
  --by NAME                  who acts; default the account that runs the program
  --json

It ends what is due of the order when that is the same amount: due, held, returned, or in a run that is not released.
An order that has not come is waited for; one that pays another amount is held, and a task. Tax and cost are those of
the order. The money stands on the account Betalt udenom until the bank line of it shows: by the reference that was
registered (the bank's own, or an end-to-end id), or as «toek match» is told. What never shows stays there, with its age.
Exit: 0 done, or nothing waits; 3 something waits; 4 refused.
`

const OPTIONS = {
  municipality: text,
  amount: text,
  'paid-on': text,
  reference: text,
  document: text,
  line: text,
  reason: text,
  by: text,
  json: flag,
} as const

type Values = { readonly [K in Exclude<keyof typeof OPTIONS, 'json'>]?: string | undefined }

export const outsideVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, OPTIONS)
    const act = positionals.length === 0 ? undefined : actOf(positionals, values)
    return await withDatabase(world, 'loader', 'outside', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (act !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const who = { at: `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`, by: values.by ?? world.user }
        const line = lineFor(world, opened, connection)
        await actOnPayments(line, municipality, who.at, (tx) => actOutside(tx, opened.rates, municipality, act, who))
        await connection.transaction([municipality], (tx) => publishEvents(tx, [municipality]))
      }
      const today = danishDay(new Date(world.now()).toISOString())
      const listed: { municipality: Municipality; one: Outside }[] = []
      for (const code of municipalities) {
        const all = await connection.transaction([code], (tx) => readOutside(tx, code))
        listed.push(...all.map((one) => ({ municipality: code, one })))
      }
      world.out(
        values.json === true
          ? `${JSON.stringify({ outside: listed.map(({ municipality, one }) => outsideJson(municipality, one, today)) })}\n`
          : textOf(listed, today),
      )
      return listed.some(({ one }) => !one.settled && one.ended === undefined) ? EXIT.person : EXIT.done
    })
  },
}

function actOf([verb, ...rest]: readonly string[], values: Values): OutsideAct {
  if (verb === 'register' && rest.length === 2) {
    const source = SOURCE_SYSTEMS.find((one) => one === rest[0])
    const amount = Number(values.amount)
    const paidOn = dayOption(values['paid-on'], 'paid-on')
    const { reference, document } = values
    if (source === undefined) throw lacks(`An order is of ${SOURCE_SYSTEMS.join(', ')}, not of ${rest[0]}.`, HELP)
    if (paidOn === undefined || !reference?.trim() || !document?.trim())
      throw lacks('Say when it was paid and by what: --paid-on YYYY-MM-DD --reference TEXT --document TEXT.', HELP)
    if (!Number.isSafeInteger(amount) || amount <= 0)
      throw lacks('Say what was paid, in whole øre: --amount 125000.', HELP)
    const [orderKey, lineKey] = [rest[1] as string, values.line ?? '']
    const what = {
      source: SOURCE_SYSTEM_ID[source],
      orderKey,
      lineKey,
      amount: amount as Ore,
      paidOn,
      reference,
      document,
    }
    return { kind: 'register', what }
  }
  if ((verb !== 'approve' && verb !== 'end') || rest.length > 1)
    throw lacks('Say register SOURCE ORDER_KEY, approve N or end N; or nothing, for the list.', HELP)
  const no = numberOf(rest[0], `Say the number of what is to ${verb}, as toek outside lists it.`, HELP)
  if (verb === 'approve') return { kind: 'approve', no }
  if (values.reason === undefined) throw lacks('Say why it ends: --reason TEXT.', HELP)
  return { kind: 'end', no, reason: values.reason }
}

/** What has settled its order stands on the account until its bank line shows: how long is said. */
function stateText(one: Outside, today: Day): string {
  const state = outsideState(one)
  if (state !== 'settled') return STATE[state]
  if (one.bankRef !== undefined) return `${STATE.settled}, banklinje ${one.bankRef}`
  return `${STATE.settled}, ingen banklinje endnu, ${Math.max(0, today - one.paidOn)} dage`
}

const STATE = {
  settled: 'taget med',
  ended: 'opgivet',
  waiting: 'venter på en anden person',
  open: 'venter på en ordre, der betaler det beløb',
} as const

function textOf(listed: readonly { readonly municipality: Municipality; readonly one: Outside }[], today: Day): string {
  if (listed.length === 0) return 'Intet er betalt udenom.\n'
  return listed
    .map(({ municipality, one }) => {
      const what = `${SOURCE_SYSTEMS[one.source - 1]} ${one.orderKey}, ${formatKroner(one.amount)} kr. den ${formatDay(one.paidOn)}`
      const who = `registreret af ${one.by}${one.approvedBy === undefined ? '' : `, godkendt af ${one.approvedBy}`}`
      return `${municipalityText(municipality)} nr. ${one.outsideNo}: ${what} (${one.reference}), ${who}: ${stateText(one, today)}\n`
    })
    .join('')
}

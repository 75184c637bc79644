/** `toek close-returned`: what came back and nobody claims is closed by rule. One person proposes, another approves. */
import { danishDay } from '../../base/danish-time.ts'
import type { Connection } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { type Closing, type UnclaimedPart, unclaimedParts, waitingClosings } from '../../modules/payments/index.ts'
import { readLocalRules } from '../../modules/rates/index.ts'
import { actOnPayments } from '../line/act-on-payments.ts'
import { approveReturnClosing, proposeReturnClosing } from '../line/close-returns.ts'
import { closingJson, unclaimedJson } from '../returned-json.ts'
import { closingText, unclaimedText } from '../text/index.ts'
import { dayOption, flag, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, municipalityOf, withDatabase, type World } from './world.ts'

const HELP = `toek close-returned: close payments that came back and that nobody claims (uafhentede betalinger)

  toek close-returned                what the municipality's rules cover, and closings that wait
  toek close-returned --propose      propose all of it
  toek close-returned --approve N --total ORE
                                     book closing N, by the total that was shown; never by who proposed it

  --municipality 0751[,0101…]|all    to approve: one
  --on YYYY-MM-DD            reckon their age on this day; of an approval: when it is booked. Default today
  --by NAME                  who acts; default the account that runs the program
  --json

The rules are records "unclaimed" of fact files (toek rules): after so many months it is income of the municipality, the
citizen's claim on it, or time-barred. Whoever claims it later is paid again with toek pay-again, unless it is time-barred.
Left out is what may have been paid, what is corrected since, and what its payee was asked about and may still answer.
Exit: 0 nothing, or approved; 3 something can be closed or waits for a second person; 4 refused.
`

export const closeReturnedVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(
      args,
      { municipality: text, propose: flag, approve: text, total: text, on: text, by: text, json: flag },
      false,
    )
    const now = new Date(world.now()).toISOString()
    const on = dayOption(values.on, 'on') ?? danishDay(now)
    return await withDatabase(world, 'loader', 'close-returned', async (opened, connection) => {
      const act = { at: now, by: values.by ?? world.user }
      const line = lineFor(world, opened, connection)
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (values.approve !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const closingNo = numberOf(values.approve, '--approve is the number of a closing that waits.', HELP)
        const total = numberOf(values.total, 'Say the total that was shown, in whole øre: --total 125000.', HELP)
        const parts = await actOnPayments(line, municipality, now, (tx) =>
          approveReturnClosing(tx, opened.rates, { municipality, closingNo, total, on, ...act }),
        )
        world.out(values.json === true ? `${JSON.stringify({ closed: parts })}\n` : `Lukket: ${parts} poster.\n`)
        return EXIT.done
      }
      if (values.propose === true) {
        for (const municipality of municipalities) {
          if ((await shownOf(connection, municipality, on)).parts.length === 0) continue
          await actOnPayments(line, municipality, now, (tx) =>
            proposeReturnClosing(tx, { municipality, asOf: on, ...act }),
          )
        }
      }
      const shown: Shown[] = []
      for (const municipality of municipalities) shown.push(await shownOf(connection, municipality, on))
      tell(world, values.json === true, shown)
      return shown.some((one) => one.parts.length + one.waiting.length > 0) ? EXIT.person : EXIT.done
    })
  },
}

interface Shown {
  readonly municipality: Municipality
  readonly parts: readonly UnclaimedPart[]
  readonly waiting: readonly Closing[]
}

async function shownOf(connection: Connection, municipality: Municipality, on: Day): Promise<Shown> {
  return await connection.transaction([municipality], async (tx) => ({
    municipality,
    parts: await unclaimedParts(tx, municipality, await readLocalRules(tx, municipality), on),
    waiting: await waitingClosings(tx, municipality),
  }))
}

function tell(world: World, json: boolean, shown: readonly Shown[]): void {
  if (json) {
    const unclaimed = shown.flatMap(({ municipality, parts }) => parts.map((part) => unclaimedJson(municipality, part)))
    const closings = shown.flatMap(({ waiting }) => waiting.map(closingJson))
    world.out(`${JSON.stringify({ unclaimed, closings })}\n`)
    return
  }
  for (const { municipality, parts, waiting } of shown) {
    for (const part of parts) world.out(`${unclaimedText(municipality, part)}\n`)
    for (const one of waiting) world.out(`${closingText(one)}\n`)
  }
  if (shown.every((one) => one.parts.length + one.waiting.length === 0)) world.out('Intet at lukke.\n')
}

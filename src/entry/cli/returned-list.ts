/** `toek returned`: payments that came back, the oldest first, with what to do about each. */
import { readOpenReturns } from '../../modules/overview/index.ts'
import { formatKroner } from '../../base/money.ts'
import { agesJson, openReturnJson } from '../returned-json.ts'
import { returnedDay } from '../returned-day.ts'
import { AGE, openReturnText } from '../text/index.ts'
import { dayOption, flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, withDatabase } from './world.ts'

/** Listed at most; the rest is counted. */
const MOST_LISTED = 1000

const HELP = `toek returned: payments that came back and have not ended, the oldest first

  --municipality 0751[,0101…]|all
  --on YYYY-MM-DD            reckon their age on this day; default today, in the demo the end of its last month, as toek work
  --json

Each with its cause, its age since the first attempt came back, and what to do; «toek pay-again» pays one again.
Exit: 0 none, 3 some wait for a person.
`

export const returnedVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { municipality: text, on: text, json: flag }, false)
    return await withDatabase(world, 'reader', 'returned', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      const now = new Date(world.now()).toISOString()
      const { asOf, total, ages, listed } = await connection.transaction(municipalities, async (tx) => {
        const on = dayOption(values.on, 'on') ?? (await returnedDay(tx, municipalities, opened.mode, now))
        return { asOf: on, ...(await readOpenReturns(tx, municipalities, on, MOST_LISTED)) }
      })
      if (values.json === true)
        world.out(`${JSON.stringify({ total, ages: agesJson(ages), payments: listed.map(openReturnJson) })}\n`)
      else {
        for (const one of listed) world.out(`${openReturnText(one, asOf)}\n`)
        for (const { band, payments, amount } of ages) {
          world.out(`  ${AGE[band]}: ${payments}, ${formatKroner(amount)} kr.\n`)
        }
        world.out(total === 0 ? 'Ingen returnerede betalinger.\n' : `I alt ${total}.\n`)
      }
      return listed.some((one) => one.againOn === undefined) ? EXIT.person : EXIT.done
    })
  },
}

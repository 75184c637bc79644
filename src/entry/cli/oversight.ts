/** `toek oversight`: a month's sample of payments is drawn, looked at and signed. @da ledelsestilsyn */
import { Refusal } from '../../base/refusal.ts'
import {
  drawOversight,
  markOversight,
  type Oversight,
  type OversightAct,
  readOversight,
  signOversight,
} from '../../modules/overview/index.ts'
import { paymentNamed } from '../line/act-on-payments.ts'
import { oversightJson, oversightText } from '../text/index.ts'
import { flag, lacks, monthOption, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek oversight: the monthly sample of payments that somebody looks at who approved none of them (ledelsestilsyn)

  toek oversight draw --month 2026-03     draw it: once, when every run of the month is released; nobody chooses which
  toek oversight show --month 2026-03     what is drawn and what was found, to be printed
  toek oversight mark PAYMENT --month …   looked at (0751R3N17), and in order; or with --remark TEXT
  toek oversight sign --month 2026-03     sign it, when all of it has been looked at; after that nothing is changed

  --municipality 0751
  --by NAME                  who; never one who assembled or approved a run of the sample; default the account that
                             runs the program
  --json

Exit: 0 done, 3 shown and something is not looked at or not signed, 4 refused.
`

export const oversightVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const named = { month: text, municipality: text, by: text, remark: text, json: flag }
    const { values, positionals } = optionsOf(args, named)
    const [verb, name] = positionals
    if (!['draw', 'show', 'mark', 'sign'].includes(verb ?? '')) throw lacks('Say draw, show, mark or sign.', HELP)
    const month = monthOption(values.month, HELP)
    if ((verb === 'mark') !== (name !== undefined))
      throw lacks('A payment, such as 0751R3N17, is named to be marked, and only then.', HELP)
    return await withDatabase(world, 'loader', 'oversight', async (opened, connection) => {
      const municipality = municipalityOf(values.municipality ?? name?.slice(0, 4), opened.rates)
      const act = { municipality, month, at: new Date(world.now()).toISOString(), by: values.by ?? world.user }
      const made = await connection.inTurn(municipality, async (tx): Promise<Oversight> => {
        if (verb === 'draw') return await drawOversight(tx, act)
        if (verb === 'sign') return await signOversight(tx, act)
        if (verb === 'mark') return await markOversight(tx, act, paymentNamed(name ?? '').payment, values.remark)
        return (await readOversight(tx, municipality, month)) ?? notDrawn(act, values.month ?? '')
      })
      world.out(values.json === true ? `${JSON.stringify(oversightJson(made))}\n` : oversightText(made))
      return verb === 'show' && made.signedBy === undefined ? EXIT.person : EXIT.done
    })
  },
}

function notDrawn(_: OversightAct, month: string): never {
  throw new Refusal('oversight_not_drawn', `No sample of ${month} is drawn here yet: «toek oversight draw».`)
}

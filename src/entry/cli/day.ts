/** `toek day`: payments, bank and ERP of a day beside each other, and its approval. @da dagsafstemning */
import { approveDay, matchDay, objectionsTo } from '../../modules/reconciliation/index.ts'
import { dayJson, dayText } from '../text/index.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalityOf, withDatabase } from './world.ts'

const HELP = `toek day: what was paid on a day, what rail, bank and ERP say of it, and its approval (dagsafstemning)

  --municipality 0751
  --date 2026-03-31          the day, with the days before it that are not approved
  --approve                  approve it, and all days before it: nothing more is posted on them
  --view DIGITS              the view that was shown; needed with --approve
  --by NAME                  who approves; default the account that runs the program. Never one who has said by hand
                             what a bank line of these days is
  --json

It cannot be approved before it is over, nor while an øre is unexplained, a finding stands, or something due waits.
An approval is not taken back: what was wrong is corrected on the next open day.
Exit: 0 approved, 1 something is unexplained, 3 it waits for its approval, 4 refused.
`

export const dayVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const options = { date: text, municipality: text, approve: flag, view: text, by: text, json: flag }
    const { values } = optionsOf(args, options, false)
    const day = dayOption(values.date, 'date')
    if (day === undefined) throw lacks('Say which day: --date 2026-03-31.', HELP)
    return await withDatabase(world, 'loader', 'day', async (opened, connection) => {
      const municipality = municipalityOf(values.municipality, opened.rates)
      const { accounts } = opened.rates.book
      const act = { municipality, day, view: values.view, at: new Date(world.now()).toISOString() }
      const match =
        values.approve === true
          ? await connection.inTurn(municipality, (tx) =>
              approveDay(tx, { ...act, by: values.by ?? world.user }, accounts),
            )
          : await connection.transaction([municipality], (tx) => matchDay(tx, municipality, day, accounts))
      world.out(values.json === true ? `${JSON.stringify(dayJson(match))}\n` : dayText(match))
      if (match.approved !== undefined) return EXIT.done
      return objectionsTo(match).length > 0 ? EXIT.wrong : EXIT.person
    })
  },
}

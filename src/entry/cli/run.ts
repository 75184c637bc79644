/** `toek run`: the line for what is loaded, and its closing table. */
import { closingTable } from './closing-table.ts'
import { flag, lacks, optionsOf, text, timeOf } from './options.ts'
import { type Outcome, runVerb } from './run-month.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, openDatabase } from './world.ts'

const RUN_HELP = `toek run: run a month, from what is loaded to reconciled

  --month YYYY-MM
  --municipality 0751[,0101…]|all
  --in DIR                   first import the files that lie there
  --by NAME                  who plans the payment runs, outside demo; default the account that runs the program
  --at TIME                  what time it is, such as 2026-03-30T14:30: cut-offs are judged by it
  --json                     one object instead of the closing table

Exit: 0 explained and agreed, 1 something does not agree, 2 some orders refused, 3 something waits for a person to approve it, 4 refused.
`

export const run: Verb = {
  help: RUN_HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { month: text, municipality: text, in: text, by: text, at: text, json: flag })
    if (values.month === undefined) throw lacks('Say which month: --month 2026-03.', RUN_HELP)
    const json = values.json === true
    const opened = await openDatabase(world, (line) => json || world.err.write(`${line}\n`))
    try {
      const closing = await runVerb(world, opened, {
        month: values.month,
        municipalities: municipalitiesOf(values.municipality, opened.rates),
        in: values.in,
        json,
        by: values.by,
        at: timeOf(values.at),
      })
      world.out(json ? `${JSON.stringify(closing)}\n` : closingTable(closing))
      return exitOf(closing)
    } finally {
      await opened.close()
    }
  },
}

function exitOf(closing: Outcome): number {
  if (closing.unexplained_ore !== 0 || closing.findings.length > 0) return EXIT.wrong
  // What waits for a person is neither sent nor told, and cannot agree yet with anybody's books.
  if (!closing.released) return EXIT.person
  if (!closing.compared.every((one) => one.agrees)) return EXIT.wrong
  return closing.partly ? EXIT.partly : EXIT.done
}

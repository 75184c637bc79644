/** `toek resend`: a payment file that the rail refused whole goes again, as a person says. @da genfremsendt fil */
import { fileOfId } from '../../modules/payments/index.ts'
import { sendAgain } from '../line/send-again.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, withDatabase } from './world.ts'

const HELP = `toek resend RUN: send the file of a payment run again that the rail refused whole (afvist fil)

  RUN                        as it stands in the work item, for example 0751R3
  --reason TEXT              what was mended, or what the rail said
  --by NAME                  who; default the account that runs the program
  --json

Only a file whose newest attempt was refused, and of which nothing was answered, goes again: its payments keep their
ids, and the file its own or a new one, as the rail wants it. A technical fault goes again by itself.
Exit: 0 sent, 4 refused.
`

export const resendVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { reason: text, by: text, json: flag })
    const named = fileOfId(positionals[0] ?? '')
    const reason = values.reason?.trim() ?? ''
    if (named === undefined) throw lacks('Say the payment run whose file was refused, such as 0751R3.', HELP)
    if (reason === '') throw lacks('Say what was mended, or what the rail said: --reason TEXT.', HELP)
    const { municipality, runNo } = named
    return await withDatabase(world, 'loader', 'resend', async (opened, connection) => {
      const at = `${new Date(world.now()).toISOString().slice(0, 19)}+00:00`
      const by = values.by ?? world.user
      const line = lineFor(world, opened, connection)
      const files = await sendAgain(line, municipality, at, { runNo, at, by, reason })
      world.out(values.json === true ? `${JSON.stringify({ sent: files })}\n` : `Sendt igen: ${files.join(', ')}\n`)
      return EXIT.done
    })
  },
}

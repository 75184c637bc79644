/** `toek letter`: the payee of what came back is asked for an account. @da bedt om konto */
import { notPassed, paymentNamed } from '../line/act-on-payments.ts'
import { askAccount } from '../line/ask-account.ts'
import { askedJson } from '../returned-json.ts'
import { askedAccountText } from '../text/index.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, withDatabase } from './world.ts'

const HELP = `toek letter PAYMENT: ask the payee of a payment that came back for an account, such as 0751R3N17

  --answer-by YYYY-MM-DD     until when the answer is waited for; default three weeks from now
  --by NAME                  who asks; default the account that runs the program
  --json

Written to out/letter: the letter as page and PDF/UA, and an envelope for Digital Post (MeMo) with the payee's number. It is
published only when page and PDF pass the accessibility gate: else each fault is told with its place. While the answer
is waited for, the same letter is written again and no other; after its last day a new one.
Exit: 0 written, 4 refused.
`

export const letterVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { 'answer-by': text, by: text, json: flag })
    const [name] = positionals
    if (name === undefined || positionals.length > 1) throw lacks('Say one payment that came back: 0751R3N17.', HELP)
    const answerBy = dayOption(values['answer-by'], 'answer-by')
    const { municipality, payment } = paymentNamed(name)
    const act = { at: new Date(world.now()).toISOString(), by: values.by ?? world.user }
    return await withDatabase(world, 'loader', 'letter', async (opened, connection) => {
      notPassed(opened.mode, answerBy, act.at)
      const line = lineFor(world, opened, connection)
      const asked = await askAccount(line, { municipality, payment, answerBy, ...act })
      world.out(values.json === true ? `${JSON.stringify(askedJson(asked))}\n` : askedAccountText(asked))
      return EXIT.done
    })
  },
}

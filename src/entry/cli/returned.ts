/** `toek pay-again` and `toek repay-failed`: what came back is paid again, once. @da genudbetaling */
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { actOnPayments, notPassed, paymentNamed } from '../line/act-on-payments.ts'
import { type PaidAgain, payAgain, type PayingAgain, repayFailed } from '../line/pay-again.ts'
import type { Line } from '../line/line.ts'
import { paidAgainJson } from '../returned-json.ts'
import { paidAgainText } from '../text/index.ts'
import { dayOption, flag, lacks, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, withDatabase, type World } from './world.ts'

const OPTIONS_HELP = `  --reason TEXT              why; always needed
  --on YYYY-MM-DD            not before this day; default two bank days from now (in the demo, whose months lie behind the
                             clock, a day that has passed)
  --account-named YYYY-MM-DD the day on which the payee named a new account to NemKonto: it counts five bank days later
  --by NAME                  who orders it; default the account that runs the program
  --json

A second attempt on the same payment: nothing is told to the tax authority again. The next run pays it, to whom the order
and a payee arrangement (toek payee) then say, and another person approves that run.
`

const AGAIN_HELP = `toek pay-again PAYMENT: pay again what came back, such as 0751R3N17

${OPTIONS_HELP}Refused: what is not back yet, what is on the state's waiting account, what may have been paid after all, and a second time.
Exit: 0 ordered, 4 refused.
`

const FAILED_HELP = `toek repay-failed RUN: pay again every payment of a run that came back, such as those of 0751R3, and only those

${OPTIONS_HELP}What is not to be paid again is listed with the reason and stops nothing else. A second time finds nothing.
Exit: 0 ordered, or nothing to pay again; 3 some of it waits for somebody; 4 refused.
`

export const payAgainVerb: Verb = {
  help: AGAIN_HELP,
  run: (world, args) =>
    ordering(
      world,
      args,
      { help: AGAIN_HELP, verb: 'pay-again', named: 'a payment, such as 0751R3N17' },
      (name, line, act) => {
        const { municipality, payment } = paymentNamed(name)
        return actOnPayments(line, municipality, act.at, async (tx) => ({
          municipality,
          made: await payAgain(tx, line.rates, payment, { ...act, municipality }),
        }))
      },
    ),
}

export const repayFailedVerb: Verb = {
  help: FAILED_HELP,
  run: (world, args) =>
    ordering(
      world,
      args,
      { help: FAILED_HELP, verb: 'repay-failed', named: 'a run, such as 0751R3' },
      (name, line, act) => {
        const [, code, run] = /^(\d{4})R(\d{1,7})$/.exec(name) ?? []
        if (code === undefined) throw new Refusal('unknown_run', `${name} is no name of a run; one is 0751R3.`)
        const municipality = Number(code)
        return actOnPayments(line, municipality, act.at, async (tx) => ({
          municipality,
          made: await repayFailed(tx, line.rates, Number(run), { ...act, municipality }),
        }))
      },
    ),
}

type Act = Omit<PayingAgain, 'municipality'>

async function ordering(
  world: World,
  args: readonly string[],
  { help, verb, named }: { readonly help: string; readonly verb: string; readonly named: string },
  work: (name: string, line: Line, act: Act) => Promise<{ municipality: Municipality; made: PaidAgain }>,
): Promise<number> {
  const { values, positionals } = optionsOf(args, {
    reason: text,
    on: text,
    'account-named': text,
    by: text,
    json: flag,
  })
  const [name] = positionals
  if (name === undefined || positionals.length > 1) throw lacks(`Say what came back: ${named}.`, help)
  if (values.reason === undefined) throw lacks('Say why: --reason TEXT.', help)
  const act = {
    reason: values.reason,
    on: dayOption(values.on, 'on'),
    accountNamed: dayOption(values['account-named'], 'account-named'),
    by: values.by ?? world.user,
    at: new Date(world.now()).toISOString(),
  }
  return await withDatabase(world, 'loader', verb, async (opened, connection) => {
    notPassed(opened.mode, act.on, act.at)
    const line = lineFor(world, opened, connection)
    const { municipality, made } = await work(name, line, act)
    world.out(
      values.json === true
        ? `${JSON.stringify(paidAgainJson(municipality, made))}\n`
        : paidAgainText(municipality, made),
    )
    return made.left.length > 0 ? EXIT.person : EXIT.done
  })
}

/** The verbs of the command line. One table: name, help, what it does. Exit codes as in world.ts. */
import { generateHelp, generateMonth } from '../../adapters/source-systems/generator/index.ts'
import { Refusal } from '../../base/refusal.ts'
import { approveVerb } from './approve.ts'
import { closeReturnedVerb } from './close-returned.ts'
import { closingTable } from './closing-table.ts'
import { decideVerb } from './decide.ts'
import { holdVerb } from './hold.ts'
import { importVerb } from './import.ts'
import { letterVerb } from './letter.ts'
import { lawVerb } from './law.ts'
import { gateVerb } from './gate.ts'
import { matchVerb } from './match.ts'
import { inWords } from './in-words.ts'
import { flag, optionsOf, text } from './options.ts'
import { type Outcome, runVerb } from './run-month.ts'
import { overpaidVerb } from './overpaid.ts'
import { payeeVerb } from './payee.ts'
import { quarantineVerb } from './quarantine.ts'
import { resendVerb } from './resend.ts'
import { payAgainVerb, repayFailedVerb } from './returned.ts'
import { returnedVerb } from './returned-list.ts'
import { policyVerb } from './policy.ts'
import { rulesVerb } from './rules.ts'
import { smallAmountsVerb } from './small-amounts.ts'
import { switchVerb } from './switch.ts'
import { simulateVerb } from './simulate.ts'
import { startVerb } from './start.ts'
import { exchangeVerb } from './exchange.ts'
import { explainVerb } from './explain.ts'
import { verifyVerb } from './verify.ts'
import { whatIfVerb } from './what-if.ts'
import { yearEndVerb } from './year-end.ts'
import { workVerb } from './work.ts'
import { EXIT, municipalitiesOf, openDatabase, reporter, type World } from './world.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'

export interface Verb {
  readonly help: string
  run(world: World, args: readonly string[]): Promise<number>
}

const generate: Verb = {
  help: generateHelp,
  async run(world, args) {
    const { values } = optionsOf(args, {
      month: text,
      municipality: text,
      scale: text,
      orders: text,
      seed: text,
      out: text,
      gzip: flag,
      json: flag,
    })
    if (values.month === undefined || values.out === undefined) throw new Refusal('usage', generateHelp)
    const rates = lookup(builtInRateBook())
    const municipalities = values.municipality === 'all' ? 'all' : municipalitiesOf(values.municipality, rates)
    const show = reporter(world, values.json === true)
    let stage = false
    const files = await generateMonth({
      month: values.month,
      municipalities,
      scale: Number(values.scale ?? 1),
      seed: Number(values.seed ?? 42),
      out: values.out,
      ...(values.orders === undefined ? {} : { orders: Number(values.orders) }),
      gzip: values.gzip === true,
      onProgress: (_file, done, of) => {
        if (!stage) show.stage('generering', of)
        stage = true
        show.done(done)
      },
    })
    show.end()
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const count = files.reduce((sum, file) => sum + file.count, 0)
    if (values.json === true)
      world.out(`${JSON.stringify({ files: files.length, records: count, bytes, out: values.out })}\n`)
    else world.out(`${files.length} files, ${count} records, ${Math.round(bytes / 1e6)} MB in ${values.out}\n`)
    return EXIT.done
  },
}

const RUN_HELP = `toek run: run a month, from what is loaded to reconciled

  --month YYYY-MM
  --municipality 0751[,0101…]|all
  --in DIR                   first import the files that lie there
  --by NAME                  who plans the payment runs, outside demo; default the account that runs the program
  --json                     one object instead of the closing table

Exit: 0 explained and agreed, 1 something does not agree, 2 some orders refused, 3 something waits for a person to approve it, 4 refused.
`

const run: Verb = {
  help: RUN_HELP,
  async run(world, args) {
    const { values } = optionsOf(args, { month: text, municipality: text, in: text, by: text, json: flag })
    if (values.month === undefined) throw new Refusal('usage', RUN_HELP)
    const json = values.json === true
    const opened = await openDatabase(world, (line) => json || world.err.write(`${line}\n`))
    try {
      const closing = await runVerb(world, opened, {
        month: values.month,
        municipalities: municipalitiesOf(values.municipality, opened.rates),
        in: values.in,
        json,
        by: values.by,
      })
      world.out(json ? `${JSON.stringify(closing)}\n` : closingTable(closing))
      return exitOf(closing)
    } finally {
      await opened.close()
    }
  },
}

export function exitOf(closing: Outcome): number {
  if (closing.unexplained_ore !== 0 || closing.findings.length > 0) return EXIT.wrong
  // What waits for a person is neither sent nor told, and cannot agree yet with anybody's books.
  if (!closing.released) return EXIT.person
  return closing.compared.every((one) => one.agrees) ? EXIT.done : EXIT.wrong
}

/** Faults of disk and database end in a sentence, whatever the verb was. */
function inSentences(verb: Verb): Verb {
  return {
    help: verb.help,
    run: (world, args) =>
      verb.run(world, args).catch((error: unknown) => {
        throw inWords(error)
      }),
  }
}

export const VERBS: Readonly<Record<string, Verb>> = {
  start: inSentences(startVerb),
  generate: inSentences(generate),
  import: inSentences(importVerb),
  run: inSentences(run),
  approve: inSentences(approveVerb),
  gate: inSentences(gateVerb),
  switch: inSentences(switchVerb),
  verify: inSentences(verifyVerb),
  hold: inSentences(holdVerb),
  explain: inSentences(explainVerb),
  simulate: inSentences(simulateVerb),
  whatif: inSentences(whatIfVerb),
  law: inSentences(lawVerb),
  overpaid: inSentences(overpaidVerb),
  decide: inSentences(decideVerb),
  payee: inSentences(payeeVerb),
  'pay-again': inSentences(payAgainVerb),
  'repay-failed': inSentences(repayFailedVerb),
  returned: inSentences(returnedVerb),
  letter: inSentences(letterVerb),
  'close-returned': inSentences(closeReturnedVerb),
  work: inSentences(workVerb),
  match: inSentences(matchVerb),
  quarantine: inSentences(quarantineVerb),
  'small-amounts': inSentences(smallAmountsVerb),
  'year-end': inSentences(yearEndVerb),
  rules: inSentences(rulesVerb),
  resend: inSentences(resendVerb),
  exchange: inSentences(exchangeVerb),
  policy: inSentences(policyVerb),
}

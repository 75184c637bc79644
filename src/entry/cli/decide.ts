/** `toek decide`: what becomes of what was overpaid. One person proposes, another approves. @da indstilling */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { danishDay } from '../../base/danish-time.ts'
import type { Connection } from '../../base/db.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { type Proposal, proposeOutcome, waitingProposals } from '../../modules/items/index.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { bookOutcome } from '../line/book-outcome.ts'
import { matchOutcomes, type Outcome, readOutcomes } from './outcome-file.ts'
import { dayOption, flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, municipalitiesOf, municipalityOf, withDatabase, type World } from './world.ts'

const HELP = `toek decide: decide what becomes of what was overpaid, other than to claim it back by the source's order

  FILE                       propose: one decision a line, {"municipality","source_system","order_key","line_key"?,
                             "amount_ore"?,"outcome","instalments"?,"decision"?:{"key","date"},"reason"}
                             not_repayable    it is kept: cost, tax and income stay; more of the same is paid beyond it
                             adjust           taken in "instalments" coming payments of the same benefit
                             technical_error  paid by an error of TØK: claimed back, without "decision"
  --municipality 0751[,…]|all   without a file: the proposals that wait
  --proposal N --total ORE   approve one of a municipality, by the total that was shown; never by who proposed it
  --date YYYY-MM-DD          when it is booked; default today
  --by NAME                  who acts; default the account that runs the program
  --json

Nothing of a file is proposed when a line of it is wrong: each fault is told with its line.
Exit: 0 approved or nothing waits, 3 a proposal waits for a second person, 4 refused.
`

export const decideVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, {
      municipality: text,
      proposal: text,
      total: text,
      date: text,
      by: text,
      json: flag,
    })
    const [path] = positionals
    if (path !== undefined && !existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
    return await withDatabase(world, 'loader', 'decide', async (opened, connection) => {
      const now = new Date(world.now()).toISOString()
      const act = { at: now, by: values.by ?? world.user }
      if (path !== undefined) {
        const bytes = await readFile(path)
        const outcomes = readOutcomes(bytes.toString('utf8'), opened.rates.known.municipalities)
        return tell(world, values.json === true, await propose(connection, opened.rates, bytes, outcomes, act))
      }
      const municipalities = municipalitiesOf(values.municipality, opened.rates)
      if (values.proposal !== undefined && values.total !== undefined) {
        const municipality = municipalityOf(values.municipality, opened.rates)
        const line = lineFor(world, opened, connection)
        const [proposalNo, total] = [Number(values.proposal), Number(values.total)]
        const date = dayOption(values.date, 'date') ?? danishDay(now)
        const items = await bookOutcome(line, municipality, { proposalNo, total, day: date, ...act })
        world.out(
          values.json === true
            ? `${JSON.stringify({ approved: proposalNo, items })}\n`
            : `Godkendt: ${items} poster.\n`,
        )
        return EXIT.done
      }
      const waiting: Proposal[] = []
      for (const one of municipalities) {
        waiting.push(...(await connection.transaction([one], (tx) => waitingProposals(tx, one))))
      }
      return tell(world, values.json === true, waiting)
    })
  },
}

async function propose(
  connection: Connection,
  rates: RateReader,
  bytes: Uint8Array,
  outcomes: readonly Outcome[],
  act: { readonly at: string; readonly by: string },
): Promise<Proposal[]> {
  const sha256 = createHash('sha256').update(bytes).digest()
  const byMunicipality = Map.groupBy(outcomes, (one) => one.municipality)
  const municipalities = [...byMunicipality.keys()].sort((a, b) => a - b)
  return await connection.transaction(municipalities, async (tx) => {
    const made: Proposal[] = []
    for (const municipality of municipalities) {
      await lockMunicipality(tx, municipality)
      const lots = await matchOutcomes(tx, municipality, byMunicipality.get(municipality) ?? [], rates)
      const proposal = await proposeOutcome(tx, municipality, sha256, lots, act)
      const { proposalNo, amount } = proposal
      await recordAudit(tx, {
        municipality,
        at: act.at,
        actor: act.by,
        command: 'outcome.propose',
        subject: `proposal ${proposalNo}`,
        detail: { amount_ore: amount },
      })
      made.push(proposal)
    }
    return made
  })
}

function tell(world: World, json: boolean, proposals: readonly Proposal[]): number {
  if (json) {
    const rows = proposals.map(({ municipality, proposalNo, lots, amount, by }) => {
      return { municipality: municipalityText(municipality), proposal: proposalNo, items: lots, amount_ore: amount, by }
    })
    world.out(`${JSON.stringify({ proposals: rows })}\n`)
  } else if (proposals.length === 0) world.out('Ingen indstillinger venter.\n')
  for (const one of json ? [] : proposals) {
    const place = municipalityText(one.municipality)
    world.out(
      `${place} indstilling ${one.proposalNo}: ${one.lots} poster, ${formatKroner(one.amount)} kr., af ${one.by}\n`,
    )
    world.out(`  Godkend: toek decide --municipality ${place} --proposal ${one.proposalNo} --total ${one.amount}\n`)
  }
  return proposals.length === 0 ? EXIT.done : EXIT.person
}

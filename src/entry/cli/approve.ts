/** `toek approve`: a second person approves the payment runs of a month, having seen their totals. @da godkendelse */
import { connect, type Db, type Tx } from '../../base/db.ts'
import { formatDay, type Period, parseMonth } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudits } from '../../modules/access/index.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import { approveRuns, fileIdOf, type PaymentRun, readRuns } from '../../modules/payments/index.ts'
import { monthClock } from '../line/clock.ts'
import { flag, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, municipalitiesOf, openDatabase, whoAmI } from './world.ts'

const HELP = `toek approve: show the payment runs of a month that wait for approval, or approve them

  --month YYYY-MM
  --municipality 0751[,0101…]|all
  --run 0751R3[,0751R4…]     only these runs; default every one that waits
  --total AMOUNT_ORE         approve them: the total that was shown, in øre; another total is refused
  --by NAME                  who approves; default the account that runs the program. Never who planned the run
  --json

What is approved is released and sent by the next \`toek run\`.
Exit: 0 approved or nothing waits, 3 something waits, 4 refused.
`

export const approveVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values } = optionsOf(
      args,
      {
        month: text,
        municipality: text,
        run: text,
        total: text,
        by: text,
        json: flag,
      },
      false,
    )
    const month = parseMonth(values.month ?? '')
    const total = values.total === undefined ? undefined : Number(values.total)
    if (month === undefined || (total !== undefined && !Number.isSafeInteger(total))) throw new Refusal('usage', HELP)
    const opened = await openDatabase(world, () => undefined)
    const connection = await connect(opened.url, 'loader', whoAmI(world, 'approve'))
    try {
      const municipalities = municipalitiesOf(values.municipality, opened.rates).sort((a, b) => a - b)
      const chosen = values.run?.split(',')
      const by = values.by ?? world.user
      const runs = await connection.transaction(municipalities, async (tx) => {
        for (const municipality of municipalities) await lockMunicipality(tx, municipality)
        const waiting = await waitingRuns(tx, municipalities, month, chosen)
        if (total !== undefined) await approve(tx, waiting, month, { total, by, now: new Date(world.now()) })
        return waiting
      })
      const approved = total !== undefined
      world.out(values.json === true ? asJson(runs, approved) : asText(runs, approved))
      return approved || runs.length === 0 ? EXIT.done : EXIT.person
    } finally {
      await connection.close()
      await opened.close()
    }
  },
}

/** Runs of the month that are assembled and not approved. @throws Refusal for a named run that does not wait. */
async function waitingRuns(
  db: Db,
  municipalities: readonly Municipality[],
  month: Period,
  chosen: readonly string[] | undefined,
): Promise<PaymentRun[]> {
  const waiting: PaymentRun[] = []
  for (const municipality of municipalities) {
    const runs = await readRuns(db, municipality)
    const due = runs.filter((run) => run.dispositionDate < month.to && run.payments > 0)
    waiting.push(...due.filter((run) => !run.steps.includes('approved')))
  }
  if (chosen === undefined) return waiting
  const known = new Set(waiting.map(nameOf))
  const stray = chosen.find((name) => !known.has(name))
  if (stray !== undefined) throw new Refusal('run_not_waiting', `${stray} does not wait for approval here.`)
  return waiting.filter((run) => chosen.includes(nameOf(run)))
}

async function approve(
  tx: Tx,
  runs: readonly PaymentRun[],
  month: Period,
  act: { readonly total: number; readonly by: string; readonly now: Date },
): Promise<void> {
  const sum = totalOf(runs)
  if (sum !== act.total) {
    const is = `The runs that wait are ${formatKroner(sum)} kr. in all, not ${formatKroner(act.total)}.`
    throw new Refusal('stale_total', `${is} Look at them again, then approve.`)
  }
  const clock = monthClock(month)
  for (const municipality of new Set(runs.map((run) => run.municipality))) {
    const own = runs.filter((run) => run.municipality === municipality)
    const acts = own.map((run) => ({ run, at: clock.approved(run.dispositionDate), by: act.by, total: run.amount }))
    await approveRuns(tx, municipality, acts)
    await recordAudits(
      tx,
      own.map((run) => ({
        municipality,
        at: act.now.toISOString(),
        actor: act.by,
        command: 'run.approve',
        subject: nameOf(run),
        detail: { payments: run.payments, amount_ore: run.amount },
      })),
    )
  }
}

function nameOf(run: PaymentRun): string {
  return fileIdOf(run.municipality, run.runNo)
}

function totalOf(runs: readonly PaymentRun[]): number {
  return runs.reduce((sum, run) => sum + run.amount, 0)
}

function asJson(runs: readonly PaymentRun[], approved: boolean): string {
  const rows = runs.map((run) => ({
    run: nameOf(run),
    municipality: municipalityText(run.municipality),
    disposition_date: formatDay(run.dispositionDate),
    payments: run.payments,
    amount_ore: run.amount,
  }))
  return `${JSON.stringify({ approved, total_ore: totalOf(runs), runs: rows })}\n`
}

function asText(runs: readonly PaymentRun[], approved: boolean): string {
  if (runs.length === 0) return 'Ingen udbetalingskørsler venter på godkendelse.\n'
  const lines = runs.map(
    (run) =>
      `${nameOf(run).padEnd(12)}${formatDay(run.dispositionDate)}${String(run.payments).padStart(12)}` +
      `${`${formatKroner(run.amount)} kr.`.padStart(24)}`,
  )
  const head = `${'Kørsel'.padEnd(12)}${'Til'.padEnd(10)}${'Betalinger'.padStart(12)}${'Beløb'.padStart(24)}`
  const sum = `I alt ${formatKroner(totalOf(runs))} kr.`
  const next = approved ? 'Godkendt. Næste toek run sender.' : `Godkend med: --total ${totalOf(runs)}`
  return `${[head, ...lines, '', sum, next].join('\n')}\n`
}

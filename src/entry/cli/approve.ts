/** `toek approve`: a second person approves the payment runs of a month, having seen their totals. @da godkendelse */
import { connect, type Db, type Tx } from '../../base/db.ts'
import { formatDay, type Period, parseMonth } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudits } from '../../modules/access/index.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import { type NewPayee, type NewPayees, readNewPayees } from '../../modules/overview/index.ts'
import { approveRuns, fileIdOf, type PaymentRun, readRuns } from '../../modules/payments/index.ts'
import { monthClock } from '../line/clock.ts'
import { newPayeeText } from '../web/index.ts'
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

Payees whom orders name and whom nobody was paid to before for the same citizen are listed first: look at them.
What is approved is released and sent by the next \`toek run\`.
Exit: 0 approved or nothing waits, 3 something waits, 4 refused.
`

/** Findings that are listed; the rest is counted. */
const MOST_LISTED = 100

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
      const { runs, found } = await connection.transaction(municipalities, async (tx) => {
        for (const municipality of municipalities) await lockMunicipality(tx, municipality)
        const waiting = await waitingRuns(tx, municipalities, month, chosen)
        const findings = total === undefined ? await newPayees(tx, waiting) : { total: 0, listed: [] }
        if (total !== undefined) await approve(tx, waiting, month, { total, by, now: new Date(world.now()) })
        return { runs: waiting, found: findings }
      })
      const approved = total !== undefined
      world.out(values.json === true ? asJson(runs, approved, found) : asText(runs, approved, found))
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

/** Whom these runs pay for the first time, the largest first. */
async function newPayees(db: Db, runs: readonly PaymentRun[]): Promise<NewPayees> {
  let total = 0
  const listed: NewPayee[] = []
  for (const [municipality, own] of Map.groupBy(runs, (run) => run.municipality)) {
    const numbers = own.map((run) => run.runNo)
    const found = await readNewPayees(db, municipality, numbers, MOST_LISTED)
    total += found.total
    listed.push(...found.listed)
  }
  listed.sort((a, b) => b.amount - a.amount)
  return { total, listed: listed.slice(0, MOST_LISTED) }
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

function asJson(runs: readonly PaymentRun[], approved: boolean, found: NewPayees): string {
  const rows = runs.map((run) => ({
    run: nameOf(run),
    municipality: municipalityText(run.municipality),
    disposition_date: formatDay(run.dispositionDate),
    payments: run.payments,
    amount_ore: run.amount,
  }))
  const listed = found.listed.map((one) => ({
    kind: 'new_payee',
    payment: one.endToEndId,
    source_system: one.sourceSystem,
    order_key: one.orderKey,
    amount_ore: one.amount,
    text: newPayeeText(one),
  }))
  const findings = { total: found.total, listed }
  return `${JSON.stringify({ approved, total_ore: totalOf(runs), runs: rows, findings })}\n`
}

function asText(runs: readonly PaymentRun[], approved: boolean, found: NewPayees): string {
  if (runs.length === 0) return 'Ingen udbetalingskørsler venter på godkendelse.\n'
  const lines = runs.map(
    (run) =>
      `${nameOf(run).padEnd(12)}${formatDay(run.dispositionDate)}${String(run.payments).padStart(12)}` +
      `${`${formatKroner(run.amount)} kr.`.padStart(24)}`,
  )
  const head = `${'Kørsel'.padEnd(12)}${'Til'.padEnd(10)}${'Betalinger'.padStart(12)}${'Beløb'.padStart(24)}`
  const sum = `I alt ${formatKroner(totalOf(runs))} kr.`
  const next = approved ? 'Godkendt. Næste toek run sender.' : `Godkend med: --total ${totalOf(runs)}`
  return `${[head, ...lines, '', ...findingLines(found), sum, next].join('\n')}\n`
}

/** To be looked at before the approval; none of them stops it. */
function findingLines({ total, listed }: NewPayees): string[] {
  if (total === 0) return []
  const rows = listed.map((one) => `  ${one.endToEndId} ${formatKroner(one.amount)} kr.: ${newPayeeText(one)}`)
  const more = total > listed.length ? [`  … og ${total - listed.length} flere`] : []
  return [`Nye modtagere: ${total}. Se på dem, før du godkender.`, ...rows, ...more, '']
}

/** `toek approve`: a second person approves the payment runs of a month, having seen their totals. @da godkendelse */
import type { Db } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import { type NewPayee, type NewPayees, readNewPayees } from '../../modules/overview/index.ts'
import type { PaymentRun } from '../../modules/payments/index.ts'
import { approveShown, nameOfRun, showRuns, type ShownRuns, waitingRuns } from '../line/approve-shown.ts'
import { newPayeeText, policyText } from '../text/index.ts'
import { findingLines, findingRows } from './gate.ts'
import { flag, lacks, monthOption, optionsOf, text, timeOf } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, askedOf, municipalitiesOf, withDatabase } from './world.ts'

const HELP = `toek approve: show the payment runs of a month that wait for approval, or approve them

  --month YYYY-MM
  --municipality 0751[,0101…]|all
  --run 0751R3[,0751R4…]     only these runs; default every one that waits
  --total AMOUNT_ORE         approve them: the total that was shown, in øre; another total is refused
  --view DIGITS              the view that was shown with what was found; needed when something was
  --by NAME                  who approves; default the account that runs the program. Never who planned the run
  --at TIME                  what time it is, such as 2026-03-30T14:30; else as the cut-off rules say
  --json

A run that cannot reach its day any more is refused (after_cut_off). What was found of the runs, and payees whom orders name and whom nobody was paid to before for the same citizen, are
listed first: look at them. A run that takes two persons waits for the second. What is approved is released and sent by
the next \`toek run\`. See \`toek gate\` for all that was found, and to lift what stops a run.
Exit: 0 approved or nothing waits, 3 something waits, 4 refused.
`

/** Findings that are listed; the rest is counted. */
const MOST_LISTED = 100
const NONE: NewPayees = { total: 0, listed: [] }

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
        view: text,
        by: text,
        at: text,
        json: flag,
      },
      false,
    )
    const month = monthOption(values.month, HELP)
    const total = values.total === undefined ? undefined : Number(values.total)
    if (total !== undefined && !Number.isSafeInteger(total))
      throw lacks(`--total is the total that was shown, in whole øre, not ${values.total}.`, HELP)
    return await withDatabase(world, 'loader', 'approve', async (opened, connection) => {
      const municipalities = municipalitiesOf(values.municipality, opened.rates).sort((a, b) => a - b)
      const chosen = values.run?.split(',')
      const by = values.by ?? world.user
      const { shown, found, approved } = await connection.transaction(municipalities, async (tx) => {
        for (const municipality of municipalities) await lockMunicipality(tx, municipality)
        const waiting = await showRuns(tx, await waitingRuns(tx, municipalities, month, chosen))
        if (total === undefined)
          return { shown: waiting, found: await newPayees(tx, waiting.runs), approved: undefined }
        const now = new Date(world.now()).toISOString()
        const asked = askedOf(opened.mode, timeOf(values.at), now)
        const act = { total, view: values.view, by, now, asked, rates: opened.rates }
        return { shown: waiting, found: NONE, approved: await approveShown(tx, waiting, act) }
      })
      world.out(values.json === true ? asJson(shown, approved, found) : asText(shown, approved, found))
      const left = shown.runs.length - (approved?.length ?? 0)
      return left === 0 ? EXIT.done : EXIT.person
    })
  },
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

function asJson(shown: ShownRuns, approved: readonly string[] | undefined, found: NewPayees): string {
  const policies = shown.views.flatMap((view) =>
    view.policies.map((one) => ({ ...one, municipality: view.municipality })),
  )
  const rows = shown.runs.map((run) => ({
    run: nameOfRun(run),
    municipality: municipalityText(run.municipality),
    disposition_date: formatDay(run.dispositionDate),
    payments: run.payments,
    amount_ore: run.amount,
    approvers: run.approvers,
    reasons: policies.find((one) => one.municipality === run.municipality && one.runNo === run.runNo)?.reasons ?? [],
    blocked: run.blocked,
    approved: approved?.includes(nameOfRun(run)) ?? false,
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
  const gate = findingRows(shown, MOST_LISTED)
  const head = { approved: approved !== undefined && rows.every((row) => row.approved), total_ore: shown.total }
  return `${JSON.stringify({ ...head, view: shown.view, runs: rows, findings, gate })}\n`
}

function asText(shown: ShownRuns, approved: readonly string[] | undefined, found: NewPayees): string {
  if (shown.runs.length === 0) return 'Ingen udbetalingskørsler venter på godkendelse.\n'
  const lines = shown.runs.map((run) => lineOf(run, approved))
  const head = `${'Kørsel'.padEnd(12)}${'Til'.padEnd(10)}${'Betalinger'.padStart(12)}${'Beløb'.padStart(24)}`
  const sum = `I alt ${formatKroner(shown.total)} kr.`
  const body = [head, ...lines, '', ...policyLines(shown)]
  if (approved !== undefined) {
    const all = approved.length === shown.runs.length
    return `${[...body, sum, all ? 'Godkendt. Næste toek run sender.' : 'Godkendt af dig. Nogle venter på en person til.'].join('\n')}\n`
  }
  const next = `Godkend med: --total ${shown.total} --view ${shown.view}`
  return `${[...body, ...findingLines(shown, MOST_LISTED), ...payeeLines(found), sum, next].join('\n')}\n`
}

function lineOf(run: PaymentRun, approved: readonly string[] | undefined): string {
  const state = approved?.includes(nameOfRun(run)) ? '  godkendt' : run.blocked ? '  standset af et fund' : ''
  return (
    `${nameOfRun(run).padEnd(12)}${formatDay(run.dispositionDate)}${String(run.payments).padStart(12)}` +
    `${`${formatKroner(run.amount)} kr.`.padStart(24)}${state}`
  )
}

/** Of runs that are not let go as everywhere: by one person, without a rule. */
function policyLines(shown: ShownRuns): string[] {
  const lines = shown.views.flatMap((view) =>
    view.runs.flatMap((run, i) => {
      const policy = view.policies[i]
      return policy === undefined || policy.reasons.length === 0 ? [] : [`${nameOfRun(run)}: ${policyText(policy)}`]
    }),
  )
  return lines.length === 0 ? [] : [...lines, '']
}

/** To be looked at before the approval; none of them stops it. */
function payeeLines({ total, listed }: NewPayees): string[] {
  if (total === 0) return []
  const rows = listed.map((one) => `  ${one.endToEndId} ${formatKroner(one.amount)} kr.: ${newPayeeText(one)}`)
  const more = total > listed.length ? [`  … og ${total - listed.length} flere`] : []
  return [`Nye modtagere: ${total}. Se på dem, før du godkender.`, ...rows, ...more, '']
}

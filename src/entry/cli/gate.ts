/** `toek gate`: what was found of payment runs, and letting one go on in spite of it. @da kontrolfund */
import type { Tx } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { lockMunicipality } from '../../modules/orders/index.ts'
import { fileIdOf, liftFinding, readRuns, type RunFinding, RUN_STEPS } from '../../modules/payments/index.ts'
import { nameOfRun, showRuns, type ShownRuns } from '../line/approve-shown.ts'
import {
  counted,
  countText,
  findingJson,
  GATE_CHECK_TEXT,
  GATE_EFFECT_TEXT,
  liftedText,
  policyText,
} from '../text/index.ts'
import { flag, lacks, numberOf, optionsOf, text } from './options.ts'
import type { Verb } from './verbs.ts'
import { EXIT, withDatabase } from './world.ts'

const HELP = `toek gate: what was found of a payment run before its approval (kontrolfund)

  toek gate 0751R3           everything that was found, and who must approve the run
  toek gate lift 0751R3 N    let the run go on in spite of finding N, which stops it; another person approves the run

  --reason TEXT              of lift: why
  --by NAME                  who acts; default the account that runs the program
  --json

What a finding stops, and from what limit, is the municipality's own: records gate in a fact file (toek rules).
Exit: 0 nothing stops the run, 3 something does, 4 refused.
`

export const gateVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { reason: text, by: text, json: flag })
    const lift = positionals[0] === 'lift'
    const [name = '', finding] = lift ? positionals.slice(1) : positionals
    const said = /^(\d{4})R(\d{1,7})$/.exec(name)
    if (said === null) throw lacks(`Say which payment run, such as 0751R3${name === '' ? '' : `, not ${name}`}.`, HELP)
    const [municipality, runNo] = [Number(said[1]), Number(said[2])]
    const lifted = lift ? numberOf(finding, 'Say the number of the finding that is lifted.', HELP) : undefined
    return await withDatabase(world, 'writer', 'gate', async (_, connection) => {
      const shown = await connection.transaction([municipality], async (tx) => {
        if (lifted !== undefined) {
          const at = new Date(world.now()).toISOString()
          const act = { at, by: values.by ?? world.user, reason: values.reason ?? '' }
          await liftOne(tx, municipality, runNo, lifted, act)
        }
        const run = (await readRuns(tx, municipality)).find((one) => one.runNo === runNo)
        if (run === undefined) throw new Refusal('unknown_run', `There is no run ${name}.`)
        return await showRuns(tx, [run])
      })
      world.out(values.json === true ? asJson(shown) : asText(shown))
      return shown.runs.some((run) => run.blocked) ? EXIT.person : EXIT.done
    })
  },
}

async function liftOne(
  tx: Tx,
  municipality: Municipality,
  runNo: number,
  findingNo: number,
  act: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<void> {
  await lockMunicipality(tx, municipality)
  const one = await liftFinding(tx, municipality, runNo, findingNo, act)
  await recordAudit(tx, {
    municipality,
    at: act.at,
    actor: act.by,
    command: 'run.lift_finding',
    subject: `${fileIdOf(municipality, runNo)} ${findingNo}`,
    detail: { check: one.check, amount_ore: one.amount },
  })
}

/** As programs read it: what stops something first, then the largest. */
export function findingRows(shown: ShownRuns, most: number) {
  const all = shown.views.flatMap((view) => view.findings.map((one) => rowOf(view.municipality, one)))
  return { total: all.length, listed: all.slice(0, most) }
}

function rowOf(municipality: Municipality, one: RunFinding) {
  const run = fileIdOf(municipality, one.runNo)
  return { run, ...findingJson(municipality, one), lifted_reason: one.lifted?.reason ?? null }
}

/** By what was looked at, with what it stops; a run that is stopped says how it is let go. */
export function findingLines(shown: ShownRuns, most: number): string[] {
  const { total, listed } = findingRows(shown, most)
  if (total === 0) return []
  const lines = listed.map((one) => {
    const what = `${GATE_CHECK_TEXT[one.check]}, ${GATE_EFFECT_TEXT[one.effect]}`
    const lifted =
      one.lifted_by === null ? '' : ` ${liftedText({ by: one.lifted_by, reason: one.lifted_reason ?? '' })}`
    const how =
      one.effect === 'block_run' && one.lifted_by === null ? ` «toek gate lift ${one.run} ${one.finding}»` : ''
    return `  ${one.payment ?? one.run} ${what}: ${one.text}${lifted}${how}`
  })
  const more = total > listed.length ? [`  … og ${countText(total - listed.length)} flere: toek gate`] : []
  return [`Kontrolfund: ${countText(total)}. Se på dem, før du godkender.`, ...lines, ...more, '']
}

function asJson(shown: ShownRuns): string {
  const [run] = shown.runs
  const [view] = shown.views
  return `${JSON.stringify({
    run: run === undefined ? null : nameOfRun(run),
    municipality: view === undefined ? null : municipalityText(view.municipality),
    steps: RUN_STEPS.filter((step) => run?.steps.includes(step)),
    amount_ore: shown.total,
    approvers: run?.approvers ?? null,
    reasons: view?.policies[0]?.reasons ?? [],
    blocked: run?.blocked ?? false,
    view: shown.view,
    findings: findingRows(shown, Number.MAX_SAFE_INTEGER).listed,
  })}\n`
}

function asText(shown: ShownRuns): string {
  const lines = shown.views.flatMap((view) =>
    view.runs.map((run, i) => {
      const policy = view.policies[i]
      const who = policy === undefined ? '' : policyText(policy)
      return `${nameOfRun(run)}: ${counted(run.payments, 'betaling', 'betalinger')}, ${formatKroner(run.amount)} kr.; ${who}`
    }),
  )
  const found = findingLines(shown, Number.MAX_SAFE_INTEGER)
  return `${[...lines, ...(found.length === 0 ? ['Intet er fundet.'] : found.slice(0, -1))].join('\n')}\n`
}

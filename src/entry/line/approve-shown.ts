/** Runs that wait for a person, as they are shown to whoever approves them, and the approval of what was shown. */
import { createHash } from 'node:crypto'
import type { Db, Tx } from '../../base/db.ts'
import { monthOf, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudits } from '../../modules/access/index.ts'
import { approveRuns, fileIdOf, type PaymentRun, readRuns, type RunView, viewOf } from '../../modules/payments/index.ts'
import { type RateReader, readLocalRules } from '../../modules/rates/index.ts'
import { later, monthClock } from './clock.ts'
import { type Asked, refuseLate } from './cut-off.ts'

/** Hexadecimal digits of a view's digest that are shown: enough that none is met by chance. */
export const VIEW_DIGITS = 16

export interface ShownRuns {
  readonly runs: readonly PaymentRun[]
  readonly views: readonly (RunView & { readonly municipality: Municipality })[]
  /** Øre. */
  readonly total: number
  /** Posted back with the approval. */
  readonly view: string
}

export function nameOfRun(run: PaymentRun): string {
  return fileIdOf(run.municipality, run.runNo)
}

/** Runs due before the end of the month that are controlled and not approved, as some of them are named or not. */
export async function waitingRuns(
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
  const known = new Set(waiting.map(nameOfRun))
  const stray = chosen.find((name) => !known.has(name))
  if (stray !== undefined) throw new Refusal('run_not_waiting', `${stray} does not wait for approval here.`)
  return waiting.filter((run) => chosen.includes(nameOfRun(run)))
}

export async function showRuns(db: Db, runs: readonly PaymentRun[]): Promise<ShownRuns> {
  const views: ShownRuns['views'][number][] = []
  for (const [municipality, own] of Map.groupBy(runs, (run) => run.municipality)) {
    views.push({ municipality, ...(await viewOf(db, municipality, own)) })
  }
  const digest = createHash('sha256')
  for (const one of views) digest.update(one.digest)
  const total = runs.reduce((sum, run) => sum + run.amount, 0)
  return { runs, views, total, view: digest.digest('hex').slice(0, VIEW_DIGITS) }
}

/** The scripted time of an approval: what is made later than that is approved when it is made. */
function approvedAt({ dispositionDate, knownAt }: PaymentRun): string {
  return later(knownAt, monthClock(monthOf(dispositionDate)).approved(dispositionDate))
}

export interface ShownApproval {
  readonly total: number
  /** Undefined: nothing that asks for a person was found, so that the totals are all there is to see. */
  readonly view: string | undefined
  readonly by: string
  /** The wall clock, for the audit log. */
  readonly now: string
  /** By what time a cut-off is judged; without it by the scripted one of the month. */
  readonly asked?: Asked | undefined
  readonly rates?: RateReader | undefined
}

/**
 * One person approves what was shown; gives the names of the runs that are approved with it. What the person was shown
 * must be what is: refused with `stale_total` and `stale_view`; what cannot be in time any more is with
 * `after_cut_off`. The municipalities are locked by the caller.
 */
export async function approveShown(tx: Tx, shown: ShownRuns, act: ShownApproval): Promise<string[]> {
  if (shown.total !== act.total) {
    const is = `The runs that wait are ${formatKroner(shown.total)} kr. in all, not ${formatKroner(act.total)}.`
    throw new Refusal('stale_total', `${is} Look at them again, then approve.`)
  }
  if (act.view === undefined && shown.views.some(({ findings }) => findings.some((one) => one.effect !== 'nothing'))) {
    throw new Refusal(
      'view_missing',
      'Something was found of these runs. Look at it, and give the view that was shown.',
    )
  }
  if (act.view !== undefined && act.view !== shown.view) {
    throw new Refusal(
      'stale_view',
      'What was found or stopped has changed since it was shown. Look again, then approve.',
    )
  }
  const approved: string[] = []
  for (const { municipality, runs, digest } of shown.views) {
    const { asked = {}, rates } = act
    refuseLate(runs, { rates, rules: await readLocalRules(tx, municipality), asked, scripted: approvedAt })
    const acts = runs.map((run) => {
      return { run, at: approvedAt(run), by: act.by, total: run.amount, view: digest }
    })
    const done = await approveRuns(tx, municipality, acts)
    approved.push(...done.map((runNo) => fileIdOf(municipality, runNo)))
    await recordAudits(
      tx,
      runs.map((run) => ({
        municipality,
        at: act.now,
        actor: act.by,
        command: 'run.approve',
        subject: nameOfRun(run),
        detail: { payments: run.payments, amount_ore: run.amount, approved: done.includes(run.runNo) },
      })),
    )
  }
  return approved
}

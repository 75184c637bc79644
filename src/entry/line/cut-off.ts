/**
 * What becomes of payment runs that still wait at their cut-off, as the municipality has said. Judged by a time that is
 * given: by the scripted one of the month, by the clock where the municipality has rules of it, or as somebody asks.
 */
import type { Tx } from '../../base/db.ts'
import { danishText, isAfter } from '../../base/danish-time.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import {
  cutOffOf,
  fileIdOf,
  partName,
  partsOfRun,
  type PaymentRun,
  readFindings,
  stoppedPartsOf,
} from '../../modules/payments/index.ts'
import {
  atCutOff,
  closedDays,
  type ExtraClosingDays,
  type LocalRules,
  nearCutOff,
  nextReachable,
  type RateReader,
} from '../../modules/rates/index.ts'
import { holdLines } from './hold-payments.ts'
import { dueAgainOn } from './let-go.ts'

/** What time it is, where it is not the scripted one of the month: business times. */
export interface Asked {
  /** As somebody says. */
  readonly at?: string | undefined
  /** The clock, outside the demo: it counts where the municipality has told rules of time. */
  readonly now?: string | undefined
}

/** The time that a cut-off is judged by. */
export function judgedAt(rules: LocalRules, { at, now }: Asked, scripted: string): string {
  if (at !== undefined) return at
  const told = rules.rules.some(({ kind }) => kind === 'cut_off' || kind === 'at_cut_off')
  return told && now !== undefined ? now : scripted
}

/** When something is done that the month has a scripted time for: not before what time it is, where that is known. */
export function doneAt({ at, now }: Asked, scripted: string): string {
  const known = at ?? now
  return known !== undefined && isAfter(known, scripted) ? known : scripted
}

export interface Judging {
  readonly rates: RateReader
  readonly rules: LocalRules
  readonly asked: Asked
  /** The scripted time at which a run would be released. */
  readonly scripted: (run: PaymentRun) => string
}

export interface JudgedRuns {
  /** Their cut-off has passed: they are not released. */
  readonly late: ReadonlySet<number>
  /** Shortly before it, and nothing was found that asks for a person: the rule lets them go. */
  readonly clean: ReadonlySet<number>
}

/**
 * Runs that are not released. What is late and to be paid on the next bank day is moved at once: its lines are taken
 * out of the run and due again, as they were, on the first day that can be reached. The turn is held.
 */
export async function judgeCutOffs(
  tx: Tx,
  municipality: Municipality,
  runs: readonly PaymentRun[],
  judging: Judging,
): Promise<JudgedRuns> {
  const late = new Set<number>()
  const near: PaymentRun[] = []
  for (const run of runs) {
    if (run.steps.includes('released') || run.payments === 0) continue
    const { treatment, hours } = atCutOff(run.dispositionDate, judging.rules)
    const at = judgedAt(judging.rules, judging.asked, judging.scripted(run))
    const how = nearCutOff(at, cutOffOf(run, judging.rules, bankClosings(judging.rates)), hours)
    if (how === 'passed') late.add(run.runNo)
    if (how === 'passed' && treatment === 'next_bank_day') {
      await moveRun(tx, municipality, run, judging, {
        at,
        by: 'toek',
        reason: 'Kørslen nåede ikke skæringstidspunktet',
      })
    }
    if (how === 'near' && treatment === 'when_clean' && run.approvers === 1 && !run.blocked) near.push(run)
  }
  const found = await readFindings(
    tx,
    municipality,
    near.map((run) => run.runNo),
  )
  const asking = new Set(found.filter((one) => one.effect !== 'nothing').map((one) => one.runNo))
  return { late, clean: new Set(near.map((run) => run.runNo).filter((runNo) => !asking.has(runNo))) }
}

function bankClosings(rates: RateReader | undefined): ExtraClosingDays | undefined {
  return rates === undefined || rates.book.closingDays.length === 0 ? undefined : new Set(rates.book.closingDays)
}

/** Gives the day on which what was left of the run is paid. */
async function moveRun(
  tx: Tx,
  municipality: Municipality,
  run: PaymentRun,
  { rates, rules }: Pick<Judging, 'rates' | 'rules'>,
  act: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<Day> {
  const closed = closedDays(rates, rules, municipality)
  const dispositionDate = nextReachable(run.rail, run.dispositionDate, act.at, rules, closed)
  const parts = await partsOfRun(tx, municipality, run.runNo)
  await holdLines(tx, municipality, parts, { ...act, cause: 'cut_off', owner: 'kommune' })
  const own = new Set(parts.map(partName))
  const stopped = await stoppedPartsOf(tx, municipality, { payments: [...new Set(parts.map((one) => one.payment))] })
  const due = stopped.filter((part) => own.has(partName(part))).map((part) => ({ ...part, dispositionDate }))
  await dueAgainOn(tx, due, { municipality, ...act })
  return dispositionDate
}

/** A person moves a run that was not released in time. Refuses what has left, and what can still be reached. */
export async function moveLate(
  tx: Tx,
  run: PaymentRun,
  judging: Pick<Judging, 'rates' | 'rules'>,
  act: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<Day> {
  const name = fileIdOf(run.municipality, run.runNo)
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the run is paid on another day.')
  if (run.steps.includes('released')) throw new Refusal('run_released', `${name} is released already.`)
  if (run.payments === 0) throw new Refusal('run_empty', `Nothing is left in ${name} to be paid.`)
  const until = cutOffOf(run, judging.rules, bankClosings(judging.rates))
  if (nearCutOff(act.at, until, 0) !== 'passed') {
    throw new Refusal('not_after_cut_off', `${name} can still reach its day, until ${danishText(until)}.`)
  }
  return await moveRun(tx, run.municipality, run, judging, act)
}

/** Refuses with `after_cut_off` the approval of a run that cannot reach its day any more. */
export function refuseLate(
  runs: readonly PaymentRun[],
  { rates, rules, asked, scripted }: Omit<Judging, 'rates'> & { readonly rates?: RateReader | undefined },
): void {
  for (const run of runs) {
    const at = judgedAt(rules, asked, scripted(run))
    const until = cutOffOf(run, rules, bankClosings(rates))
    if (nearCutOff(at, until, 0) !== 'passed') continue
    const name = fileIdOf(run.municipality, run.runNo)
    const next = atCutOff(run.dispositionDate, rules).treatment === 'next_bank_day'
    const todo = next ? 'The next «toek run» moves it' : 'Move it with «toek calendar move»'
    throw new Refusal(
      'after_cut_off',
      `${name} had to be with the rail by ${danishText(until)} to be paid on ${formatDay(run.dispositionDate)}. ${todo}, and approve what it becomes.`,
    )
  }
}

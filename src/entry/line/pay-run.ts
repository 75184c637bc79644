/** Payment runs of a month: assembled by one, approved by another, released, and carried to the rail as files. */
import type { Tx } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { markFilesDelivered, recordDeliveries } from '../../modules/deliveries/index.ts'
import { sealLedger } from '../../modules/ledger/index.ts'
import {
  approveRuns,
  assembleRuns,
  controlRuns,
  fileIdOf,
  type FindNewPayees,
  type GatheredRun,
  type NewRun,
  paymentOfEndToEndId,
  type PaymentRun,
  type RailOf,
  readDue,
  readRuns,
  recordSteps,
  releaseRuns,
  viewOf,
} from '../../modules/payments/index.ts'
import { readNewPayees } from '../../modules/overview/index.ts'
import { type LocalRules, type RateReader, readLocalRules } from '../../modules/rates/index.ts'
import { later, type MonthClock } from './clock.ts'
import { type Asked, doneAt, judgeCutOffs, type Judging } from './cut-off.ts'
import { holdBeyondClaims, holdBlocked, holdDoubles, letDatedGo } from './hold-payments.ts'
import { netPayableAccounts } from './item-accounts.ts'
import { holdSwitched } from './kill-switch.ts'
import type { Line } from './line.ts'
import { publishAll, type StagedFile } from './out-file.ts'
import { retryFaults } from './pay-again.ts'
import { paymentFiles, type RunToSend } from './payment-files.ts'
import { nextWorkNo, planWork } from './plan-month.ts'
import { RAILS } from './rails.ts'
import { stopUnsent } from './stop-unsent.ts'
import { holdOutside, settleOutside } from './settle-outside.ts'
import { RUN_WORK_NUMBERS } from './work-numbers.ts'

/** More than any run has: they are found to be judged, not to be listed. */
const MOST_NEW_PAYEES = 1_000_000

export interface Actors {
  readonly planner: string
  /** Undefined outside demo: then only runs that a person has approved, or a rule lets go, go on. */
  readonly approver: string | undefined
  /** Approves where two persons must. */
  readonly second?: string | undefined
}

/** Which rail each paying unit of a municipality pays by: its own choice, from a date. */
export function railsOf(rates: RateReader, rules: LocalRules, municipality: Municipality): RailOf {
  return (unit, date) => {
    const kind = rates.units(municipality, date).find((one) => one.unit === unit)?.kind ?? ''
    return rules.rail(kind, date)
  }
}

/** Seals what is calculated and assembles a run for each date that has something due. */
export async function assembleMonth(
  line: Line,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
  actors: Actors,
  asked: Asked = {},
): Promise<PaymentRun[]> {
  return await line.connection.inTurn(municipality, async (tx) => {
    await letDatedGo(tx, line.rates, municipality, month, clock)
    await settleOutside(tx, line.rates, municipality, clock.calculated)
    await retryFaults(tx, line.rates, municipality, clock.calculated)
    const rules = await readLocalRules(tx, municipality)
    const known = await readInTime(tx, municipality, { rates: line.rates, rules, asked, scripted: releasedAt(clock) })
    const due = await readDue(tx, municipality, month.to, railsOf(line.rates, rules, municipality))
    // Nothing new: a resumed run must not seal where an undisturbed one does not.
    if (due.length === 0) return known
    const times = { known: clock.calculated, assembled: ({ date }: GatheredRun) => clock.assembled(date) }
    const lastRun = known.at(-1)?.runNo ?? 0
    await assemble(tx, { rates: line.rates, municipality, month, rules, times, lastRun }, due, actors.planner)
    line.at('run:assembled')
    return await readRuns(tx, municipality)
  })
}

/** The scripted time of a release: what is made later than that is released when it is made. */
function releasedAt(clock: MonthClock): (run: PaymentRun) => string {
  return (run) => later(run.knownAt, clock.released(run.dispositionDate))
}

/** The runs that there are, after what is late among them was moved. */
async function readInTime(tx: Tx, municipality: Municipality, judging: Judging): Promise<PaymentRun[]> {
  const known = await readRuns(tx, municipality)
  const { late } = await judgeCutOffs(tx, municipality, known, judging)
  return late.size === 0 ? known : await readRuns(tx, municipality)
}

export interface Assembling {
  readonly rates: RateReader
  readonly municipality: Municipality
  readonly month: Period
  readonly rules: LocalRules
  readonly lastRun: number
  readonly times: {
    /** When what is in the runs was known. */
    readonly known: string
    readonly assembled: (gathered: GatheredRun) => string
  }
}

/** Seals what is calculated, and puts what is gathered into runs, which are controlled; gives their numbers. */
export async function assemble(
  tx: Tx,
  assembling: Assembling,
  due: readonly GatheredRun[],
  planner: string,
): Promise<readonly number[]> {
  const { rates, municipality, times, lastRun } = assembling
  const firstWork = await nextWorkNo(tx, municipality)
  await sealLedger(tx, municipality)
  const runs = due.map<NewRun>((gathered, i) => ({
    runNo: lastRun + 1 + i,
    workNo: firstWork + i * RUN_WORK_NUMBERS,
    gathered,
    knownAt: times.assembled(gathered),
  }))
  // The numbers behind the last run are its answers' and statements': the next plan must start beyond them.
  const reserved = firstWork + runs.length * RUN_WORK_NUMBERS
  await planWork(tx, municipality, 'run', [
    ...runs.map(({ workNo, runNo, knownAt }) => ({ workNo, cause: `run ${runNo}`, knownAt })),
    { workNo: reserved, cause: `reserved ${reserved}`, knownAt: times.known },
  ])
  await assembleRuns(tx, municipality, runs, planner)
  // What was told between planning and now; and third parties who closed: a citizen's order is not held for them.
  await stopUnsent(tx, rates, { municipality, knownAt: times.known })
  await holdDoubles(tx, municipality, times.known)
  await holdSwitched(tx, municipality, times.known)
  await holdOutside(tx, municipality, times.known)
  await holdBeyondClaims(tx, municipality, times.known)
  await control(tx, assembling, runs)
  return runs.map((run) => run.runNo)
}

/** Looks at new runs before anybody approves them; the amounts are those of what is left of them. */
async function control(
  tx: Tx,
  { rates, municipality, month, rules, times }: Assembling,
  runs: readonly NewRun[],
): Promise<void> {
  const findNewPayees: FindNewPayees = async (numbers) => {
    const { listed } = await readNewPayees(tx, municipality, numbers, MOST_NEW_PAYEES)
    return listed.map(({ endToEndId, amount, sourceSystem, orderKey, as, reference }) => {
      const payment = paymentOfEndToEndId(endToEndId)?.payment ?? 0
      return { payment, amount, detail: { order: orderKey, source_system: sourceSystem, as, reference } }
    })
  }
  const { findings } = await controlRuns(tx, municipality, month, runs, { rates, rules, findNewPayees })
  await holdBlocked(tx, municipality, findings, times.known)
  const left = new Map((await readRuns(tx, municipality)).map((run) => [run.runNo, run]))
  const acts = runs.map(({ runNo, gathered }) => {
    return { run: left.get(runNo) as PaymentRun, at: times.assembled(gathered), by: 'toek' }
  })
  await recordSteps(
    tx,
    acts.map((act) => ({ ...act, step: 'controlled' })),
  )
}

/**
 * Approves, releases and sends runs of one municipality; what is done of them already is not done again. Approval and
 * release are acts of their own, told one after the other in one transaction, with the files staged before their
 * hashes are recorded. Gives the numbers of those that are sent: the others wait for a person.
 */
export async function payRuns(
  line: Line,
  municipality: Municipality,
  given: readonly PaymentRun[],
  clock: MonthClock,
  actors: Actors,
  asked: Asked = {},
): Promise<readonly number[]> {
  const unsent = new Set(given.flatMap((run) => (run.steps.includes('sent') ? [] : [run.runNo])))
  const sentBefore = given.flatMap((run) => (run.steps.includes('sent') ? [run.runNo] : []))
  if (unsent.size === 0) return sentBefore
  const own = { municipality, unsent, clock, actors, asked }
  return [...sentBefore, ...(await line.connection.layingOut(municipality, () => layRuns(line, own)))]
}

interface Paying {
  readonly municipality: Municipality
  /** Numbers of the runs. */
  readonly unsent: ReadonlySet<number>
  readonly clock: MonthClock
  readonly actors: Actors
  readonly asked: Asked
}

async function layRuns(line: Line, { municipality, unsent, clock, actors, asked }: Paying): Promise<number[]> {
  const { acts, files, sent } = await line.connection.inTurn(municipality, async (tx) => {
    await holdDoubles(tx, municipality, clock.calculated)
    await holdSwitched(tx, municipality, clock.calculated)
    // As they are now: a fact may have stopped something since, or everything, and another program may have sent some.
    const now = (await readRuns(tx, municipality)).filter((run) => unsent.has(run.runNo))
    const runs = now.filter((run) => !run.steps.includes('sent') && run.payments > 0)
    const rules = await readLocalRules(tx, municipality)
    const times = { rates: line.rates, rules, asked, scripted: releasedAt(clock) }
    const { late, clean } = await judgeCutOffs(tx, municipality, runs, times)
    const inTime = runs.filter((run) => !late.has(run.runNo))
    const may = await approvedNow(tx, municipality, inTime, clock, actors, clean)
    const going = inTime
      .filter((run) => may.has(run.runNo))
      .map((run) => ({
        run,
        at: releasedAt(clock)(run),
        by: actors.approver ?? actors.planner,
      }))
    const staged = await paymentFiles(tx, line, municipality, going)
    await release(
      tx,
      line,
      municipality,
      going.filter(({ run }) => !run.steps.includes('released')),
      staged,
    )
    line.at('run:before-release')
    return { acts: going, files: staged, sent: now.filter((run) => run.steps.includes('sent')) }
  })
  line.at('run:after-release')
  const gone = [...sent, ...acts.map(({ run }) => run)].map((run) => run.runNo)
  if (acts.length === 0) return gone
  await publishAll(line, [...files.values()])
  await line.connection.transaction([municipality], async (tx) => {
    const laid = acts.map(({ run, at }) => ({ fileName: (files.get(run.runNo) as StagedFile).fileName, at }))
    await markFilesDelivered(tx, municipality, laid)
    await recordSteps(
      tx,
      acts.map((act) => ({ ...act, at: doneAt(asked, act.at), step: 'sent' })),
    )
  })
  return gone
}

/** Runs that may be released: approved before, let go by rule, or approved by the demo's persons now. */
async function approvedNow(
  tx: Tx,
  municipality: Municipality,
  runs: readonly PaymentRun[],
  clock: MonthClock,
  { approver, second }: Actors,
  clean: ReadonlySet<number>,
): Promise<ReadonlySet<number>> {
  const may = new Set(runs.filter((run) => run.steps.includes('approved')).map((run) => run.runNo))
  const waiting = runs.filter((run) => !may.has(run.runNo) && !run.blocked)
  const at = (run: PaymentRun): string => later(run.knownAt, clock.approved(run.dispositionDate))
  const automatic = waiting.filter((run) => run.approvers === 0 || clean.has(run.runNo))
  await recordSteps(
    tx,
    automatic.map((run) => ({ run, at: at(run), by: 'toek', step: 'approved' })),
  )
  for (const run of automatic) may.add(run.runNo)
  for (const by of [approver, second]) {
    const left = waiting.filter((run) => !may.has(run.runNo))
    if (by === undefined || left.length === 0) continue
    const view = left.some((run) => run.approvers > 1) ? (await viewOf(tx, municipality, left)).digest : undefined
    const acts = left.map((run) => ({ run, at: at(run), by, total: run.amount, view }))
    for (const runNo of await approveRuns(tx, municipality, acts)) may.add(runNo)
  }
  return may
}

interface Release extends RunToSend {
  readonly by: string
}

async function release(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  acts: readonly Release[],
  files: ReadonlyMap<number, StagedFile>,
): Promise<void> {
  if (acts.length === 0) return
  const netPayable = netPayableAccounts(line.rates)
  await releaseRuns(tx, municipality, acts, { rail: line.rates.account('rail').id, netPayable })
  const ledgerHead = await sealedHead(tx, municipality)
  await recordDeliveries(
    tx,
    municipality,
    acts.map(({ run, at }) => {
      const file = files.get(run.runNo) as StagedFile
      return {
        kind: RAILS[run.rail].delivery,
        cause: fileIdOf(municipality, run.runNo),
        fileName: file.fileName,
        sha256: file.sha256,
        bytes: file.bytes,
        totals: { payments: run.payments, amount_ore: run.amount },
        ledgerHead,
        knownAt: at,
      }
    }),
  )
}

/** The head as of the last seal: later batches are sealed when the month is told. */
async function sealedHead(tx: Tx, municipality: Municipality): Promise<Buffer> {
  const row = await tx.first<{ head: Buffer }>(
    'select head from seals where municipality_code = $1 order by seal_no desc limit 1',
    [municipality],
  )
  return row?.head ?? Buffer.alloc(32)
}

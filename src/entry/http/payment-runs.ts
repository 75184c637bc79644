/**
 * Payment runs for the persons who approve them: what waits, what was found of it, and the approval of what was shown.
 * The approver posts back the total and the view; whoever sends twice is told that it is done.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addDays, formatDay, parseMonth } from '../../base/date.ts'
import type { Tx } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Access } from '../../modules/access/index.ts'
import { readRunStates } from '../../modules/overview/index.ts'
import { cutOffOf, type PaymentRun, readRuns, RUN_STEPS } from '../../modules/payments/index.ts'
import { readLocalRules } from '../../modules/rates/index.ts'
import { approveShown, nameOfRun, showRuns, type ShownRuns, waitingRuns } from '../line/approve-shown.ts'
import { findingJson } from '../text/index.ts'
import {
  accessOf,
  type Context,
  holdToIdempotencyKey,
  inScope,
  loading,
  personOnly,
  reading,
  scopeOf,
} from './context.ts'
import { bodyOf, jsonOf } from './orders.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'
import { approvalSchema, paymentRunSchema, paymentRunsSchema } from './schemas-runs.ts'

interface RunAddress {
  Params: { run: string }
}
interface RunsAddress {
  Querystring: { municipality?: string; month?: string }
}

/** An approval is two fields. */
const MAX_APPROVAL_BYTES = 1_000

export function paymentRunRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/payment-runs'
  app.get<RunsAddress>(path, { schema: paymentRunsSchema }, (request) => getWaiting(context, request))
  app.get<RunAddress>(`${path}/:run`, { schema: paymentRunSchema }, (request) => getRun(context, request))
  const bodyLimit = MAX_APPROVAL_BYTES
  app.post<RunAddress>(`${path}/:run/approval`, { schema: approvalSchema, bodyLimit }, (request) =>
    approve(context, request),
  )
}

function forPeople(access: Access): void {
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors see payment runs.')
}

async function getWaiting(context: Context, request: FastifyRequest<RunsAddress>): Promise<unknown> {
  const access = accessOf(request)
  forPeople(access)
  const month = parseMonth(request.query.month ?? '')
  if (month === undefined) throw new HttpProblem('bad_request', '"month" is a month, YYYY-MM.')
  const municipalities = scopeOf(access, request.query.municipality)
  return await reading(context, access, async (tx) => {
    const runs: unknown[] = []
    for (const run of await waitingRuns(tx, municipalities, month, undefined)) {
      runs.push(await runOf(tx, await showRuns(tx, [run])))
    }
    return { runs }
  })
}

async function getRun(context: Context, request: FastifyRequest<RunAddress>): Promise<unknown> {
  const access = accessOf(request)
  forPeople(access)
  const named = namedRun(access, request.params.run)
  return await reading(context, access, async (tx) => runOf(tx, await showRuns(tx, [await find(tx, named)])))
}

async function approve(context: Context, request: FastifyRequest<RunAddress>): Promise<unknown> {
  const access = accessOf(request)
  personOnly(access)
  if (!access.roles.includes('approver'))
    throw new HttpProblem('forbidden', 'Only an approver (godkender) may do this.')
  const named = namedRun(access, request.params.run)
  const bytes = bodyOf(request)
  const { total, view } = shownIn(jsonOf(bytes))
  await holdToIdempotencyKey(context, request, access, bytes)
  return await loading(context, (line) =>
    line.connection.inTurn(named.municipality, async (tx) => {
      const run = await find(tx, named)
      if (run.steps.includes('approved')) throw new HttpProblem('run_not_ready', 'The run is approved already.')
      const now = context.now()
      const asked = context.mode === 'operation' ? { now } : {}
      const act = { total, view, by: access.actor, now, asked, rates: context.rates }
      const approved = await approveShown(tx, await showRuns(tx, [run]), act)
      return { run: nameOfRun(run), approved: approved.length > 0, approved_by: access.actor }
    }),
  )
}

interface NamedRun {
  readonly municipality: Municipality
  readonly runNo: number
}

function namedRun(access: Access, name: string): NamedRun {
  const said = /^(\d{4})R(\d{1,7})$/.exec(name)
  if (said === null) throw new HttpProblem('unknown_run')
  inScope(access, Number(said[1]))
  return { municipality: Number(said[1]), runNo: Number(said[2]) }
}

async function find(tx: Parameters<typeof readRuns>[0], { municipality, runNo }: NamedRun): Promise<PaymentRun> {
  const run = (await readRuns(tx, municipality)).find((one) => one.runNo === runNo)
  if (run === undefined) throw new HttpProblem('unknown_run')
  return run
}

/** Both are wanted: the total says how much, the view says that what was found was seen. */
function shownIn(body: unknown): { total: number; view: string } {
  const { given, faults } = fieldsIn(body, ['total_ore', 'view'])
  const { total_ore: total, view } = given
  if (typeof total !== 'number' || !Number.isSafeInteger(total)) {
    faults.push({ pointer: '/total_ore', code: 'missing_field', detail: 'The total that was shown, in whole øre.' })
  }
  if (typeof view !== 'string' || view === '') {
    faults.push({ pointer: '/view', code: 'missing_field', detail: 'The view that was shown with the run.' })
  }
  throwFaults(faults)
  return { total: total as number, view: view as string }
}

async function runOf(tx: Tx, { runs: [run], views: [view], view: digits }: ShownRuns) {
  if (run === undefined || view === undefined) throw new HttpProblem('unknown_run')
  const { municipality, dispositionDate: day, steps } = run
  // What has not left is where its last step is: nothing else is asked.
  const states = steps.includes('sent') ? await readRunStates(tx, municipality, { from: day, to: addDays(day, 1) }) : []
  return {
    run: nameOfRun(run),
    municipality: municipalityText(run.municipality),
    disposition_date: formatDay(run.dispositionDate),
    purpose: run.purpose,
    steps: RUN_STEPS.filter((step) => run.steps.includes(step)),
    state:
      states.find((one) => one.runNo === run.runNo)?.state ??
      RUN_STEPS.findLast((step) => steps.includes(step)) ??
      'planned',
    cut_off: cutOffOf(run, await readLocalRules(tx, municipality)),
    payments: run.payments,
    total_ore: run.amount,
    view: digits,
    approvers: run.approvers,
    reasons: view.policies[0]?.reasons ?? [],
    blocked: run.blocked,
    findings: view.findings.map((one) => findingJson(run.municipality, one)),
  }
}

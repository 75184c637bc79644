/** Controls runs as they are assembled: what is found is recorded with them, and how many persons must approve. */
import { rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { type GateCheck, GATE_CHECK_NAMES, type GateEffect, type LocalRules, type RateReader } from '../rates/index.ts'
import { numberedPayments } from './gather.ts'
import { readMoved } from './cut-off.ts'
import { type AssembledRun, effectOn, type FindingDetail, judgePayments, judgeRuns, type NewFinding } from './gate.ts'
import { judgeDoubtful } from './gate-doubtful.ts'
import { lookUpDoubtful, readGateFacts } from './gate-facts.ts'
import { policyOf, type PolicyReason, type RunPolicy } from './release-policy.ts'

/** Whom the runs pay for the first time, as `overview` finds them: asked for only where it would change something. */
export type FindNewPayees = (
  runs: readonly number[],
) => Promise<readonly Pick<NewFinding, 'payment' | 'amount' | 'detail'>[]>

/**
 * In the transaction that assembles them, after what facts stop is stopped. What is found is a matter of these alone.
 */
export async function controlRuns(
  tx: Tx,
  municipality: Municipality,
  month: Period,
  runs: readonly AssembledRun[],
  {
    rates,
    rules,
    findNewPayees,
  }: { readonly rates: RateReader; readonly rules: LocalRules; readonly findNewPayees: FindNewPayees },
): Promise<{ readonly findings: readonly NewFinding[]; readonly policies: readonly RunPolicy[] }> {
  const facts = await readGateFacts(tx, municipality, month, runs, rates, rules)
  const { findings, doubtful } = judgePayments(runs, facts)
  findings.push(...judgeDoubtful(doubtful, await lookUpDoubtful(tx, municipality, month, runs, doubtful)))
  findings.push(...judgeRuns(runs, facts))
  if (rules.rules.some((rule) => rule.check === 'new_payee' || rule.treatment === 'automatic')) {
    findings.push(...newPayees(await findNewPayees(runs.map((run) => run.runNo)), runs, rules))
  }
  const order = (one: NewFinding): number => GATE_CHECK_NAMES.indexOf(one.check)
  findings.sort((a, b) => a.runNo - b.runNo || order(a) - order(b) || a.payment - b.payment || a.amount - b.amount)
  const moved = await readMoved(tx, municipality, runs)
  const policies = runs.map((run) => policyOf(run.runNo, run.gathered, rules, facts.arrangements, findings, moved))
  await addWhoLetGo(tx, municipality, policies)
  await recordFindings(tx, municipality, findings)
  await recordPolicies(tx, municipality, policies)
  return { findings, policies }
}

function newPayees(
  found: Awaited<ReturnType<FindNewPayees>>,
  runs: readonly AssembledRun[],
  rules: LocalRules,
): NewFinding[] {
  const byPayment = Map.groupBy(found, (one) => one.payment)
  if (byPayment.size === 0) return []
  const findings: NewFinding[] = []
  for (const { runNo, gathered } of runs) {
    for (const { id, group, payment } of numberedPayments(runNo, gathered)) {
      const own = byPayment.get(id)
      if (own === undefined) continue
      const setting = rules.gate('new_payee', group.source, payment.parts[0]?.benefit ?? 0, gathered.date)
      const effect = effectOn(payment, setting.effect)
      findings.push(...own.map((one) => ({ ...one, runNo, check: 'new_payee' as const, effect })))
    }
  }
  return findings
}

/** Who let stopped parts go is a maker of the run too. */
async function addWhoLetGo(tx: Tx, municipality: Municipality, policies: RunPolicy[]): Promise<void> {
  const again = policies.filter((one) => one.reasons.includes('again')).map((one) => one.runNo)
  if (again.length === 0) return
  const found = await tx.rows<{ runNo: number; by: string }>(
    `select distinct r.run_no as "runNo", a.by_actor as by from unnest($2::int[]) as r (run_no)
     join payment_parts x on x.municipality_code = $1 and x.payment_id >= r.run_no::bigint << 24
       and x.payment_id < (r.run_no::bigint + 1) << 24
     join parts_again a on a.municipality_code = $1 and a.item_id = x.item_id and a.part = x.part`,
    [municipality, again],
  )
  for (const [i, one] of policies.entries()) {
    const makers = found.filter((row) => row.runNo === one.runNo && row.by !== 'toek').map((row) => row.by)
    if (makers.length > 0) policies[i] = { ...one, makers: [...new Set([...one.makers, ...makers])].sort() }
  }
}

async function recordFindings(tx: Tx, municipality: Municipality, findings: readonly NewFinding[]): Promise<void> {
  if (findings.length === 0) return
  const rows = rowWriter(1 << 14)
  const last = new Map<number, number>()
  for (const { runNo, check, payment, amount, effect, detail } of findings) {
    const no = (last.get(runNo) ?? 0) + 1
    last.set(runNo, no)
    rows.row(8)
    rows.i16(municipality)
    rows.i32(runNo)
    rows.i32(no)
    rows.text(check)
    rows.i64(payment)
    rows.i64(amount)
    rows.text(effect)
    rows.jsonb(detail)
  }
  const columns = 'municipality_code, run_no, finding_no, gate_check, payment_id, amount_ore, effect, detail'
  await tx.copyIn('run_findings', columns, rows)
}

/** One approver for no reason needs no row. */
async function recordPolicies(tx: Tx, municipality: Municipality, policies: readonly RunPolicy[]): Promise<void> {
  const told = policies.filter((one) => one.approvers !== 1 || one.reasons.length > 0)
  if (told.length === 0) return
  await tx.run(
    `insert into run_policies select $1, p."runNo", p.approvers, p.reasons, p.makers
     from jsonb_to_recordset($2::jsonb) as p ("runNo" int, approvers smallint, reasons text[], makers text[])`,
    [municipality, JSON.stringify(told)],
  )
}

export interface RunFinding {
  readonly runNo: number
  readonly findingNo: number
  readonly check: GateCheck
  /** 0: the run. */
  readonly payment: PaymentId
  readonly amount: Ore
  readonly effect: GateEffect
  readonly detail: FindingDetail
  /** Of one that stops the run: who let it go on, and why. */
  readonly lifted: { readonly by: string; readonly reason: string } | null
}

/** What stops something first, then the largest. */
export async function readFindings(
  db: Db,
  municipality: Municipality,
  runs: readonly number[],
  limit = 1_000_000,
): Promise<RunFinding[]> {
  if (runs.length === 0) return []
  return await db.rows<RunFinding>(
    `select f.run_no as "runNo", f.finding_no as "findingNo", f.gate_check as "check", f.payment_id as payment,
       f.amount_ore as amount, f.effect, f.detail,
       case when l.by_actor is not null then json_build_object('by', l.by_actor, 'reason', l.reason) end as lifted
     from run_findings f left join run_finding_lifts l on l.municipality_code = $1 and l.run_no = f.run_no
       and l.finding_no = f.finding_no
     where f.municipality_code = $1 and f.run_no = any ($2)
     order by array_position(array['block_run', 'block_line', 'ask', 'nothing'], f.effect), abs(f.amount_ore) desc,
       f.run_no, f.finding_no limit $3`,
    [municipality, runs, limit],
  )
}

/** A run without a row of its own takes one approver. */
export async function readPolicies(db: Db, municipality: Municipality, runs: readonly number[]): Promise<RunPolicy[]> {
  const rows = await db.often.rows<{ runNo: number; approvers: 0 | 1 | 2; reasons: PolicyReason[]; makers: string[] }>(
    `select n.run_no as "runNo", coalesce(p.approvers, 1) as approvers, coalesce(p.reasons, '{}') as reasons,
       coalesce(p.makers, '{}') as makers
     from unnest($2::int[]) with ordinality as n (run_no, nth)
     left join run_policies p on p.municipality_code = $1 and p.run_no = n.run_no order by n.nth`,
    [municipality, runs],
  )
  return rows
}

/**
 * One person lets a run go on in spite of a finding that stops it, with the reason; whoever approves it is another.
 * Refuses with `finding_not_open` what stops nothing, and with `reason_missing`.
 */
export async function liftFinding(
  tx: Tx,
  municipality: Municipality,
  runNo: number,
  findingNo: number,
  act: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<RunFinding> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the run may go on.')
  const one = (await readFindings(tx, municipality, [runNo])).find((each) => each.findingNo === findingNo)
  if (one === undefined || one.effect !== 'block_run' || one.lifted !== null) {
    throw new Refusal('finding_not_open', `Finding ${findingNo} does not stop this run.`)
  }
  await tx.run('insert into run_finding_lifts values ($1, $2, $3, $4, $5, $6)', [
    municipality,
    runNo,
    findingNo,
    act.at,
    act.by,
    act.reason,
  ])
  return one
}

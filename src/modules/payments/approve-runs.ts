/**
 * Approval of runs: by as many persons as their policy says, each another than who made something of them, each having
 * seen the total and everything that was found. @da godkendelse
 */
import { createHash } from 'node:crypto'
import type { Db, Tx } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { readFindings, readPolicies, type RunFinding } from './control-runs.ts'
import { fileIdOf, type PaymentRun, recordSteps, type RunAct, type RunStep } from './payment-run.ts'
import type { RunPolicy } from './release-policy.ts'

/** What an approver is shown of runs; `digest` is posted back with the approval. */
export interface RunView {
  readonly runs: readonly PaymentRun[]
  readonly policies: readonly RunPolicy[]
  readonly findings: readonly RunFinding[]
  /** SHA-256 over amounts, findings and what is stopped, in hex. */
  readonly digest: string
}

/** Runs of one municipality as they are now. What others have approved meanwhile does not make it another view. */
export async function viewOf(db: Db, municipality: Municipality, runs: readonly PaymentRun[]): Promise<RunView> {
  const numbers = runs.map((run) => run.runNo)
  const policies = await readPolicies(db, municipality, numbers)
  const findings = await readFindings(db, municipality, numbers)
  const text = JSON.stringify([
    runs.map((run, i) => {
      const { approvers, reasons } = policies[i] as RunPolicy
      return [
        fileIdOf(municipality, run.runNo),
        formatDay(run.dispositionDate),
        run.payments,
        run.parts,
        run.amount,
        approvers,
        reasons,
      ]
    }),
    findings.map((one) => [one.runNo, one.findingNo, one.check, one.payment, one.amount, one.effect, one.lifted]),
  ])
  return { runs, policies, findings, digest: createHash('sha256').update(text).digest('hex') }
}

export interface Approval extends RunAct {
  /** What the approver was shown. */
  readonly total: Ore
  /** Digest of the view that the approver was shown, in hex; where one person is enough the demo's is shown none. */
  readonly view?: string | undefined
}

interface Before {
  readonly steps: readonly { readonly step: RunStep; readonly by: string; readonly amount: number }[]
  readonly approved: readonly string[]
  readonly lifted: readonly string[]
  readonly makers: readonly string[]
}

/**
 * One more person approves runs of a municipality; gives those that are approved with it: the others wait for another.
 * Refuses what does not wait (`run_not_ready`), what a finding stops (`run_blocked`), who has had a hand in it
 * (`four_eyes`), and a total that is not that of the run (`stale_total`).
 */
export async function approveRuns(
  tx: Tx,
  municipality: Municipality,
  acts: readonly Approval[],
): Promise<readonly number[]> {
  if (acts.length === 0) return []
  const before = await readBefore(
    tx,
    municipality,
    acts.map((act) => act.run.runNo),
  )
  const last: Approval[] = []
  const rows = acts.map((act) => {
    const own = before.get(act.run.runNo) as Before
    check(act, own)
    const nth = own.approved.length + 1
    if (nth >= act.run.approvers) last.push(act)
    return { run: act.run.runNo, nth, at: act.at, by: act.by, amount: act.total, view: act.view }
  })
  const shown = rows.filter((row) => row.view !== undefined)
  if (shown.length > 0) {
    await tx.run(
      `insert into run_approvals select $1, a.run, a.nth, a.at, a.by, a.amount, decode(a.view, 'hex')
       from jsonb_to_recordset($2::jsonb) as a (run int, nth smallint, at timestamptz, by text, amount bigint, view text)`,
      [municipality, JSON.stringify(shown)],
    )
  }
  await recordSteps(
    tx,
    last.map((act) => ({ ...act, amount: act.total, step: 'approved' })),
  )
  return last.map((act) => act.run.runNo)
}

function check({ run, by, total }: Approval, { steps, approved, lifted, makers }: Before): void {
  const assembled = steps.find((one) => one.step === 'assembled')
  if (assembled === undefined || steps.some((one) => one.step === 'approved')) {
    throw new Refusal('run_not_ready', 'Only a run that is assembled and not yet approved can be approved.')
  }
  if (run.blocked) {
    throw new Refusal(
      'run_blocked',
      `A finding stops run ${fileIdOf(run.municipality, run.runNo)}. Lift it with a reason first.`,
    )
  }
  if (assembled.by === by) throw new Refusal('four_eyes', `${by} assembled the run; another person must approve it.`)
  if (approved.includes(by))
    throw new Refusal('four_eyes', `${by} has approved the run; another person must do it too.`)
  if (lifted.includes(by))
    throw new Refusal('four_eyes', `${by} lifted a finding of the run; another person must approve it.`)
  if (makers.includes(by)) {
    throw new Refusal('four_eyes', `${by} entered something that the run pays by; another person must approve it.`)
  }
  // What was stopped since it was assembled is in neither.
  if (run.amount !== total || assembled.amount < total) {
    throw new Refusal('stale_total', 'The total has changed since it was shown. Look at the run again, then approve.')
  }
}

async function readBefore(
  tx: Tx,
  municipality: Municipality,
  runs: readonly number[],
): Promise<ReadonlyMap<number, Before>> {
  const rows = await tx.rows<Before & { runNo: number }>(
    `select n.run_no as "runNo",
       (select coalesce(json_agg(json_build_object('step', s.step, 'by', s.by_actor, 'amount', s.amount_ore)), '[]')
         from payment_run_steps s where s.municipality_code = $1 and s.run_no = n.run_no) as steps,
       array(select a.by_actor from run_approvals a where a.municipality_code = $1 and a.run_no = n.run_no) as approved,
       array(select l.by_actor from run_finding_lifts l where l.municipality_code = $1 and l.run_no = n.run_no) as lifted,
       coalesce((select p.makers from run_policies p where p.municipality_code = $1 and p.run_no = n.run_no), '{}') as makers
     from unnest($2::int[]) as n (run_no)`,
    [municipality, runs],
  )
  return new Map(rows.map(({ runNo, ...before }) => [runNo, before]))
}

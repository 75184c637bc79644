/** "Så", of payment runs: how far each is, who must approve it, and what was found of it. */
import { day, formatDay } from '../../src/base/date.ts'
import { formatKroner } from '../../src/base/money.ts'
import {
  findingText,
  GATE_CHECK_TEXT,
  GATE_EFFECT_TEXT,
  policyText,
  RUN_STATE,
  RUN_STEP,
} from '../../src/entry/text/index.ts'
import { readRunStates } from '../../src/modules/overview/index.ts'
import { readFindings, readPolicies, readRuns, RUN_STEPS, type RunPolicy } from '../../src/modules/payments/index.ts'
import { aliasOf, codes } from './names.ts'
import type { Play } from './play-scenario.ts'
import type { Row } from './read-scenario.ts'

const EVER = { from: day('1970-01-01'), to: day('9999-01-01') }

export async function runs(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    await play.line.reader.transaction([code], async (tx) => {
      const all = await readRuns(tx, code)
      const policies = await readPolicies(
        tx,
        code,
        all.map((run) => run.runNo),
      )
      const states = new Map((await readRunStates(tx, code, EVER)).map((one) => [one.runNo, one.state]))
      for (const [i, run] of all.entries()) {
        const last = RUN_STEPS.findLast((step) => run.steps.includes(step)) ?? ''
        rows.push({
          kørsel: String(run.runNo),
          dato: formatDay(run.dispositionDate),
          beløb: formatKroner(run.amount),
          trin: RUN_STEP[last] ?? last,
          tilstand: RUN_STATE[states.get(run.runNo) ?? 'planned'],
          standset: run.blocked ? 'ja' : 'nej',
          politik: policyText(policies[i] as RunPolicy),
        })
      }
    })
  }
  return rows
}

export async function findings(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const code of codes(play)) {
    await play.line.reader.transaction([code], async (tx) => {
      const numbers = (await readRuns(tx, code)).map((run) => run.runNo)
      const payees = await tx.rows<{ id: number; payee: string }>(
        `select p.payment_id as id, y.identifier as payee from payments p
         join parties y on y.municipality_code = p.municipality_code and y.party_id = p.payee where p.municipality_code = $1`,
        [code],
      )
      const found = await readFindings(tx, code, numbers)
      found.sort((a, b) => a.runNo - b.runNo || a.findingNo - b.findingNo)
      for (const one of found) {
        const payee = payees.find((row) => row.id === one.payment)?.payee
        rows.push({
          kørsel: String(one.runNo),
          fund: String(one.findingNo),
          kontrol: GATE_CHECK_TEXT[one.check],
          til: payee === undefined ? '' : aliasOf(play, payee),
          beløb: formatKroner(one.amount),
          virkning: GATE_EFFECT_TEXT[one.effect],
          tekst: findingText(one),
          ophævet: one.lifted === null ? '' : `${one.lifted.by}: ${one.lifted.reason}`,
        })
      }
    })
  }
  return rows
}

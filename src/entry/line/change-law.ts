/**
 * A law change from its file until it applies: entered by one person, tried on what was paid, approved by another. From
 * then on every batch of work that is planned uses it; what was planned before does not. @da lovændring
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { recordAudits } from '../../modules/access/index.ts'
import {
  approveLaw,
  changedBook,
  enterLaw,
  type LawChange,
  type LawText,
  lookup,
  readLawChange,
  recordLawAccounts,
  recordLawTest,
  withApprovedLaws,
  workDone,
} from '../../modules/rates/index.ts'
import type { Line } from './line.ts'
import { type WhatIf, whatIf } from './what-if.ts'

export interface LawAct {
  /** ISO time. */
  readonly at: string
  readonly by: string
}

/** @throws Refusal when the changes cannot be laid over the book, or the file was entered before. */
export async function enterLawChange(line: Line, law: LawText, sha256: Uint8Array, act: LawAct): Promise<LawChange> {
  return await line.connection.transaction([], async (tx) => {
    lookup(changedBook((await withApprovedLaws(tx, line.rates)).book, law.changes))
    return await readLawChange(tx, await enterLaw(tx, law, sha256, act))
  })
}

export interface LawTrial extends LawAct {
  readonly municipalities: readonly Municipality[]
  /** What was paid from this day on. */
  readonly since: Day
  readonly onDone?: (items: number) => void
}

/**
 * What the change would have made of what was paid, beside every change that is approved now. Its sums are kept with
 * the change, not the largest differences: those name orders, and the change is everybody's.
 */
export async function tryLawChange(
  line: Line,
  changeNo: number,
  trial: LawTrial,
): Promise<{ readonly law: LawChange; readonly found: WhatIf }> {
  const { municipalities, since } = trial
  const start = await line.connection.transaction(municipalities, async (tx) => {
    const before = await withApprovedLaws(tx, line.rates)
    return { before, law: await readLawChange(tx, changeNo), untilWork: await workDone(tx, municipalities) }
  })
  const { before, law, untilWork } = start
  const after = lookup(changedBook(before.book, law.changes))
  const found = await whatIf(line, { ...trial, before, after })
  const { items, net_ore: net } = found.totals
  const sums = { totals: found.totals, byBenefit: found.by_benefit, items: found.items, changedItems: items, net }
  return await line.connection.transaction([], async (tx) => {
    await recordLawTest(tx, changeNo, { ...sums, base: before.laws, municipalities, since, untilWork }, trial)
    return { law: await readLawChange(tx, changeNo), found }
  })
}

/** The items and the net difference in øre that the approver was shown; other figures are refused. */
export interface LawApproval extends LawAct {
  readonly items: number
  readonly net: number
}

/** @throws Refusal, as `approveLaw` */
export async function approveLawChange(line: Line, changeNo: number, act: LawApproval): Promise<LawChange> {
  const every = [...line.rates.known.municipalities].sort((a, b) => a - b)
  return await line.connection.transaction(every, async (tx) => {
    const { test } = await approveLaw(tx, changeNo, act, every, act)
    await recordLawAccounts(tx, await withApprovedLaws(tx, line.rates))
    await audit(tx, changeNo, test.municipalities, act)
    return await readLawChange(tx, changeNo)
  })
}

/** It changes what these municipalities pay: each sees it in its own audit log. */
async function audit(tx: Tx, changeNo: number, municipalities: readonly Municipality[], act: LawApproval) {
  const detail = { items: act.items, net_ore: act.net }
  const row = { at: act.at, actor: act.by, command: 'law.approve', subject: `law change ${changeNo}`, detail }
  await recordAudits(
    tx,
    municipalities.map((municipality) => ({ municipality, ...row })),
  )
}

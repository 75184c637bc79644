/** Local rules of a scenario: told by one person, approved by another. */
import assert from 'node:assert/strict'
import type { Municipality } from '../../src/base/id.ts'
import { approveRules, waitingRules } from '../../src/modules/rates/index.ts'
import type { TestLine } from './line.ts'
import { type Play, municipalityOf } from './play-scenario.ts'

const APPROVE = /^([\wæøåÆØÅ]+) godkender lokale regler(?: og afvises: (\w+))?$/

/** Of every file that waits. */
export async function approveWaiting(line: TestLine, code: Municipality, by: string, month: string): Promise<void> {
  await line.loader.transaction([code], async (tx) => {
    const files = new Set((await waitingRules(tx, code)).map((rule) => rule.intakeNo))
    for (const file of files) await approveRules(tx, code, file, { at: `${month}-01T06:00:00Z`, by })
  })
}

/** False when the item is about something else. */
export async function approveLocalRules(play: Play, item: string): Promise<boolean> {
  const said = APPROVE.exec(item)
  if (said === null) return false
  const [, by = '', refused] = said
  const done = approveWaiting(play.line, municipalityOf(play, ''), by, play.month)
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
  return true
}

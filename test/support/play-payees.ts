/** Payee arrangements of a scenario: entered, approved, ended, each by somebody. */
import assert from 'node:assert/strict'
import { day, type Day } from '../../src/base/date.ts'
import type { Ore } from '../../src/base/money.ts'
import {
  approveArrangement,
  type ArrangementKind,
  endArrangement,
  enterArrangement,
  type PartyRef,
} from '../../src/modules/parties/index.ts'
import { oreOf } from './read-scenario.ts'
import { type Play, municipalityOf, partyOf } from './play-scenario.ts'

const NAME = '([\\wæøåÆØÅ]+)'
const DATE = '(\\d{4}-\\d{2}-\\d{2})'
const ENTER = new RegExp(
  `^${NAME} indtaster: ${NAME} udbetales til ${NAME}(?: på konto (\\d{14}))?(?: for (\\w+))? fra ${DATE}(?: til ${DATE})?` +
    `(?: \\((bo|transport|udlæg)(?: modtaget ${DATE})?(?:, krav ([\\d.,]+) kr\\.)?\\))?(?: og afvises: (\\w+))?$`,
)
const APPROVE = new RegExp(`^${NAME} godkender modtageraftale (\\d+)(?: og afvises: (\\w+))?$`)
const END = new RegExp(`^${NAME} ophører modtageraftale (\\d+) fra ${DATE}$`)

const KINDS: Readonly<Record<string, ArrangementKind>> = { bo: 'estate', transport: 'transport', udlæg: 'udlaeg' }

/** False when the item is about something else. */
export async function arrange(play: Play, item: string): Promise<boolean> {
  const municipality = municipalityOf(play, '')
  const act = (by: string) => ({ at: `${play.month}-10T10:00:00Z`, by })
  const { loader, rates } = play.line
  const enter = ENTER.exec(item)
  if (enter !== null) {
    const [, by = '', beneficiary = '', payee = '', account, key, from = '', to, right, received, claim, refused] =
      enter
    const benefit = rates.book.benefits.find((one) => one.key === key)?.benefit
    const one = {
      kind: KINDS[right ?? ''] ?? ('payee' as const),
      receivedOn: received === undefined ? undefined : day(received),
      claim: claim === undefined ? undefined : (oreOf(claim) as Ore),
      beneficiary: partyOf(play, beneficiary) as PartyRef,
      payee: partyOf(play, payee) as PartyRef,
      account,
      benefit,
      from: day(from),
      to: to === undefined ? undefined : ((day(to) + 1) as Day),
      reason: 'værge',
      document: 'V-12',
    }
    const done = loader.transaction([municipality], (tx) => enterArrangement(tx, municipality, one, act(by)))
    if (refused === undefined) await done
    else await assert.rejects(done, { code: refused })
    return true
  }
  const approve = APPROVE.exec(item)
  if (approve !== null) {
    const [, by = '', no, refused] = approve
    const done = loader.transaction([municipality], (tx) => approveArrangement(tx, municipality, Number(no), act(by)))
    if (refused === undefined) await done
    else await assert.rejects(done, { code: refused })
    return true
  }
  const end = END.exec(item)
  if (end === null) return false
  const [, by = '', no, from = ''] = end
  const how = { ...act(by), from: day(from), reason: 'værgemålet er ophævet' }
  await loader.transaction([municipality], (tx) => endArrangement(tx, municipality, Number(no), how))
  return true
}

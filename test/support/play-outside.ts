/** What was paid elsewhere: registered, approved, given up, each by somebody. */
import assert from 'node:assert/strict'
import { day } from '../../src/base/date.ts'
import type { Ore } from '../../src/base/money.ts'
import { actOutside, type OutsideAct } from '../../src/entry/line/outside.ts'
import { findWork } from '../../src/modules/overview/index.ts'
import { SOURCE_SYSTEM_ID, type SourceSystem } from '../../src/modules/orders/index.ts'
import { municipalityOf, type Play } from './play-scenario.ts'
import { oreOf } from './read-scenario.ts'

const NAME = '([\\wæøåÆØÅ]+)'
const REFUSED = '(?: og afvises: (\\w+))?$'
const REGISTER = new RegExp(
  `^${NAME} registrerer ([\\d.,]+) kr\\. betalt udenom af (\\S+)(?: linje (\\S+))? den (\\d{4}-\\d{2}-\\d{2}): (\\S+)${REFUSED}`,
)
const APPROVE = new RegExp(`^${NAME} godkender betaling udenom (\\d+)${REFUSED}`)
const END = new RegExp(`^${NAME} opgiver betaling udenom (\\d+): (.+?)${REFUSED}`)

/** False when the item is about something else. */
export async function paidOutside(play: Play, item: string): Promise<boolean> {
  const said = actOf(item)
  if (said === undefined) return false
  const { by, act, refused } = said
  const municipality = municipalityOf(play, '')
  const at = `${play.month}-28T10:00:00+00:00`
  const { loader, rates } = play.line
  const done = loader.inTurn(municipality, async (tx) => {
    await actOutside(tx, rates, municipality, act, { at, by })
    await findWork(tx, [municipality], at)
  })
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
  return true
}

function actOf(item: string): { by: string; act: OutsideAct; refused: string | undefined } | undefined {
  const register = REGISTER.exec(item)
  if (register !== null) {
    const [, by = '', amount = '', orderKey = '', lineKey = '', paidOn = '', reference = '', refused] = register
    const source = SOURCE_SYSTEM_ID[orderKey.split('-')[0] as SourceSystem]
    const what = {
      source,
      orderKey,
      lineKey,
      amount: oreOf(amount) as Ore,
      paidOn: day(paidOn),
      reference,
      document: 'D-7',
    }
    return { by, act: { kind: 'register', what }, refused }
  }
  const approve = APPROVE.exec(item)
  if (approve !== null) {
    return { by: approve[1] ?? '', act: { kind: 'approve', no: Number(approve[2]) }, refused: approve[3] }
  }
  const end = END.exec(item)
  if (end === null) return undefined
  return { by: end[1] ?? '', act: { kind: 'end', no: Number(end[2]), reason: end[3] ?? '' }, refused: end[4] }
}

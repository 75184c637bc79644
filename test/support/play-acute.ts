/** What a person pays acutely, and what source systems want at once. */
import assert from 'node:assert/strict'
import { payAcutely, payWanted } from '../../src/entry/line/acute.ts'
import { findWork } from '../../src/modules/overview/index.ts'
import type { SourceSystem } from '../../src/modules/orders/index.ts'
import { municipalityOf, type Play } from './play-scenario.ts'

const NAME = '([\\wæøåÆØÅ]+)'
const ACUTE = new RegExp(
  `^${NAME} udbetaler (\\S+) akut den (\\d{4}-\\d{2}-\\d{2}) kl\\. (\\d{2}:\\d{2}): (.+?)(?: og afvises: (\\w+))?$`,
)
const WANTED = new RegExp(
  `^${NAME} udbetaler det, der skal betales straks, den (\\d{4}-\\d{2}-\\d{2}) kl\\. (\\d{2}:\\d{2}): (\\d+) kørs(?:el|ler)$`,
)

/** False when the item is about something else. The hour is UTC. */
export async function payAcute(play: Play, item: string): Promise<boolean> {
  const municipality = municipalityOf(play, '')
  const { loader, rates } = play.line
  const wanted = WANTED.exec(item)
  if (wanted !== null) {
    const [, by = '', date, time, runs] = wanted
    const at = `${date}T${time}:00+00:00`
    const made = await loader.inTurn(municipality, (tx) => payWanted(tx, rates, { municipality, by, at }))
    assert.equal(made.length, Number(runs))
    return true
  }
  const said = ACUTE.exec(item)
  if (said === null) return false
  const [, by = '', orderKey = '', date, time, reason = '', refused] = said
  const at = `${date}T${time}:00+00:00`
  const source = orderKey.split('-')[0] as SourceSystem
  const done = loader.inTurn(municipality, async (tx) => {
    await payAcutely(tx, rates, { municipality, source, orderKey, reason, by, at })
    await findWork(tx, [municipality], at)
  })
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
  return true
}

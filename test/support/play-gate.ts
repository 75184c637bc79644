/** Persons at payment runs: who sees them, approves them, and lets one go on in spite of what was found. */
import assert from 'node:assert/strict'
import { danishInstant } from '../../src/base/danish-time.ts'
import { day } from '../../src/base/date.ts'
import { approveShown, showRuns, type ShownRuns, waitingRuns } from '../../src/entry/line/approve-shown.ts'
import { putSwitchOff, putSwitchOn } from '../../src/entry/line/kill-switch.ts'
import { sweep } from '../../src/entry/line/sweep.ts'
import { moveLate } from '../../src/entry/line/cut-off.ts'
import { liftFinding, type PaymentRun, readRuns } from '../../src/modules/payments/index.ts'
import { readLocalRules } from '../../src/modules/rates/index.ts'
import { lockMunicipality, SOURCE_SYSTEM_ID, type SourceSystem } from '../../src/modules/orders/index.ts'
import { monthOf } from './line.ts'
import { municipalityOf, type Play } from './play-scenario.ts'

const NAME = '([\\wæøåÆØÅ]+)'
const SEE = new RegExp(`^${NAME} ser kørslerne$`)
/** `som de blev vist`: with what the person saw, whatever has happened since. */
const APPROVE = new RegExp(
  `^${NAME} godkender (?:kørslerne|kørsel (\\d+))( som de blev vist)?(?:, klokken er ([\\d-]+) ([\\d:]+))?(?: og afvises: (\\w+))?$`,
)
const LIFT = new RegExp(`^${NAME} ophæver fund (\\d+) i kørsel (\\d+): (.+?)(?: og afvises: (\\w+))?$`)

const MOVE = new RegExp(
  `^${NAME} flytter kørsel (\\d+), klokken er ([\\d-]+) ([\\d:]+): (.+?)(?: og afvises: (\\w+))?$`,
)

const CLOCK = /^klokken er ([\d-]+) ([\d:]+)$/

const SWITCH = new RegExp(`^${NAME} (standser|ophæver nødstop for) (KY|KSD|KP): (.+?)(?: og afvises: (\\w+))?$`)

const seen = new WeakMap<Play, Map<string, ShownRuns>>()

/** False when the item is about something else. */
export async function controlAct(play: Play, item: string): Promise<boolean> {
  return (
    (await see(play, item)) ||
    (await approve(play, item)) ||
    (await move(play, item)) ||
    (await clock(play, item)) ||
    (await lift(play, item)) ||
    (await killSwitch(play, item))
  )
}

async function killSwitch(play: Play, item: string): Promise<boolean> {
  const said = SWITCH.exec(item)
  if (said === null) return false
  const [, by = '', verb, system, reason = '', refused] = said
  const code = municipalityOf(play, '')
  const act = { at: `${play.month}-20T08:00:00Z`, by, reason }
  const source = SOURCE_SYSTEM_ID[system as SourceSystem]
  const done = play.line.loader.transaction([code], async (tx) => {
    await lockMunicipality(tx, code)
    if (verb === 'standser') await putSwitchOn(tx, code, source, act)
    else await putSwitchOff(tx, play.line.rates, code, source, act)
  })
  await doneOrRefused(done, refused)
  return true
}

async function see(play: Play, item: string): Promise<boolean> {
  const said = SEE.exec(item)
  if (said === null) return false
  const code = municipalityOf(play, '')
  const shown = await play.line.reader.transaction([code], async (tx) =>
    showRuns(tx, await waitingRuns(tx, [code], monthOf(play.month), undefined)),
  )
  const by = seen.get(play) ?? new Map<string, ShownRuns>()
  seen.set(play, by)
  by.set(said[1] as string, shown)
  return true
}

async function approve(play: Play, item: string): Promise<boolean> {
  const said = APPROVE.exec(item)
  if (said === null) return false
  const [, by = '', run, asSeen, date, clock = '', refused] = said
  const asked = { at: date === undefined ? undefined : danishInstant(day(date), clock) }
  const code = municipalityOf(play, '')
  const chosen = run === undefined ? undefined : [`${String(code).padStart(4, '0')}R${run}`]
  const done = play.line.loader.transaction([code], async (tx) => {
    await lockMunicipality(tx, code)
    const shown = await showRuns(tx, await waitingRuns(tx, [code], monthOf(play.month), chosen))
    const before = seen.get(play)?.get(by)
    if (asSeen !== undefined && before === undefined) throw new Error(`${by} has seen no runs`)
    const { total, view } = asSeen === undefined || before === undefined ? shown : before
    await approveShown(tx, shown, { total, view, by, now: `${play.month}-20T09:00:00Z`, asked })
  })
  await doneOrRefused(done, refused)
  return true
}

async function move(play: Play, item: string): Promise<boolean> {
  const said = MOVE.exec(item)
  if (said === null) return false
  const [, by = '', run, date = '', clock = '', reason = '', refused] = said
  const code = municipalityOf(play, '')
  const done = play.line.loader.inTurn(code, async (tx) => {
    const one = (await readRuns(tx, code)).find(({ runNo }) => runNo === Number(run))
    const judging = { rates: play.line.rates, rules: await readLocalRules(tx, code) }
    await moveLate(tx, one as PaymentRun, judging, { at: danishInstant(day(date), clock), by, reason })
  })
  await doneOrRefused(done, refused)
  return true
}

/** Somebody looks what has become due by time. */
async function clock(play: Play, item: string): Promise<boolean> {
  const said = CLOCK.exec(item)
  if (said === null) return false
  const at = danishInstant(day(said[1] as string), said[2] as string)
  const line = {
    connection: play.line.loader,
    rates: play.line.rates,
    folders: { out: '', in: '' },
    at: () => undefined,
  }
  for (const code of play.municipalities.values()) await sweep(line, code, at)
  return true
}

async function lift(play: Play, item: string): Promise<boolean> {
  const said = LIFT.exec(item)
  if (said === null) return false
  const [, by = '', finding, run, reason = '', refused] = said
  const code = municipalityOf(play, '')
  const act = { at: `${play.month}-20T08:00:00Z`, by, reason }
  const done = play.line.loader.transaction([code], (tx) =>
    liftFinding(tx, code, Number(run), Number(finding), act).then(() => undefined),
  )
  await doneOrRefused(done, refused)
  return true
}

export async function doneOrRefused(done: Promise<void>, refused: string | undefined): Promise<void> {
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
}

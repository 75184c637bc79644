/** Random histories: a fact that comes between calculation and payment stops what is not sent. */
import assert from 'node:assert/strict'
import type { Municipality, OrderId } from '../../src/base/id.ts'
import { holdForEvents, releaseOrder, touchedOrders } from '../../src/modules/orders/index.ts'
import { EVENT_HOLDS, readAgain } from './check-history.ts'
import { pick } from './dice.ts'
import { factFile } from './files.ts'
import { giveBack } from './history-outcomes.ts'
import { cardOf, COMPANY, type Version } from './history-records.ts'
import type { TestLine } from './line.ts'
import { type Played, textOfCode } from './played-history.ts'

/** Tax cards for another rate, and citizens who cannot be found; gives what of it was seen. */
export async function stopUnsentOf(
  line: TestLine,
  play: Played,
  codes: readonly Municipality[],
  month: string,
): Promise<string[]> {
  const { roll, histories } = play
  const citizens = histories.flatMap((history) => history.citizens)
  const facts: Fact[] = citizens.flatMap((cpr): Fact[] => {
    if (roll(2) === 0) return []
    if (roll(4) === 0) return [{ record: 'party_event', cpr, event: 'missing', date: `${month}-01` }]
    return [cardOf(roll, cpr, '2025-01-01', '2027-01-01')]
  })
  if (play.ways.stopped) facts.push(...eventsOf(play, month))
  if (facts.length === 0) return []
  for (const code of codes) {
    const municipality = textOfCode(code)
    const { cvr: se } = line.rates.municipality(code)
    const own = facts.map((fact) => (fact.record === 'tax_card' ? { ...fact, municipality, se } : fact))
    const taken = await line.importText(factFile(`STOP-${municipality}-${month}`, municipality, month, own), month)
    assert.deepEqual([taken.state, taken.refused], ['loaded', []])
  }
  play.told.push(`${month}: ${JSON.stringify(facts)}`)
  return await followStopped(line, play, codes)
}

/** What was calculated and is stopped whole is there again, and nothing of it stands any more. */
async function followStopped(line: TestLine, { model }: Played, codes: readonly Municipality[]): Promise<string[]> {
  const seen: string[] = []
  for (const { order, version, again } of await readAgain(line.loader.db, codes[0] as Municipality)) {
    const one = model.decisions.get(order)
    const { calculated, newest } = one ?? {}
    if (one === undefined || calculated?.version !== version || calculated.again >= again) continue
    seen.push('stopped', ...one.taken.map(() => 'not taken'))
    giveBack(model, one)
    if (newest === calculated) Object.assign(one, { newest: { ...calculated, again } })
    else one.stopped = true
  }
  return seen
}

type Fact = Record<string, unknown> & { readonly record: string }

/** A citizen dies, a company closes, or a register takes back what it told. */
export function eventsOf({ roll, histories, events }: Played, month: string): Fact[] {
  const fact = (who: string, event: string): Fact => {
    const date = `${month}-01`
    return { record: 'party_event', [who === COMPANY ? 'cvr' : 'cpr']: who, event, date }
  }
  const [first] = events
  if (first !== undefined && roll(3) === 0) {
    events.splice(0, events.length, ...events.filter(({ who }) => who !== first.who))
    return [fact(first.who, 'restored')]
  }
  const who = roll(3) === 0 ? COMPANY : pick(roll, pick(roll, histories).citizens)
  const event = who === COMPANY ? pick(roll, ['bankruptcy', 'closed']) : pick(roll, ['death', 'missing'])
  events.push({ who, event, letGo: new Set() })
  return [fact(who, event)]
}

/**
 * Told beside the orders of a month, before anything is calculated. Of earlier months nothing is unsent but what a
 * third party was to have of it and has not had, as it is stopped: a death stops that version whole.
 */
export async function tellEvents(
  line: TestLine,
  play: Played,
  codes: readonly Municipality[],
  month: string,
): Promise<string[]> {
  if (!play.ways.stopped || play.roll(3) > 0) return []
  const facts = eventsOf(play, month)
  for (const code of codes) {
    const municipality = textOfCode(code)
    const taken = await line.importText(factFile(`EVENT-${municipality}-${month}`, municipality, month, facts), month)
    assert.deepEqual([taken.state, taken.refused], ['loaded', []])
  }
  play.told.push(`${month}: ${JSON.stringify(facts)}`)
  return [...facts.map((fact) => String(fact['event'])), ...(await followStopped(line, play, codes))]
}

/** An event in force is about whom it is for, who is paid, or whom an arrangement says to pay. */
export function mayBeStopped({ events, arranged, ways, told }: Played, { beneficiary, payee }: Version): boolean {
  const concerned = new Set([beneficiary, payee])
  for (const one of arranged) if (one.beneficiary === beneficiary) concerned.add(one.payee)
  return (
    events.some(({ who }) => concerned.has(who)) ||
    (ways.stopped && told.some((one) => [...concerned].some((who) => one.includes(`"cpr":"${who}","event":"missing"`))))
  )
}

/** A person lets go what is held for some of those whom an event is about. */
export async function letSomeGo(
  line: TestLine,
  play: Played,
  codes: readonly Municipality[],
  month: string,
): Promise<string[]> {
  const seen: string[] = []
  for (const one of play.model.decisions.values()) {
    const { newest } = one
    if (newest === undefined || play.roll(3) > 0 || !mayBeStopped(play, newest)) continue
    for (const municipality of codes) {
      await line.loader.transaction([municipality], async (tx) => {
        const found = await tx.first<{ order: OrderId }>(
          `select o.order_id as order from orders o where o.municipality_code = $1 and o.order_key = $2
             and o.version = $3 and o.again = $4 and exists (select from order_holds h where h.municipality_code = $1
               and h.order_id = o.order_id and h.kind = any ($5) and not exists (select from order_hold_releases r
               where r.municipality_code = $1 and r.order_id = h.order_id and r.hold_no = h.hold_no))`,
          [municipality, newest.order, newest.version, newest.again, EVENT_HOLDS],
        )
        if (found === undefined) return
        await tx.run(
          `insert into order_hold_releases select h.municipality_code, h.order_id, h.hold_no, 'set af en person', $3, 'anna'
           from order_holds h where h.municipality_code = $1 and h.order_id = $2 and h.kind = any ($4)
           on conflict do nothing`,
          [municipality, found.order, `${month}-02T09:00:00Z`, EVENT_HOLDS],
        )
        for (const event of play.events) event.letGo.add(`${newest.order} ${newest.version}`)
        if (municipality === codes[0]) seen.push('let go by a person')
      })
    }
  }
  return seen
}

/** Somebody has found them: a person lets go what is held. */
export async function releaseMissing(line: TestLine, codes: readonly Municipality[], month: string): Promise<void> {
  for (const municipality of codes) {
    // Of their other holds nothing is said.
    await line.loader.transaction([municipality], async (tx) => {
      const at = `${month}-02T08:00:00Z`
      const coming = await touchedOrders(tx, municipality, at, 'waiting')
      const held = coming.filter((one) => !one.calculated)
      await holdForEvents(tx, municipality, held, at)
      await tx.run(
        `insert into order_hold_releases select h.municipality_code, h.order_id, h.hold_no, 'fundet', $2, 'anna'
         from order_holds h where h.municipality_code = $1 and h.kind = 'missing' on conflict do nothing`,
        [municipality, `${month}-02T09:00:00Z`],
      )
    })
  }
}

/** A person lets go the newest version of an order. */
export async function release(line: TestLine, municipality: Municipality, of: Version, month: string): Promise<void> {
  await line.loader.transaction([municipality], async (tx) => {
    const found = await tx.first<{ order: OrderId }>(
      `select order_id as order from orders where municipality_code = $1 and order_key = $2 and version = $3
         and again = $4`,
      [municipality, of.order, of.version, of.again],
    )
    const { order } = found as NonNullable<typeof found>
    await releaseOrder(tx, { municipality, order, reason: 'afklaret', at: `${month}-01T07:40:00Z`, by: 'anna' })
  })
}

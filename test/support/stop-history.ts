/** Random histories: a fact that comes between calculation and payment stops what is not sent. */
import assert from 'node:assert/strict'
import type { Municipality, OrderId } from '../../src/base/id.ts'
import { holdForEvents, releaseOrder } from '../../src/modules/orders/index.ts'
import { readAgain } from './check-history.ts'
import { factFile } from './files.ts'
import { giveBack } from './history-outcomes.ts'
import { cardOf, type Version } from './history-records.ts'
import type { TestLine } from './line.ts'
import { type Played, textOfCode } from './played-history.ts'

/** Tax cards for another rate, and citizens who cannot be found; gives what of it was seen. */
export async function stopUnsentOf(
  line: TestLine,
  play: Played,
  codes: readonly Municipality[],
  month: string,
): Promise<string[]> {
  const { roll, histories, model } = play
  const citizens = histories.flatMap((history) => history.citizens)
  const facts = citizens.flatMap((cpr): (Record<string, unknown> & { record: string })[] => {
    if (roll(2) === 0) return []
    if (roll(4) === 0) return [{ record: 'party_event', cpr, event: 'missing', date: `${month}-01` }]
    return [cardOf(roll, cpr, '2025-01-01', '2027-01-01')]
  })
  if (facts.length === 0) return []
  for (const code of codes) {
    const municipality = textOfCode(code)
    const { cvr: se } = line.rates.municipality(code)
    const own = facts.map((fact) => (fact.record === 'tax_card' ? { ...fact, municipality, se } : fact))
    const taken = await line.importText(factFile(`STOP-${municipality}-${month}`, municipality, month, own), month)
    assert.deepEqual([taken.state, taken.refused], ['loaded', []])
  }
  play.told.push(`${month}: ${JSON.stringify(facts)}`)
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

/** Somebody has found them: a person lets go what is held. */
export async function releaseMissing(line: TestLine, codes: readonly Municipality[], month: string): Promise<void> {
  for (const municipality of codes) {
    // Of their other holds nothing is said.
    await line.loader.transaction([municipality], async (tx) => {
      const coming = await tx.rows<{ order: OrderId; intakeNo: number }>(
        `select o.order_id as order, e.intake_no as "intakeNo" from orders o join party_events e on e.municipality_code = $1
           and e.party_id in (o.beneficiary, o.payee)
         where o.municipality_code = $1 and o.state = 0 and not exists (select from calculations c
           where c.municipality_code = $1 and c.order_id = o.order_id)`,
        [municipality],
      )
      const held = coming.map((one) => ({ ...one, event: 'missing' as const, date: `${month}-01` }))
      await holdForEvents(tx, municipality, held, `${month}-02T08:00:00Z`)
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

/**
 * Facts about persons and companies thrown between any two steps of some months, beside a plain model of who may be
 * paid what: nobody is paid whom an event in force concerns, unless a person let the order go after it was told.
 */
import assert from 'node:assert/strict'
import type { Municipality } from '../../src/base/id.ts'
import { Refusal } from '../../src/base/refusal.ts'
import type { Failpoint } from '../../src/entry/line/line.ts'
import type { Task } from '../../src/entry/line/tasks.ts'
import { letGo as release } from '../../src/entry/line/let-go.ts'
import { citizenOf, companyOf, factFile, orderFile, type OrderRecord } from './files.ts'
import { Crash, type TestLine } from './line.ts'

export const CITIZENS = ['anna', 'bo', 'cia', 'dan'] as const
export const COMPANIES = ['baker', 'landlord'] as const
export type Who = (typeof CITIZENS)[number] | (typeof COMPANIES)[number]

export const ID: Readonly<Record<Who, string>> = {
  ...(Object.fromEntries(CITIZENS.map((who, i) => [who, citizenOf(i)])) as Record<(typeof CITIZENS)[number], string>),
  baker: companyOf(1),
  landlord: companyOf(2),
}

export const STEPS = ['import', 'plan', 'calculate', 'assemble', 'pay', 'answers', 'statements', 'tell'] as const
export const MONTHS = ['2026-03', '2026-04', '2026-05'] as const

/** What comes between two steps: before the first time that the step is done in the month. */
export interface Happening {
  readonly month: string
  readonly step: (typeof STEPS)[number]
  readonly what:
    | { readonly kind: 'event'; readonly who: Who; readonly event: string }
    | { readonly kind: 'card'; readonly who: Who; readonly rate: number }
    | { readonly kind: 'release'; readonly order: string }
}

interface Told {
  readonly who: string
  readonly event: string
  readonly seq: number
}

/** One municipality and what it was told. */
export interface Place {
  readonly code: Municipality
  readonly happenings: readonly Happening[]
  readonly done: Set<Happening>
  readonly told: Told[]
  /** By order key, when a person let it go. */
  readonly letGo: Map<string, number>
  /** Parts seen released, as `item:part`. */
  readonly released: Set<string>
  seq: number
}

export function place(code: Municipality, happenings: readonly Happening[]): Place {
  return { code, happenings, done: new Set(), told: [], letGo: new Map(), released: new Set(), seq: 0 }
}

const text4 = (code: Municipality): string => String(code).padStart(4, '0')

/** Cards and a claim, before anything else. */
export async function begin(line: TestLine, { code }: Place): Promise<void> {
  const cards = CITIZENS.map((who) => cardOf(line, code, who, 38, '2026-01-01'))
  const claim = {
    record: 'claim_opening',
    claim_key: 'KY-F-1',
    municipality: text4(code),
    debtor: { type: 'cpr', id: ID.anna },
    benefit: 'kontanthjaelp',
    period: { from: '2025-11-01', to: '2025-12-01' },
    amount_ore: 70_000,
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }
  const told = await line.importText(factFile(`FIRST-${code}`, text4(code), '2026-03', [...cards, claim]), '2026-03')
  assert.deepEqual([told.state, told.refused], ['loaded', []])
}

function cardOf(line: TestLine, code: Municipality, who: Who, rate: number, from: string) {
  return {
    record: 'tax_card',
    municipality: text4(code),
    cpr: ID[who],
    se: line.rates.municipality(code).cvr,
    card: 'hovedkort',
    rate_percent: rate,
    allowance_month_ore: 460_000,
    allowance_week_ore: 0,
    allowance_day_ore: 0,
    frikort_left_ore: 0,
    valid_from: from,
    valid_to: '2027-01-01',
  }
}

function benefit(month: string, key: string, amount: number, more: Record<string, unknown> = {}) {
  const next = `2026-${String(Number(month.slice(5)) + 1).padStart(2, '0')}-01`
  const [system, unit] = key === 'sygedagpenge_arbejdsgiver' ? ['KSD', 'hour'] : ['KY', 'month']
  const weeks = { from: `${month}-02`, to: `${month}-30` }
  return {
    line_key: '1',
    kind: 'benefit',
    benefit: key,
    component: 'grundsats',
    kle: system === 'KY' ? '32.24.04' : '32.39.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'opdigtet',
    period: unit === 'hour' ? weeks : { from: `${month}-01`, to: next },
    quantity: unit === 'hour' ? { unit, value: '148' } : { unit, value: '1' },
    amount_ore: amount,
    repayable: false,
    text: 'Ydelse',
    ...more,
  }
}

function order(code: Municipality, month: string, name: string, who: Who, payee: Who, lines: unknown[]): OrderRecord {
  const [system] = name.split('-')
  return {
    order_key: `${name}-${month}`,
    version: 1,
    source_system: system,
    municipality: text4(code),
    case_key: `SAG-${name}`,
    state: 'active',
    decision: { key: `A-${name}`, date: '2026-03-02' },
    beneficiary: { type: 'cpr', id: ID[who] },
    payee: { type: payee === 'baker' ? 'cvr' : 'cpr', id: ID[payee] },
    disposition_date: { '2026-03': '2026-03-31', '2026-04': '2026-04-30' }[month],
    settle: 'on_disposition_date',
    lines,
  } as unknown as OrderRecord
}

/** The orders of a month, by system: a set-off, two benefits of one citizen, a refund to an employer, a rent. */
async function sendOrders(line: TestLine, code: Municipality, month: string): Promise<void> {
  const setOff = { line_key: '2', kind: 'set_off', amount_ore: 50_000, claim_key: 'KY-F-1' }
  const payee = { type: 'cvr', id: ID.landlord }
  const rent = { line_key: '2', kind: 'third_party', amount_ore: 400_000, payee, reference: 'husleje' }
  const refund = { employee: ID.cia, reference: 'løn' }
  const ky = [
    order(code, month, 'KY-A', 'anna', 'anna', [benefit(month, 'kontanthjaelp', 1_255_000), setOff]),
    order(code, month, 'KY-B', 'bo', 'bo', [benefit(month, 'kontanthjaelp', 1_255_000)]),
    order(code, month, 'KY-E', 'bo', 'bo', [benefit(month, 'enkeltydelse', 70_000)]),
    order(code, month, 'KY-D', 'dan', 'dan', [benefit(month, 'kontanthjaelp', 1_255_000), rent]),
  ]
  const ksd = [
    order(code, month, 'KSD-C', 'cia', 'baker', [benefit(month, 'sygedagpenge_arbejdsgiver', 820_000, refund)]),
  ]
  for (const [system, orders] of Object.entries({ KY: ky, KSD: ksd })) {
    const told = await line.importText(orderFile(`${system}-${code}-${month}`, month, orders), month)
    assert.notEqual(told.state, 'refused', JSON.stringify(told))
    assert.deepEqual(told.refused, [])
  }
}

/** Lets everything happen that stands before this step and has not. */
async function happen(line: TestLine, at: Place, month: string, step: string | undefined): Promise<void> {
  for (const one of at.happenings) {
    if (one.month !== month || (step !== undefined && one.step !== step) || at.done.has(one)) continue
    await tell(line, at, month, one.what)
    at.done.add(one)
  }
}

export async function tell(line: TestLine, at: Place, month: string, what: Happening['what']): Promise<void> {
  const { code } = at
  const seq = at.seq + 1
  if (what.kind === 'release') {
    if (await letGo(line, code, what.order, month)) at.letGo.set(what.order, seq)
  } else {
    const fact =
      what.kind === 'card'
        ? cardOf(line, code, what.who, what.rate, '2026-02-01')
        : {
            record: 'party_event',
            [what.who === 'baker' || what.who === 'landlord' ? 'cvr' : 'cpr']: ID[what.who],
            event: what.event,
            date: '2026-02-20',
          }
    const told = await line.importText(factFile(`FACT-${code}-${seq}`, text4(code), month, [fact]), month)
    assert.deepEqual([told.state, told.refused], ['loaded', []])
    if (what.kind === 'event') at.told.push({ who: ID[what.who], event: what.event, seq })
  }
  at.seq = seq
}

/** A person lets the order go; false when nothing holds it. */
async function letGo(line: TestLine, code: Municipality, key: string, month: string): Promise<boolean> {
  return await line.loader.transaction([code], async (tx) => {
    const found = await tx.first<{ order_id: number }>(
      `select order_id from orders where municipality_code = $1 and order_key = $2 order by version desc, again desc limit 1`,
      [code, key],
    )
    if (found === undefined) return false
    const act = { municipality: code, order: found.order_id, reason: 'set af et menneske', by: 'sagsbehandler' }
    try {
      await release(tx, line.rates, { ...act, at: `${month}-15T10:00:00Z` })
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  })
}

/** Events in force of a party, by when they were told. */
export function inForce(at: Place, who: string): number[] {
  const back = Math.max(
    0,
    ...at.told.filter((one) => one.who === who && one.event === 'restored').map((one) => one.seq),
  )
  return at.told.filter((one) => one.who === who && one.event !== 'restored' && one.seq > back).map((one) => one.seq)
}

interface ReleasedPart {
  readonly key: string
  readonly order_key: string
  readonly beneficiary: string
  readonly payee: string
  readonly third_party: boolean
  readonly paid_to: string
  readonly amount: number
}

/** Parts that have left the house. */
export async function releasedParts(line: TestLine, code: Municipality): Promise<ReleasedPart[]> {
  return await line.loader.db.rows<ReleasedPart>(
    `select x.item_id || ':' || x.part as key, o.order_key, b.identifier as beneficiary, p.identifier as payee,
       x.part > 0 as third_party, z.identifier as paid_to,
       case when x.part = 0 then c.net_ore else d.amount_ore end as amount
     from payment_parts x
     join payment_run_steps s on s.municipality_code = $1 and s.run_no = x.payment_id >> 24 and s.step = 'released'
     join payments y on y.municipality_code = $1 and y.payment_id = x.payment_id
     join parties z on z.municipality_code = $1 and z.party_id = y.payee
     join orders o on o.municipality_code = $1 and o.order_id = x.item_id >> 6
     join parties b on b.municipality_code = $1 and b.party_id = o.beneficiary
     join parties p on p.municipality_code = $1 and p.party_id = o.payee
     join calculations c on c.municipality_code = $1 and c.order_id = o.order_id and c.line_no = x.item_id & 63
     left join deductions d on d.municipality_code = $1 and d.item_id = x.item_id
       and d.line_no = (x.part & 63)::smallint and d.kind = 2
     where x.municipality_code = $1 and not exists (select from stopped_parts t where t.municipality_code = $1
       and t.item_id = x.item_id and t.part = x.part and t.payment_id = x.payment_id)`,
    [code],
  )
}

/** Of what left the house since last time nothing was for, or to, anybody whom an event in force concerns. */
async function nobodyStopped(line: TestLine, at: Place): Promise<void> {
  for (const part of await releasedParts(line, at.code)) {
    if (at.released.has(part.key)) continue
    at.released.add(part.key)
    const since = at.letGo.get(part.order_key) ?? 0
    for (const who of new Set([part.beneficiary, part.third_party ? part.paid_to : part.payee, part.paid_to])) {
      const told = inForce(at, who).filter((seq) => seq > since)
      assert.deepEqual(told, [], `${at.code}: ${part.order_key} was paid to ${part.paid_to} though ${who} is stopped`)
    }
  }
}

/** A month with everything that happens in it; ends early at each of the points, and is resumed. */
export async function liveMonth(
  line: TestLine,
  places: readonly Place[],
  month: string,
  points: readonly Failpoint[],
): Promise<void> {
  const byCode = new Map(places.map((one) => [one.code, one]))
  const ofTask = (task: Task): readonly Place[] => {
    const own = 'municipality' in task ? byCode.get(task.municipality) : undefined
    return own === undefined ? [] : [own]
  }
  line.around(
    async (task) => {
      for (const at of ofTask(task)) await happen(line, at, month, task.kind)
    },
    async (task) => {
      if (task.kind === 'pay') for (const at of ofTask(task)) await nobodyStopped(line, at)
    },
  )
  const attempt = async (point: Failpoint | undefined): Promise<void> => {
    line.crashAt(point)
    try {
      for (const at of places) {
        await happen(line, at, month, 'import')
        if (month !== MONTHS[2]) await sendOrders(line, at.code, month)
      }
      await line.runMonth(month, [...byCode.keys()])
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    } finally {
      line.crashAt(undefined)
    }
  }
  for (const point of points) await attempt(point)
  await attempt(undefined)
  // Steps that had nothing to do did not come; what is let go again is calculated now.
  for (const at of places) await happen(line, at, month, undefined)
  await attempt(undefined)
  line.around(undefined, undefined)
}

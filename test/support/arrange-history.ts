/**
 * Random histories: payee arrangements that two persons enter and end, and who is paid by them. An arrangement is about
 * what somebody's own order pays to itself; whom an order names itself is paid as the order says.
 */
import assert from 'node:assert/strict'
import { addDays, day, formatDay } from '../../src/base/date.ts'
import type { Municipality } from '../../src/base/id.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { approveArrangement, endArrangement, enterArrangement } from '../../src/modules/parties/index.ts'
import { pick } from './dice.ts'
import { companyOf } from './files.ts'
import { BENEFITS, partyOf } from './history-records.ts'
import type { TestLine } from './line.ts'
import type { Played } from './played-history.ts'

/** As the model has it; dates as text. */
export interface Arranged {
  readonly no: number
  readonly beneficiary: string
  readonly payee: string
  readonly account: string | undefined
  readonly benefit: string | undefined
  readonly from: string
  to: string
  approved: boolean
}

const FOR_EVER = '9999-12-31'
const GUARDIAN = companyOf(11)

/** Gives what was done; nothing in most months. */
export async function arrangeSome(
  line: TestLine,
  play: Played,
  codes: readonly Municipality[],
  month: string,
): Promise<string[]> {
  const { roll, arranged } = play
  if (roll(2) === 0) return []
  const running = arranged.filter((one) => one.to === FOR_EVER)
  if (running.length > 0 && roll(3) === 0) return await end(line, play, codes, pick(roll, running), month)
  return await enter(line, play, codes, month)
}

async function enter(line: TestLine, play: Played, codes: readonly Municipality[], month: string): Promise<string[]> {
  const { roll, histories, arranged } = play
  const { citizens } = pick(roll, histories)
  const beneficiary = pick(roll, citizens)
  const payee = pick(roll, [GUARDIAN, beneficiary, ...citizens])
  const benefit = roll(2) === 0 ? undefined : pick(roll, Object.keys(BENEFITS))
  const account = payee === beneficiary || roll(3) === 0 ? '99990000000001' : undefined
  const from = formatDay(addDays(day(`${month}-01`), roll(40)))
  const to = roll(3) === 0 ? formatDay(addDays(day(from), 1 + roll(60))) : FOR_EVER
  const overlaps = arranged.some(
    (one) =>
      one.approved && one.beneficiary === beneficiary && one.benefit === benefit && one.from < to && from < one.to,
  )
  const one: Arranged = { no: arranged.length + 1, beneficiary, payee, account, benefit, from, to, approved: !overlaps }
  for (const code of codes) {
    const told = {
      beneficiary: partyOf(beneficiary),
      payee: partyOf(payee),
      benefit: benefit === undefined ? undefined : line.rates.known.benefitId.get(benefit),
      account,
      from: day(from),
      to: to === FOR_EVER ? undefined : day(to),
      reason: 'værge',
      document: 'V-1',
      kind: 'payee',
      receivedOn: undefined,
      claim: undefined,
    } as Parameters<typeof enterArrangement>[2]
    const at = `${month}-01T07:00:00Z`
    const act = async (by: string): Promise<string | undefined> => {
      try {
        await line.loader.transaction([code], (tx) => approveArrangement(tx, code, one.no, { at, by }))
        return undefined
      } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
      }
    }
    const no = await line.loader.transaction([code], (tx) => enterArrangement(tx, code, told, { at, by: 'anna' }))
    assert.equal(no, one.no)
    assert.equal(await act('anna'), 'four_eyes')
    assert.equal(await act('bente'), overlaps ? 'arrangement_overlaps' : undefined)
  }
  arranged.push(one)
  play.told.push(`${month}: ${JSON.stringify(one)}`)
  return overlaps ? ['arrangement, refused'] : ['arrangement']
}

async function end(
  line: TestLine,
  { roll, told }: Played,
  codes: readonly Municipality[],
  one: Arranged,
  month: string,
): Promise<string[]> {
  const from = formatDay(addDays(day(`${month}-01`), roll(40)))
  for (const code of codes) {
    const how = { at: `${month}-01T07:10:00Z`, by: 'bente', from: day(from), reason: 'ophævet' }
    await line.loader.transaction([code], (tx) => endArrangement(tx, code, one.no, how))
  }
  one.to = from < one.from ? one.from : from
  told.push(`${month}: arrangement ${one.no} ends ${from}`)
  return ['arrangement, ended']
}

interface PaidPart {
  readonly payment: number
  readonly order: string
  readonly version: number
  readonly orderPayee: string
  readonly beneficiary: string
  readonly holder: string
  readonly benefit: string
  readonly part: number
  readonly attempt: number
  readonly third: string | null
  readonly paid: string
  readonly arrangement: number | null
  readonly date: string
  readonly stopped: boolean
}

/** Of the payments that were assembled since: each is to whom it should be. */
export async function payeesAreRight(line: TestLine, play: Played, codes: readonly Municipality[]): Promise<string[]> {
  const wrong: string[] = []
  for (const code of codes) {
    const after = play.seenPayments.get(code) ?? 0
    const parts = await line.loader.db.often.rows<PaidPart>(
      `select x.payment_id as payment, o.order_key as order, o.version, p.identifier as "orderPayee",
         b.identifier as beneficiary, h.identifier as holder, n.key as benefit, x.part & 63 as part,
         x.part >> 6 as attempt, t.identifier as third, z.identifier as paid,
         a.arrangement_no as arrangement, r.disposition_date::text as date, exists (select from stopped_parts s
           where s.municipality_code = $1 and s.item_id = x.item_id and s.part = x.part) as stopped
       from payment_parts x
       join payments y on y.municipality_code = $1 and y.payment_id = x.payment_id
       join payment_runs r on r.municipality_code = $1 and r.run_no = (x.payment_id >> 24)::int
       join parties z on z.municipality_code = $1 and z.party_id = y.payee
       join orders o on o.municipality_code = $1 and o.order_id = x.item_id >> 6
       join parties p on p.municipality_code = $1 and p.party_id = o.payee
       join parties b on b.municipality_code = $1 and b.party_id = o.beneficiary
       join order_lines l on l.municipality_code = $1 and l.order_id = o.order_id
         and l.line_no = (x.item_id & 63)::smallint
       join parties h on h.municipality_code = $1 and h.party_id = l.right_holder
       join benefits n on n.benefit = l.benefit
       left join order_lines w on w.municipality_code = $1 and w.order_id = o.order_id and w.line_no = x.part
       left join parties t on t.municipality_code = $1 and t.party_id = w.payee
       left join arranged_payments a on a.municipality_code = $1 and a.payment_id = x.payment_id
       where x.municipality_code = $1 and x.payment_id > $2 order by 1`,
      [code, after],
    )
    for (const one of parts) {
      // What came back may be paid again to whom two persons have said instead.
      const isAnother = one.attempt > 0 && one.paid !== one.orderPayee
      const concerned = [one.paid, ...(one.part > 0 || isAnother ? [] : [one.beneficiary, one.orderPayee])]
      const event = play.events.find(({ who, letGo }) => concerned.includes(who) && !isLetGo(letGo, one))
      if (event !== undefined && !one.stopped)
        wrong.push(`${one.order} ${one.date} part ${one.part} was paid to ${one.paid}: ${event.event} of ${event.who}`)
      const said = payeeOf(play.arranged, one)
      if (said === undefined) continue
      const [payee, no] = said
      if (one.paid === payee && (one.arrangement ?? 0) === no) continue
      wrong.push(`${one.order} ${one.date}: ${one.paid} was paid by ${one.arrangement}, not ${payee} by ${no}`)
    }
    play.seenPayments.set(code, parts.at(-1)?.payment ?? after)
  }
  return wrong
}

/** What a third party is paid is that of an earlier version too, when a newer one is let go. */
function isLetGo(letGo: ReadonlySet<string>, { order, version, part }: PaidPart): boolean {
  return part === 0 ? letGo.has(`${order} ${version}`) : [...letGo].some((one) => one.startsWith(`${order} `))
}

/** Undefined: of a third party's part that is let go again nothing is said here. */
function payeeOf(arranged: readonly Arranged[], one: PaidPart): readonly [string, number] | undefined {
  if (one.part > 0) return one.third === null ? undefined : [one.third, 0]
  const isOwn = one.orderPayee === one.beneficiary && one.holder === one.beneficiary
  const valid = arranged.filter(
    ({ approved, beneficiary, from, to }) =>
      approved && beneficiary === one.beneficiary && from <= one.date && one.date < to,
  )
  const found =
    valid.find(({ benefit }) => benefit === one.benefit) ?? valid.find(({ benefit }) => benefit === undefined)
  return isOwn && found !== undefined ? [found.payee, found.no] : [one.orderPayee, 0]
}

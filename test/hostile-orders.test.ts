/** What is simulated of orders that nobody would send on purpose is what is done, and what is done can be looked at. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { openReader, registerPages, specificationJson } from '../src/entry/web/index.ts'
import { publishEvents } from '../src/modules/events/index.ts'
import { readSpecification } from '../src/modules/overview/index.ts'
import { citizenOf, factFile, orderFile, type OrderRecord } from './support/files.ts'
import { testLine } from './support/line.ts'
import { serverOf } from './support/server.ts'

const CODE = 461
const TEXT = '0461'
const [ANNA, BO] = [citizenOf(0), citizenOf(1)]
const line = await testLine()
let app: FastifyInstance
let token: string
const reader = openReader(line.url)

before(async () => {
  ;({ app, token } = await serverOf(line, CODE, '2026-03-01T06:00:00.000Z'))
  registerPages(app, {
    mode: 'demo',
    reader,
    rates: line.rates,
    now: () => '2026-04-10T09:00:00Z',
    readClosing: async () => undefined,
  })
  const facts = [
    { record: 'party_event', cpr: ANNA, event: 'death', date: '2026-02-20' },
    { record: 'takeover', municipality: TEXT, source_system: 'KY', date: '2026-03-01' },
  ]
  assert.deepEqual((await line.importText(factFile('FAKTA-1', TEXT, '2026-03', facts), '2026-03')).refused, [])
})
after(async () => {
  await app.close()
  await reader.close()
  await line.close()
})

const MARCH = { from: '2026-03-01', to: '2026-04-01' }

function order(key: string, citizen: string, one: object, version = 1): OrderRecord {
  const person = { type: 'cpr', id: citizen }
  return {
    order_key: key,
    version,
    source_system: 'KY',
    municipality: TEXT,
    case_key: `SAG-${key}`,
    state: 'active',
    decision: { key: `A-${key}`, date: '2026-02-25' },
    beneficiary: person,
    payee: person,
    disposition_date: '2026-03-31',
    settle: 'on_disposition_date',
    lines: [{ line_key: '1', component: 'grundsats', benefit: 'kontanthjaelp', period: MARCH, ...one }],
  } as unknown as OrderRecord
}

const BENEFIT = {
  kind: 'benefit',
  kle: '32.24.04',
  sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
  legal_basis: 'LAS § 11',
  quantity: { unit: 'month', value: '1' },
  amount_ore: 1_255_000,
  repayable: false,
  text: 'Kontanthjælp',
}

async function send(method: 'POST' | 'GET', url: string, body?: unknown) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
  const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${token}`, ...json }, ...payload })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

async function load(file: string, record: OrderRecord): Promise<void> {
  assert.deepEqual((await line.importText(orderFile(file, '2026-03', [record]), '2026-03')).refused, [])
}

test('an order to the dead is simulated as it is done: held, and nothing of it is expected', async () => {
  const own = order('KY-A', ANNA, BENEFIT)
  const simulated = await send('POST', '/api/v1/simulations', own)
  assert.equal(simulated.outcome, 'held')
  assert.deepEqual(
    simulated.holds.map((hold: { kind: string }) => hold.kind),
    ['dead'],
  )
  await load('KY-1', own)
  const expected = await send('GET', '/api/v1/orders/KY/KY-A/expected-payments')
  assert.deepEqual(expected.payments, [])
  await line.runMonth('2026-03', [CODE])
  const status = await send('GET', '/api/v1/orders/KY/KY-A')
  assert.deepEqual(
    [status.held, status.holds[0].kind, status.holds[0].reason],
    [true, 'dead', simulated.holds[0].reason],
  )
})

test('a decision on what was paid before the takeover is simulated as it is done: a claim is opened', async () => {
  const winter = { from: '2025-12-01', to: '2026-01-01' }
  const decision = { key: 'T-1', date: '2026-02-25' }
  const repayment = { kind: 'repayment', amount_ore: 4_000, claim_key: 'KY-F-1', cause: 'urigtig_oplysning', decision }
  const own = order('KY-B', BO, { ...repayment, period: winter })
  const simulated = await send('POST', '/api/v1/simulations', own)
  assert.equal(simulated.outcome, 'calculated')
  assert.deepEqual(simulated.difference.claimed, [{ claim_key: 'KY-F-1', gross_ore: 4_000, amount_ore: 4_000 }])
  await load('KY-2', own)
  await line.runMonth('2026-03', [CODE])
  const claim = await line.loader.transaction([CODE], (tx) => tx.rows('select claim_key, amount_ore from claims'))
  assert.deepEqual(claim, [{ claim_key: 'KY-F-1', amount_ore: 4_000 }])
})

test('what a version changes is told in the same words by event, specification and page, also of the highest version', async () => {
  const highest = 2_147_483_647
  await load('KY-3', order('KY-C', BO, BENEFIT))
  await line.runMonth('2026-03', [CODE])
  const lower = { ...order('KY-C', BO, { ...BENEFIT, amount_ore: 955_000 }, highest), disposition_date: '2026-04-30' }
  await load('KY-4', lower)
  await line.runMonth('2026-04', [CODE])
  const words =
    'Kontanthjælp (grundsats) for marts 2026: 12.550,00 kr. før fradrag gjaldt som udbetalt, og det skulle have været ' +
    `9.550,00 kr. efter udgave ${highest} fra KY (afgørelse A-KY-C af 25. februar 2026). ` +
    'Forskellen er 3.000,00 kr. mindre: 3.000,00 kr. er for meget udbetalt.'
  const wanted = { orderKey: 'KY-C', version: highest }
  const spec = await line.reader.transaction([CODE], (tx) => readSpecification(tx, CODE, wanted, line.rates))
  const [change, ...more] = specificationJson(spec as NonNullable<typeof spec>).changes
  assert.deepEqual([change?.text, more], [words, []])
  const axes = spec?.items[0]?.axes
  assert.deepEqual([axes?.reported.state, axes?.posted.state], ['with_earlier', 'sent'], 'nothing is left to be told')
  assert.deepEqual([change?.before_ore, change?.after_ore, change?.overpaid_ore], [1_255_000, 955_000, -300_000])
  const page = await app.inject({
    url: `/kommuner/${TEXT}/ordrer/KY/KY-C?udgave=${highest}`,
    headers: { host: '127.0.0.1' },
  })
  assert.equal(page.statusCode, 200)
  assert.ok(page.body.includes(words), page.body)
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [CODE]))
  const { events } = await send('GET', '/api/v1/sources/KY/events?limit=1000')
  type Told = { kind: string; order_key: string; version: number; explanation?: string[] }
  const told = (events as Told[]).filter((one) => one.explanation !== undefined)
  assert.deepEqual(
    told.map(({ kind, order_key, version, explanation }) => [kind, order_key, version, explanation]),
    [['calculated', 'KY-C', highest, [words]]],
  )
  assert.ok(!JSON.stringify(events).includes('corrects'))
})

test('the four axes of an order count what there is to tell: a decrease leaves nothing unreported', async () => {
  const status = await send('GET', '/api/v1/orders/KY/KY-C')
  assert.equal(status.axes.reported.state, 'yes')
  assert.deepEqual([status.axes.paid.state, status.axes.posted.state], ['yes', 'yes'])
})

test('a version that is calculated again before it is sent is two items: what was stopped, and what is paid', async () => {
  const card = (rate: number) => ({
    record: 'tax_card',
    municipality: TEXT,
    cpr: BO,
    se: line.rates.municipality(CODE).cvr,
    card: 'bikort',
    rate_percent: String(rate),
    valid_from: '2026-01-01',
    valid_to: '2027-01-01',
  })
  const facts = (id: string, rate: number) => line.importText(factFile(id, TEXT, '2026-06', [card(rate)]), '2026-06')
  assert.deepEqual((await facts('FAKTA-2', 38)).refused, [])
  const june = { from: '2026-06-01', to: '2026-07-01' }
  const own = { ...order('KY-D', BO, { ...BENEFIT, period: june }), disposition_date: '2026-06-30' }
  await load('KY-5', own)
  await line.runMonth('2026-06', [CODE], 'waits')
  assert.deepEqual((await facts('FAKTA-3', 41)).refused, [])
  await line.runMonth('2026-06', [CODE])
  const { items, axes } = await send('GET', '/api/v1/orders/KY/KY-D')
  type Item = { withdrawn: boolean; net_ore: number; payments: { state: string }[] }
  assert.deepEqual(
    items.map((item: Item) => [item.withdrawn, item.net_ore, item.payments.map((one) => one.state)]),
    // 12,451 kr. after ATP: 38 % of it is 4,731 kr., 41 % is 5,104 kr.
    [
      [true, 772_000, ['stopped']],
      [false, 734_700, ['paid']],
    ],
  )
  assert.deepEqual(axes.paid, { state: 'yes', paid_ore: 734_700, of_ore: 734_700 })
})

/** A bad correction is told with its place and its rule, by every door, and changes nothing. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { explainText } from '../src/entry/web/index.ts'
import { waitingText, workToDo } from '../src/entry/text/index.ts'
import { publishEvents } from '../src/modules/events/index.ts'
import { readSpecification } from '../src/modules/overview/index.ts'
import { readWorkItems } from '../src/modules/work-items/index.ts'
import { claimRows } from './support/facts-of.ts'
import { citizenOf, companyOf, factFile, orderFile, type OrderRecord } from './support/files.ts'
import { testLine } from './support/line.ts'
import { serverOf } from './support/server.ts'

const CODE = 461
const TEXT = '0461'
const [ANNA, BO] = [citizenOf(0), citizenOf(1)]
const line = await testLine()
let app: FastifyInstance
let token: string

before(async () => {
  ;({ app, token } = await serverOf(line, CODE, '2026-05-04T09:00:00.000Z'))
  const claim = {
    record: 'claim_opening',
    claim_key: 'KY-F-BO',
    municipality: TEXT,
    debtor: { type: 'cpr', id: BO },
    benefit: 'kontanthjaelp',
    period: { from: '2025-11-01', to: '2025-12-01' },
    amount_ore: 100_000,
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }
  const companys = { ...claim, claim_key: 'KY-F-CO', debtor: { type: 'cvr', id: companyOf(0) } }
  await line.importText(factFile('FAKTA-1', TEXT, '2026-03', [claim, companys]), '2026-03')
  await runWith('KY-1', '2026-03', order(1, '2026-03-31', [benefit(1_255_000)]))
  // 3,000 kr. of March are overpaid from April on.
  await runWith('KY-2', '2026-04', order(2, '2026-04-30', [benefit(955_000)]))
})
after(async () => {
  await app.close()
  await line.close()
})

async function runWith(file: string, month: string, record: OrderRecord): Promise<void> {
  const told = await line.importText(orderFile(file, month, [record]), month)
  assert.deepEqual([told.state, told.refused], ['loaded', []])
  await line.runMonth(month, [CODE])
}

function order(version: number, date: string, lines: unknown[], more: Record<string, unknown> = {}): OrderRecord {
  const person = { type: 'cpr', id: ANNA }
  return {
    order_key: 'KY-A',
    version,
    source_system: 'KY',
    municipality: TEXT,
    case_key: 'SAG-A',
    state: 'active',
    decision: { key: `A-${version}`, date: '2026-03-02' },
    beneficiary: person,
    payee: person,
    disposition_date: date,
    settle: 'on_disposition_date',
    lines: lines.map((one, i) => ({ line_key: String(i + 1), ...(one as object) })),
    ...more,
  } as unknown as OrderRecord
}

const MARCH = { from: '2026-03-01', to: '2026-04-01' }
function benefit(amount: number, more: Record<string, unknown> = {}): unknown {
  return {
    kind: 'benefit',
    benefit: 'kontanthjaelp',
    component: 'grundsats',
    kle: '32.24.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'LAS § 11',
    period: MARCH,
    quantity: { unit: 'month', value: '1' },
    amount_ore: amount,
    repayable: false,
    text: 'Kontanthjælp',
    ...more,
  }
}

function repayment(amount: number): unknown {
  return {
    kind: 'repayment',
    benefit: 'kontanthjaelp',
    component: 'grundsats',
    period: MARCH,
    amount_ore: amount,
    claim_key: 'KY-F-1',
    cause: 'urigtig_oplysning',
    decision: { key: 'T-1', date: '2026-05-04' },
  }
}

const grant = { uuid: '0b7c2b0e-6f0e-4a8e-9d5e-0a9b4c1d2e3f', benefit_id: '1' }

interface Bad {
  readonly name: string
  readonly status: 409 | 422
  readonly order: OrderRecord
  readonly pointer: string
  readonly code: string
  /** What is wrong, and the rule. */
  readonly says: RegExp
}

const REFUSED: readonly Bad[] = [
  {
    name: 'a period outside the grant',
    status: 422,
    order: order(3, '2026-05-29', [
      benefit(955_000, { grant: { ...grant, period: { from: '2026-04-01', to: '2027-01-01' } } }),
    ]),
    pointer: '/lines/0/period',
    code: 'period_outside_grant',
    says: /not within that of its grant.*Correct the period/,
  },
  {
    name: "a set-off against another citizen's claim",
    status: 422,
    order: order(3, '2026-05-29', [benefit(955_000), { kind: 'set_off', amount_ore: 5_000, claim_key: 'KY-F-BO' }]),
    pointer: '/lines/1/claim_key',
    code: 'claim_of_other_debtor',
    says: /not the beneficiary's\. Name a claim of the beneficiary/,
  },
  {
    name: "a set-off of an employee against the employer's claim",
    status: 422,
    order: order(3, '2026-05-29', [benefit(955_000), { kind: 'set_off', amount_ore: 5_000, claim_key: 'KY-F-CO' }]),
    pointer: '/lines/1/claim_key',
    code: 'claim_of_other_debtor',
    says: /A company owes it: it is set off in an order of which the company is the beneficiary/,
  },
  {
    name: 'a movement on a stale base',
    status: 409,
    order: order(3, '2026-05-29', [{ ...(benefit(0) as object), amount_ore: undefined, delta_ore: -100_000 }], {
      adjusts: { order_key: 'KY-A', version: 1 },
    }),
    pointer: '/adjusts/version',
    code: 'stale_base',
    says: /newest version is 2.*send the movement against it/,
  },
]

for (const [i, bad] of REFUSED.entries()) {
  test(`${bad.name}: refused with place and rule by door, simulation and file, and nothing changes`, async () => {
    const before = await everything()
    for (const [method, url] of [
      ['PUT', '/api/v1/orders/KY/KY-A'],
      ['POST', '/api/v1/simulations'],
    ] as const) {
      const answer = await send(method, url, bad.order)
      assert.equal(answer.status, bad.status, JSON.stringify(answer.body))
      assert.deepEqual(
        answer.body.faults.map((one: Fault) => [one.pointer, one.code]),
        [[bad.pointer, bad.code]],
      )
      assert.match(answer.body.faults[0].detail, bad.says)
    }
    assert.deepEqual(await everything(), before, 'nothing is stored of it')
    const told = await line.importText(orderFile(`KY-BAD-${i}`, '2026-05', [bad.order]), '2026-05')
    assert.deepEqual(
      told.refused.flatMap((one) => one.faults.map((fault) => [fault.pointer, fault.code])),
      [[bad.pointer, bad.code]],
    )
    await line.runMonth('2026-05', [CODE])
    // That the file came and was refused is kept; nothing else.
    assert.deepEqual(changed(before, await everything()), ['intake_faults', 'intakes'])
  })
}

test('a decision larger than the overpaid: simulated and held with the amounts and the rule; nothing changes', async () => {
  const bad = order(3, '2026-05-29', [benefit(955_000), repayment(400_000)])
  const before = await everything()
  const simulated = await send('POST', '/api/v1/simulations', bad)
  const says =
    /^Linje 2 kræver 4\.000,00 kr\. tilbage, men kun 3\.000,00 kr\. af det er betalt for meget\. Der kan kun kræves/
  assert.equal(simulated.body.outcome, 'held')
  assert.equal(simulated.body.holds[0].kind, 'unfounded_repayment')
  assert.match(simulated.body.holds[0].reason, says)
  assert.deepEqual(await everything(), before, 'nothing is stored of it')
  const sent = await line.importText(orderFile('KY-BAD-9', '2026-05', [bad]), '2026-05')
  assert.deepEqual(sent.refused, [])
  await line.runMonth('2026-05', [CODE])
  // The version is kept as it came, with the hold that it waits under, and the month has told of nothing.
  assert.deepEqual(changed(before, await everything()), [
    'deliveries',
    'deliveries_sent',
    'delivery_batches',
    'intakes',
    'order_holds',
    'order_lines',
    'orders',
    'work_batches',
    'work_done',
    'work_items',
  ])
  const deliveries = await line.loader.transaction([CODE], (tx) =>
    tx.rows<{ kind: string; totals: Record<string, number> }>(
      'select distinct on (kind) kind, totals from deliveries order by kind, delivery_no desc',
    ),
  )
  for (const { kind, totals } of deliveries.filter((one) => one.kind !== 'nemkonto')) {
    const told = Object.entries(totals).filter(([name, one]) => name.endsWith('_ore') && one !== 0)
    assert.deepEqual(told, [], kind)
  }
  const status = await send('GET', `/api/v1/orders/KY/KY-A?municipality=${TEXT}`)
  assert.equal(status.body.held, true)
  assert.match(status.body.holds.at(-1).reason, says)
  // One sentence, wherever a person or a source system meets it.
  const { reason } = simulated.body.holds[0]
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [CODE]))
  const told = await send('GET', '/api/v1/sources/KY/events?limit=1000')
  const held = told.body.events.find(
    (one: { kind: string; version: number }) => one.kind === 'held' && one.version === 3,
  )
  assert.deepEqual([held.code, held.cause, held.hold], ['unfounded_repayment', reason, undefined])
  const asked = { sourceSystem: 'KY', orderKey: 'KY-A', version: 3 } as const
  const shown = await line.loader.transaction([CODE], async (tx) => ({
    order: await readSpecification(tx, CODE, asked, line.rates),
    work: await readWorkItems(tx, [CODE], 100),
  }))
  const [item] = shown.order?.items ?? []
  assert.equal(item?.waiting && waitingText(item.waiting), `Ordren er tilbageholdt. ${reason}`)
  const task = shown.work.items.find((one) => one.kind === 'held')
  assert.ok(task !== undefined && workToDo(task).startsWith(`${reason} `))
})

test('an order that decides a repayment and asks for no benefit shows why it is held', async () => {
  const alone = order(1, '2026-05-29', [{ ...(repayment(400_000) as object), claim_key: 'KY-F-C' }], {
    order_key: 'KY-C',
  })
  await runWith('KY-C', '2026-05', alone)
  const spec = await line.loader.transaction([CODE], (tx) =>
    readSpecification(tx, CODE, { orderKey: 'KY-C' }, line.rates),
  )
  assert.deepEqual(spec?.items, [])
  assert.match(
    explainText(spec).replaceAll('\n', ' '),
    /Ordren er tilbageholdt\. Linje 1 kræver 4\.000,00 kr\. tilbage/,
  )
})

test('what could not be set off is told with its reason', async () => {
  const person = { type: 'cpr', id: BO }
  const own = order(
    1,
    '2026-06-30',
    [benefit(200_000), { kind: 'set_off', amount_ore: 150_000, claim_key: 'KY-F-BO' }],
    {
      order_key: 'KY-B',
      beneficiary: person,
      payee: person,
    },
  )
  await runWith('KY-3', '2026-06', own)
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [CODE]))
  const told = await send('GET', '/api/v1/sources/KY/events?limit=1000')
  const one = told.body.events.find(
    (event: { kind: string; order_key: string }) => event.kind === 'calculated' && event.order_key === 'KY-B',
  )
  // Without a card 55 % is withheld; the claim is of 1,000 kr. and the net less.
  assert.deepEqual(one.untaken, [{ line_key: '2', amount_ore: 150_000 - one.set_off_ore, reason: 'net_too_small' }])
})

interface Fault {
  readonly pointer: string
  readonly code: string
}

async function send(method: 'PUT' | 'POST' | 'GET', url: string, body?: unknown) {
  const answer = await app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, body: answer.json() }
}

/** What every table but the log of who did what holds: how many rows, and a digest of them. */
async function everything(): Promise<Record<string, string>> {
  return await line.loader.transaction([CODE], async (tx) => {
    const tables = await tx.rows<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
         and relname <> 'audit_log' and has_table_privilege(oid, 'select') order by 1`,
    )
    assert.ok(tables.length > 40 && tables.some(({ name }) => name === 'transfers'), `${tables.length} tables`)
    const digests: Record<string, string> = {}
    for (const { name } of tables) {
      const row = await tx.first<{ n: number; digest: string | null }>(
        `select count(*)::int as n, md5(string_agg(t::text, E'\n' order by t::text)) as digest from ${name} t`,
      )
      digests[name] = `${row?.n} ${row?.digest}`
    }
    return digests
  })
}

function changed(before: Record<string, string>, now: Record<string, string>): string[] {
  return Object.keys({ ...before, ...now }).filter((name) => before[name] !== now[name])
}

test('a payment on a claim is booked once; another under its key, of no claim, or taken back wrongly is refused', async () => {
  const pays = (key: string, more: Record<string, unknown> = {}) => ({
    record: 'claim_payment',
    claim_key: 'KY-F-CO',
    municipality: TEXT,
    payment_key: key,
    amount_ore: 40_000,
    date: '2026-06-10',
    ...more,
  })
  const tell = async (file: string, facts: readonly unknown[]) => {
    const told = await line.importText(factFile(file, TEXT, '2026-06', facts), '2026-06')
    return [
      told.accepted,
      told.refused.flatMap((one) => one.faults.map(({ pointer, code }) => `${one.line} ${pointer} ${code}`)),
    ]
  }
  const left = async () => {
    const rows = await claimRows(line.loader.db, [CODE])
    return rows.find((one) => one.claim === 'KY-F-CO')?.left
  }
  assert.deepEqual(await tell('D-1', [pays('1'), pays('1')]), [2, []])
  assert.equal(await left(), 60_000)
  const before = await everything()
  const wrong = [
    pays('1'),
    pays('1', { amount_ore: 40_001 }),
    pays('1', { claim_key: 'KY-F-BO' }),
    pays('1', { balance_ore: 60_000 }),
    pays('2', { claim_key: 'KY-F-NO' }),
    pays('3', { reverses: '2' }),
    pays('3', { reverses: '1', amount_ore: 10_000 }),
    pays('3', { reverses: '1', claim_key: 'KY-F-BO' }),
  ]
  assert.deepEqual(await tell('D-2', wrong), [
    1,
    [
      ...[3, 4, 5].map((at) => `${at} /payment_key claim_payment_conflict`),
      '6 /claim_key unknown_claim',
      '7 /reverses claim_payment_not_reversible',
      '8 /amount_ore claim_payment_not_reversible',
      '9 /reverses claim_payment_not_reversible',
    ],
  ])
  assert.deepEqual(changed(before, await everything()), ['intake_faults', 'intakes'])
  const back = pays('3', { reverses: '1' })
  assert.deepEqual(await tell('D-3', [back, back, pays('4', { reverses: '1' })]), [
    2,
    ['4 /reverses claim_payment_not_reversible'],
  ])
  assert.equal(await left(), 100_000)
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [CODE]))
  const told = await send('GET', '/api/v1/sources/KY/events?limit=1000')
  assert.deepEqual(
    told.body.events
      .filter(
        (one: { kind: string; claim_key?: string }) => one.kind === 'claim_changed' && one.claim_key === 'KY-F-CO',
      )
      .map((one: { amount_ore: number; code: string }) => [one.amount_ore, one.code]),
    [
      [40_000, 'paid'],
      [-40_000, 'payment_reversed'],
    ],
  )
})

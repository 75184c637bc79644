/** Poisoned files through `toek import`: the right code, the right exit, and nobody else's order stops. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { closingOf, run } from './month.ts'
import { cleanUp, type Ended, newPlace, type Place, scratch, sql, start, startFake, toek } from './program.ts'

interface Imported {
  readonly file_id: string
  readonly state: 'loaded' | 'refused'
  readonly unchanged: boolean
  readonly lines: number
  readonly accepted: number
  readonly refused: readonly { readonly line: number; readonly faults: readonly { readonly code: string }[] }[]
  readonly findings: readonly { readonly code: string }[]
}

let place: Place & { readonly url: string }
let folder: string
before(async () => {
  place = await newPlace('input')
  folder = scratch('files')
})
after(cleanUp)

const AMOUNT = 100_000
let number = 0

/** An order of one line; `change` is laid over it. */
function order(change: Record<string, unknown> = {}, line: Record<string, unknown> = {}): Record<string, unknown> {
  const key = ++number
  const citizen = {
    type: 'cpr',
    id: `6${(100_000_000 + key * 37)
      .toString()
      .slice(1)
      .replace(/^\d{3}/, '103')}0`,
  }
  return {
    order_key: `KY-T-${key}`,
    version: 1,
    source_system: 'KY',
    municipality: '0825',
    case_key: `S-${key}`,
    state: 'active',
    decision: { key: `A-${key}`, date: '2026-03-10' },
    beneficiary: citizen,
    payee: citizen,
    disposition_date: '2026-03-31',
    settle: 'on_disposition_date',
    lines: [
      {
        line_key: '1',
        kind: 'benefit',
        benefit: 'kontanthjaelp',
        component: 'grundsats',
        kle: '32.24.04',
        sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
        legal_basis: 'LAS § 11',
        grant: { uuid: '0b7c2b0e-6f0e-4a8e-9d5e-0a9b4c1d2e3f', benefit_id: '1' },
        period: { from: '2026-03-01', to: '2026-04-01' },
        quantity: { unit: 'month', value: '1' },
        amount_ore: AMOUNT,
        repayable: false,
        text: 'Kontanthjælp marts 2026',
        ...line,
      },
    ],
    ...change,
  }
}

type Line = string | Buffer | Record<string, unknown>

const NONE = { lines: 0, ore: 0 }

/** Writes a file whose control sums are those of `benefit`, which counts every line unless said otherwise. */
function file(id: string, lines: readonly Line[], change: Record<string, unknown> = {}): string {
  const sums = {
    benefit: { lines: lines.length, ore: lines.length * AMOUNT },
    set_off: NONE,
    third_party: NONE,
    repayment: NONE,
  }
  const envelope = {
    record: 'envelope',
    schema: 1,
    file_id: id,
    source_system: 'KY',
    municipality: '0825',
    month: '2026-03',
    count: lines.length,
    sums,
    ...change,
  }
  const parts = [envelope, ...lines].map((line) =>
    typeof line === 'string' || Buffer.isBuffer(line) ? line : JSON.stringify(line),
  )
  const bytes = Buffer.concat(parts.flatMap((part) => [Buffer.from(part as string), Buffer.from('\n')]))
  const path = join(folder, `0825-${id}.ndjson`)
  writeFileSync(path, bytes)
  return path
}

function told(ended: Ended): Imported[] {
  return ended.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Imported)
}

async function importOne(path: string): Promise<{ code: number | null; told: Imported }> {
  const ended = await toek(place, ['import', '--json', path])
  const [one] = told(ended)
  assert.ok(one !== undefined, ended.err)
  return { code: ended.code, told: one }
}

async function rowsOf(table: string, where = 'true'): Promise<number> {
  const [row] = await sql<{ n: number }>(place.url, `select count(*)::int as n from ${table} where ${where}`)
  return row?.n ?? -1
}

/** JSON text of an order with one piece of text exchanged for another. */
function written(change: (text: string) => string): string {
  return change(JSON.stringify(order()))
}

const UMLAUT = Buffer.from(JSON.stringify(order()).replace('Kontanthjælp', 'Kontanthj@lp'), 'latin1')
UMLAUT[UMLAUT.indexOf('@')] = 0xe6

/** What is wrong with a line → the code that its sender reads. */
const FAULTY: readonly (readonly [string, Line, string])[] = [
  ['broken JSON', '{"order_key":"KY-T-x","version":1,', 'not_json'],
  ['an empty object', {}, 'missing_field'],
  ['no beneficiary', order({ beneficiary: undefined }), 'missing_field'],
  ['a field that nobody knows', order({ amount: 1 }), 'unknown_field'],
  ['a line of 10 MB', written((text) => text.replace('marts', 'x'.repeat(10_000_000))), 'line_too_long'],
  ['Latin-1', UMLAUT, 'invalid_utf8'],
  ['a NUL byte', written((text) => text.replace('marts', '\0')), 'nul_byte'],
  [
    'the same field twice',
    written((text) => text.replace('"version":1', '"version":1,"version":2')),
    'duplicate_field',
  ],
  ['half an øre', order({}, { amount_ore: 0.5 }), 'amount_not_integer'],
  ['an amount as text', order({}, { amount_ore: '100000' }), 'amount_not_integer'],
  ['1e999', written((text) => text.replace(String(AMOUNT), '1e999')), 'amount_too_large'],
  ['a negative amount', order({}, { amount_ore: -1 }), 'amount_not_positive'],
  ['too many kroner', order({}, { amount_ore: 2 ** 53 }), 'amount_too_large'],
  ['a date of 1970', order({ disposition_date: '1970-01-01' }), 'date_out_of_range'],
  ['a date of 2999', order({ disposition_date: '2999-12-31' }), 'date_out_of_range'],
  ['31 February', order({ disposition_date: '2026-02-31' }), 'date_invalid'],
  ['an unknown municipality', order({ municipality: '0999' }), 'unknown_municipality'],
  ['a municipality of another file', order({ municipality: '0741' }), 'wrong_municipality'],
  ['a CVR with a wrong check digit', order({ payee: { type: 'cvr', id: '29189421' } }), 'cvr_check_digit'],
  ['a CPR of an impossible day', order({ beneficiary: { type: 'cpr', id: '9913850000' } }), 'cpr_invalid'],
]

test('each faulty order is refused alone, by its code; the orders beside it come in', async () => {
  const lines = [order(), ...FAULTY.map(([, line]) => line), order()]
  const most = { benefit: { lines: lines.length, ore: 2 ** 52 }, set_off: NONE, third_party: NONE, repayment: NONE }
  const { code, told: one } = await importOne(file('FAULTY', lines, { sums: most }))
  const codes = one.refused.map((row) => row.faults.map((fault) => fault.code))
  assert.equal(one.state, 'loaded', JSON.stringify(one.findings))
  assert.equal(code, 2)
  assert.equal(one.accepted, 2)
  for (const [i, [what, , expected]] of FAULTY.entries()) {
    assert.ok(codes[i]?.includes(expected), `${what}: ${JSON.stringify(codes[i])} instead of ${expected}`)
  }
  assert.equal(one.refused.length, FAULTY.length)
  assert.equal(one.findings[0]?.code, 'sum_shortfall')
})

test('a CPR without a check digit that holds is taken, and the warning is kept with it', async () => {
  const odd = order({ beneficiary: { type: 'cpr', id: '6103850001' } })
  const { code, told: one } = await importOne(file('MOD11', [odd]))
  assert.deepEqual({ code, accepted: one.accepted, refused: one.refused.length }, { code: 0, accepted: 1, refused: 0 })
  const warned = `order_key = '${odd['order_key']}' and warnings @> '[{"code": "cpr_without_mod11"}]'`
  assert.equal(await rowsOf('orders', warned), 1)
})

test('a file whose count or sum does not agree is refused whole and leaves no key behind', async () => {
  const before = [await rowsOf('orders'), await rowsOf('parties')]
  const short = file('SHORT', [order(), order()], { count: 3 })
  const sums = { benefit: { lines: 2, ore: 2 * AMOUNT + 1 }, set_off: NONE, third_party: NONE, repayment: NONE }
  const wrong = file('WRONG', [order(), order()], { sums })
  const whole = file('WHOLE', [order()])
  const gzip = join(folder, '0825-TORN.ndjson.gz')
  writeFileSync(gzip, gzipSync('x'.repeat(10_000)).subarray(0, 30))
  const empty = join(folder, '0825-EMPTY.ndjson')
  writeFileSync(empty, '')
  const ended = await toek(place, ['import', '--json', short, wrong, whole, gzip, empty])
  const states = told(ended).map((one) =>
    `${one.state} ${one.findings.map((finding) => finding.code).join(' ')}`.trim(),
  )
  assert.deepEqual(states, [
    'refused count_differs',
    'refused sum_differs',
    'loaded',
    'refused gzip_damaged',
    'refused envelope_missing',
  ])
  assert.equal(ended.code, 4)
  assert.deepEqual(
    [await rowsOf('orders'), await rowsOf('parties')],
    before.map((count) => count + 1),
  )
  assert.equal(await rowsOf('intakes', "state = 'refused'"), 2)
})

test('the same file twice has no effect; the same id with other bytes is refused', async () => {
  const lines = [order(), order()]
  const path = file('TWICE', lines)
  assert.equal((await importOne(path)).code, 0)
  const count = await rowsOf('orders')
  const again = await importOne(path)
  assert.deepEqual([again.code, again.told.unchanged, await rowsOf('orders')], [0, true, count])
  const other = await importOne(file('TWICE', [...lines, order()]))
  assert.deepEqual([other.code, other.told.findings[0]?.code, await rowsOf('orders')], [4, 'file_id_reused', count])
})

test('the same order with other content is a conflict, and its neighbour comes in', async () => {
  const first = order()
  assert.equal((await importOne(file('CONFLICT-1', [first]))).code, 0)
  const { code, told: one } = await importOne(file('CONFLICT-2', [{ ...first, case_key: 'other' }, order()]))
  assert.deepEqual([code, one.accepted, one.refused[0]?.faults[0]?.code], [2, 1, 'version_conflict'])
})

test('two programs that import the same file at once: one loads it, the other finds it loaded', async () => {
  const path = file(
    'RACE',
    Array.from({ length: 400 }, () => order()),
  )
  const before = await rowsOf('orders')
  const both = await Promise.all([0, 1].map(() => start(place, ['import', '--json', path]).ended))
  const results = both.map((ended) => told(ended)[0])
  assert.deepEqual(
    both.map((ended) => ended.code),
    [0, 0],
    both.map((ended) => ended.err).join(''),
  )
  assert.deepEqual(results.map((one) => one?.unchanged).sort(), [false, true])
  assert.equal(await rowsOf('orders'), before + 400)
})

test('what was taken in beside all this is paid to the øre', async () => {
  await startFake(place)
  const accepted = await rowsOf('order_versions').catch(() => rowsOf('orders'))
  const closing = closingOf(await run(place, { folder: scratch('empty'), municipalities: '0825' }))
  assert.equal(closing.unexplained_ore, 0)
  assert.equal(closing.payments_sent, closing.payments_accepted)
  assert.ok(closing.payments_sent > 400 && closing.payments_sent <= accepted, `${closing.payments_sent} of ${accepted}`)
})

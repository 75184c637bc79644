import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { builtInRateBook } from '../../../modules/rates/index.ts'
import { parseFact } from '../parse-fact.ts'
import { parseOrder } from '../parse-order.ts'
import { generateMonth, monthFiles, municipalityCvr, MUNICIPALITIES, ordersAtScale1, SENTINELS } from './index.ts'
import type { FileSystem } from './index.ts'

const AARHUS = { month: '2026-03', municipalities: [751], scale: 1, seed: 42 } as const

interface Line {
  line_key: string
  kind: string
  benefit?: string
  component?: string
  period?: { from: string; to: string }
  amount_ore: number
  claim_key?: string
  payee?: { type: string; id: string }
  not_duplicate_of?: string
  repayable?: boolean
  employee?: string
}
interface Order {
  order_key: string
  case_key: string
  source_system: string
  beneficiary: { type: string; id: string }
  payee: { type: string; id: string }
  disposition_date: string
  settle: string
  lines: Line[]
}
interface Fact {
  record: string
  cpr: string
  card: string
  event: string
  se: string
  frikort_left_ore: number
  claim_key: string
  amount_ore: number
  debtor: { id: string }
}
interface Envelope {
  count: number
  file_id: string
  sums: Record<string, { lines: number; ore: number }>
}

function read(asked: Parameters<typeof monthFiles>[0]) {
  const texts = new Map<string, string>()
  const orders: Order[] = []
  const facts: Fact[] = []
  const envelopes = new Map<FileSystem, { envelope: Envelope; records: number }>()
  for (const file of monthFiles(asked)) {
    const text = [...file.chunks()].join('')
    texts.set(file.name, text)
    const lines = text.trimEnd().split('\n')
    const records = lines.slice(1).map((line) => JSON.parse(line) as never)
    envelopes.set(file.sourceSystem, { envelope: JSON.parse(lines[0] as string) as Envelope, records: records.length })
    if (file.sourceSystem === 'FAKTA') facts.push(...records)
    else orders.push(...records)
  }
  return { texts, orders, facts, envelopes }
}

const aarhus = read(AARHUS)
const folder = mkdtempSync(join(tmpdir(), 'generate-'))
after(() => rmSync(folder, { recursive: true }))

function digest(texts: Map<string, string>): string[] {
  return [...texts].map(([name, text]) => `${name} ${createHash('sha256').update(text).digest('hex')}`)
}

test('the same seed gives the same bytes, another seed or month gives others', () => {
  assert.deepEqual(digest(read(AARHUS).texts), digest(aarhus.texts))
  const kp = (asked: Parameters<typeof monthFiles>[0]) => digest(read(asked).texts)[1]
  const small = { ...AARHUS, scale: 0.02 }
  assert.notEqual(kp(small), kp({ ...small, seed: 43 }))
  assert.notEqual(kp(small), kp({ ...small, month: '2026-04' }))
})

test('one municipality alone is its part of all', () => {
  const all = digest(read({ month: '2026-03', municipalities: 'all', scale: 0.01, seed: 7 }).texts)
  assert.equal(all.length, 98 * 4)
  for (const code of [101, 751, 825]) {
    for (const line of digest(read({ month: '2026-03', municipalities: [code], scale: 0.01, seed: 7 }).texts)) {
      assert.ok(all.includes(line), line)
    }
  }
})

test('what is written is what is generated, plain and gzip, facts first by name', async () => {
  const asked = { ...AARHUS, municipalities: [825, 751], scale: 0.05 }
  const progress: string[] = []
  const onProgress = (file: { name: string }, done: number, of: number) => progress.push(`${done}/${of} ${file.name}`)
  const files = await generateMonth({ ...asked, out: join(folder, 'plain'), onProgress })
  const zipped = await generateMonth({ ...asked, out: join(folder, 'gzip'), gzip: true })
  const expected = read(asked)
  assert.equal(progress.length, 8)
  assert.equal(progress[7], '8/8 0825-KY-2026-03.ndjson')
  const names = readdirSync(join(folder, 'plain')).sort()
  assert.deepEqual(names, [...expected.texts.keys()])
  assert.ok(names[0] === '0751-FAKTA-2026-03.ndjson' && names[4] === '0825-FAKTA-2026-03.ndjson')
  for (const [at, file] of files.entries()) {
    const text = expected.texts.get(file.name)
    const bytes = readFileSync(file.path)
    assert.equal(bytes.toString('utf8'), text)
    assert.equal(file.bytes, bytes.length)
    assert.equal(file.count, (text as string).trimEnd().split('\n').length - 1)
    const other = zipped[at] as (typeof zipped)[number]
    assert.equal(other.name, `${file.name}.gz`)
    assert.equal(gunzipSync(readFileSync(other.path)).toString('utf8'), text)
  }
})

test('control sums and counts hold', () => {
  for (const [system, { envelope, records }] of aarhus.envelopes) {
    assert.equal(envelope.count, records)
    assert.equal(envelope.file_id, `${system}-0751-2026-03-01`)
    const sums: Record<string, { lines: number; ore: number }> = {}
    for (const kind of ['benefit', 'set_off', 'third_party', 'repayment']) sums[kind] = { lines: 0, ore: 0 }
    for (const order of aarhus.orders) {
      if (order.source_system !== system) continue
      for (const line of order.lines) {
        const sum = sums[line.kind] as { lines: number; ore: number }
        sum.lines += 1
        sum.ore += line.amount_ore
      }
    }
    assert.deepEqual(envelope.sums, sums)
  }
})

const ORDER_FIELDS =
  'order_key version source_system municipality case_key state decision beneficiary payee disposition_date settle lines'
const LINE_FIELDS: Record<string, string> = {
  benefit:
    'line_key kind benefit component kle sensitivity legal_basis grant period quantity amount_ore repayable text',
  set_off: 'line_key kind amount_ore claim_key',
  third_party: 'line_key kind amount_ore payee reference',
  repayment: 'line_key kind benefit component period amount_ore claim_key cause decision',
}

test('every order has exactly the fields of the contract', () => {
  const keys = new Set<string>()
  for (const order of aarhus.orders) {
    assert.equal(Object.keys(order).join(' '), ORDER_FIELDS)
    assert.ok(!keys.has(order.order_key), order.order_key)
    keys.add(order.order_key)
    assert.ok(order.lines.length > 0 && order.lines.length <= 15)
    for (const [at, line] of order.lines.entries()) {
      let fields = LINE_FIELDS[line.kind] as string
      if (line.employee !== undefined) fields += ' employee reference'
      if (line.not_duplicate_of !== undefined) fields += ' not_duplicate_of'
      assert.equal(Object.keys(line).join(' '), fields)
      assert.equal(line.line_key, String(at + 1))
      assert.ok(Number.isSafeInteger(line.amount_ore) && line.amount_ore > 0, order.order_key)
      if (line.period) assert.ok(line.period.from < line.period.to, order.order_key)
    }
  }
})

test('our own door takes every record, with the KLE number of the benefit’s rule', () => {
  const { benefits } = builtInRateBook()
  const context = {
    municipalities: new Set([751]),
    benefits: new Set(benefits.map((rule) => rule.key)),
    benefitSystem: new Map(benefits.map((rule) => [rule.key, rule.sourceSystem])),
    municipality: 751,
  }
  const kle = new Map(benefits.map((rule) => [rule.key, rule.kle]))
  for (const fact of aarhus.facts) assert.equal(parseFact(fact, context).faults, undefined, JSON.stringify(fact))
  for (const order of aarhus.orders) {
    const sourceSystem = order.source_system as 'KY' | 'KSD' | 'KP'
    const parsed = parseOrder(order, { ...context, sourceSystem })
    assert.deepEqual(parsed.faults, undefined, order.order_key)
    for (const line of parsed.order?.lines ?? []) {
      if (line.kind === 'benefit') assert.equal(line.kle, kle.get(line.benefit), line.benefit)
    }
  }
})

function mod11(cpr: string): boolean {
  return [4, 3, 2, 7, 6, 5, 4, 3, 2, 1].reduce((sum, weight, at) => sum + weight * Number(cpr[at]), 0) % 11 === 0
}

test('no CPR number is possible, nearly all pass modulus 11, and no two citizens share one', () => {
  const people = new Map<string, string>()
  let failing = 0
  for (const order of aarhus.orders) {
    const { id } = order.beneficiary
    assert.match(id, /^(6[1-9]|[78]\d|9[01])(0[1-9]|1[0-2])\d{6}$/)
    const person = order.case_key.slice(order.case_key.indexOf('-') + 1)
    assert.equal(people.get(id) ?? person, person, id)
    if (!people.has(id) && !mod11(id)) failing += 1
    people.set(id, person)
  }
  assert.ok(people.size > 18_000)
  assert.ok(failing > 10 && failing < people.size / 200, `${failing} of ${people.size}`)
})

test('citizens whom the fake rail answers in its own way are there, and few', () => {
  for (const serial of Object.values(SENTINELS)) {
    const found = aarhus.orders.filter(
      (order) => order.payee.id.length === 10 && order.payee.id.endsWith(String(serial)),
    )
    const perMille = (1000 * found.length) / aarhus.orders.length
    assert.ok(perMille > 0.2 && perMille < 1, `${serial}: ${found.length}`)
  }
})

test('the kinds have their natural shares, and paid lines add up to the payments of a real month', () => {
  const share = (system: string) =>
    aarhus.orders.filter((order) => order.source_system === system).length / aarhus.orders.length
  assert.ok(Math.abs(share('KY') - 225 / 389) < 0.01)
  assert.ok(Math.abs(share('KSD') - 114 / 389) < 0.01)
  assert.ok(Math.abs(share('KP') - 50 / 389) < 0.01)
  const paid = aarhus.orders.flatMap((order) => order.lines).filter((line) => /^(benefit|third_party)$/.test(line.kind))
  const national = (paid.length * MUNICIPALITIES.reduce((sum, row) => sum + row.population, 0)) / 373_400
  assert.ok(national > 720_000 && national < 880_000, String(national))
  const benefits = new Set(paid.map((line) => line.benefit))
  for (const key of [
    'kontanthjaelp revalideringsydelse ressourceforloebsydelse jobafklaring_ydelse ledighedsydelse flekstilskud',
    'enkeltydelse saerlig_hjaelp_medicin sygedagpenge sygedagpenge_arbejdsgiver op_tillaeg_arbejdsgiver',
    'personligt_tillaeg helbredstillaeg helbredstillaeg_briller helbredstillaeg_tandlaege tabt_arbejdsfortjeneste',
  ].flatMap((keys) => keys.split(' '))) {
    assert.ok(benefits.has(key), key)
  }
  assert.ok(paid.some((line) => line.repayable === true))
  assert.ok(aarhus.orders.some((order) => order.settle === 'at_once'))
})

test('money goes out on the days of a municipal payment calendar', () => {
  const days = (system: string, key: string) => [
    ...new Set(
      aarhus.orders
        .filter((order) => order.source_system === system && order.lines[0]?.benefit === key)
        .map((order) => order.disposition_date),
    ),
  ]
  assert.deepEqual(days('KY', 'kontanthjaelp'), ['2026-03-31'])
  assert.deepEqual(days('KSD', 'sygedagpenge'), ['2026-03-26'])
  assert.deepEqual(days('KSD', 'sygedagpenge_arbejdsgiver').sort(), ['2026-03-12', '2026-03-26'])
  assert.deepEqual(days('KP', 'helbredstillaeg').sort(), ['2026-03-10', '2026-03-20', '2026-03-31'])
})

test('every set-off has its claim, within what remains and within the net', () => {
  const claims = new Map<string, Fact>()
  for (const fact of aarhus.facts) if (fact.record === 'claim_opening') claims.set(fact.claim_key, fact)
  let setOffs = 0
  for (const order of aarhus.orders) {
    let gross = 0
    let deducted = 0
    for (const line of order.lines) {
      if (line.kind === 'benefit') gross += line.amount_ore
      if (line.kind === 'set_off' || line.kind === 'third_party') deducted += line.amount_ore
      if (line.kind !== 'set_off') continue
      setOffs += 1
      const claim = claims.get(line.claim_key as string)
      assert.ok(claim && claim.amount_ore >= line.amount_ore, order.order_key)
      assert.equal(claim.debtor.id, order.beneficiary.id)
    }
    // 8 % AM-bidrag, 55 % tax and 5 % ATP leave 39 %.
    assert.ok(deducted <= gross * 0.39, order.order_key)
  }
  assert.ok(setOffs > 100 && claims.size > setOffs)
})

test('overlapping orders are the meant ones, and as many are vouched for by name', () => {
  const lines = new Map<string, { key: string; line: Line }[]>()
  const vouched: string[] = []
  const suspected: string[] = []
  for (const order of aarhus.orders) {
    for (const line of order.lines) {
      if (line.kind !== 'benefit' || line.period === undefined) continue
      const who = `${order.beneficiary.id} ${line.benefit}`
      const others = lines.get(who) ?? []
      const { from, to } = line.period
      const clash = others.find(
        ({ key, line: { period } }) => key !== order.order_key && period && from < period.to && period.from < to,
      )
      if (clash && line.not_duplicate_of !== undefined) {
        assert.equal(line.not_duplicate_of, `${clash.key}/${clash.line.line_key}`)
        vouched.push(order.order_key)
      } else if (clash) suspected.push(order.order_key)
      lines.set(who, [...others, { key: order.order_key, line }])
    }
  }
  assert.equal(suspected.length, vouched.length)
  assert.ok(suspected.length >= 4 && suspected.length <= 12, suspected.join(' '))
})

test('some citizens are paid by two systems; taxed benefits of two systems never overlap in time', () => {
  const taxed = new Map<string, Map<string, string[]>>()
  const systems = new Map<string, Set<string>>()
  const never = /^(sygedagpenge|kontanthjaelp|jobafklaring_ydelse|ressourceforloebsydelse|ledighedsydelse)$/
  for (const order of aarhus.orders) {
    const { id } = order.beneficiary
    systems.set(id, (systems.get(id) ?? new Set()).add(order.source_system))
    for (const line of order.lines) {
      if (line.kind !== 'benefit' || !line.period || !never.test(line.benefit as string)) continue
      const own = taxed.get(id) ?? new Map<string, string[]>()
      own.set(line.benefit as string, [...(own.get(line.benefit as string) ?? []), line.period.from, line.period.to])
      taxed.set(id, own)
    }
  }
  const pairs = (a: string, b: string) => [...systems.values()].filter((set) => set.has(a) && set.has(b)).length
  assert.ok(pairs('KY', 'KP') > 20 && pairs('KY', 'KSD') > 50)
  const shared = [...taxed.values()].filter((own) => own.size > 1)
  assert.ok(shared.length > 50)
  for (const own of shared) {
    assert.deepEqual([...own.keys()].sort(), ['jobafklaring_ydelse', 'sygedagpenge'])
    const ended = (own.get('sygedagpenge') as string[]).toSorted().at(-1) as string
    assert.ok(ended <= ((own.get('jobafklaring_ydelse') as string[])[0] as string))
  }
})

test('tax cards of every kind, one per person but for a few that change, under the municipality’s SE number', () => {
  const cards = aarhus.facts.filter((fact) => fact.record === 'tax_card')
  const share = (kind: string) => cards.filter((fact) => fact.card === kind).length / cards.length
  assert.ok(share('hovedkort') > 0.77 && share('hovedkort') < 0.87)
  assert.ok(share('bikort') > 0.08 && share('frikort') > 0.02 && share('none') > 0.01)
  assert.ok(cards.some((fact) => fact.card === 'frikort' && fact.frikort_left_ore < 100_000))
  assert.ok(cards.every((fact) => fact.se === '55133018'))
  const people = new Set(cards.map((fact) => fact.cpr))
  assert.ok(cards.length > people.size && cards.length < people.size * 1.02)
  const taxedPeople = new Set(
    aarhus.orders
      .filter((order) => /^(kontanthjaelp|sygedagpenge|flekstilskud)$/.test(order.lines[0]?.benefit as string))
      .map((order) => order.beneficiary.id),
  )
  const without = [...taxedPeople].filter((id) => !people.has(id)).length / taxedPeople.size
  assert.ok(without > 0.01 && without < 0.06, String(without))
  const deaths = aarhus.facts.filter((fact) => fact.event === 'death')
  assert.ok(deaths.length > 2 && deaths.length < 30)
})

test('98 municipalities with CVR numbers that pass modulus 11, all different', () => {
  assert.equal(MUNICIPALITIES.length, 98)
  const numbers = MUNICIPALITIES.map((row) => municipalityCvr(row.code))
  assert.equal(new Set(numbers).size, 98)
  for (const cvr of numbers) {
    const sum = [2, 7, 6, 5, 4, 3, 2, 1].reduce((all, weight, at) => all + weight * Number(cvr[at]), 0)
    assert.ok(cvr.length === 8 && sum % 11 === 0, cvr)
  }
  assert.equal(municipalityCvr(101), '64942212')
})

test('the number of orders asked for is the number that comes, near enough', () => {
  for (const [orders, municipalities] of [
    [20_000, [751]],
    [5_000, [101, 751, 825]],
    [40, [825]],
  ] as const) {
    const { orders: made } = read({ month: '2026-03', municipalities, scale: 1, seed: 42, orders })
    assert.ok(Math.abs(made.length - orders) <= 10 + orders / 500, `${made.length} for ${orders}`)
  }
  const national = MUNICIPALITIES.reduce((sum, row) => sum + ordersAtScale1(row.code), 0)
  assert.ok(national > 350_000 && national < 400_000)
})

test('a request that makes no sense is refused with every fault', async () => {
  const asked = { month: '2026-13', municipalities: [752], scale: 1, seed: 0.5, out: join(folder, 'none') }
  await assert.rejects(generateMonth(asked), (error: { faults: { code: string }[] }) => {
    assert.deepEqual(
      error.faults.map((fault) => fault.code),
      ['month_unreadable', 'municipality_unknown', 'seed_not_whole'],
    )
    return true
  })
  for (const scale of [0, -1, Number.NaN, 1000]) {
    await assert.rejects(generateMonth({ ...AARHUS, scale, out: join(folder, 'none') }), /scale/)
  }
})

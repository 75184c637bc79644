import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { StatementEntry, StatementHeader } from '../../modules/payments/index.ts'
import { ACCOUNT_PROFILE, PARTY_PROFILE, parseStatement, writePain001 } from './index.ts'
import { bundle, fileHeader, payment, schemaText, validate } from './testing.ts'
import { type NotificationHeader, writeNotification, writeStatement } from './write-statement.ts'
import { parseAmount, parseCount } from '../../base/xml-in.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}`)

async function assertValid(t: TestContext, message: string, xml: string): Promise<void> {
  const xsd = schemaText(process.env['ISO20022_XSD_DIR'], message)
  if (!xsd) return t.skip('SKIPPED: ISO20022_XSD_DIR is unset or lacks the schema')
  await validate(xsd, xml)
  await assert.rejects(validate(xsd, xml.replace(/<(Amt|InstdAmt) /, '<Wrong ')), 'the validator can say no')
}

function entry(amount: number, more: Partial<StatementEntry> = {}): StatementEntry {
  const date = day('2026-03-31')
  const plain = { bankRef: `R${Math.abs(amount)}`, amount, bookingDate: date, valueDate: date, bundleId: '' }
  return { ...plain, endToEndId: '', reason: '', count: 1, ...more } as StatementEntry
}

function header(entries: readonly StatementEntry[], opening = 0): StatementHeader {
  const closing = entries.reduce((sum, each) => sum + each.amount, opening) as Ore
  const date = day('2026-03-31')
  return { statementId: 'S-1', number: 7, account: '24690000000751', date, opening: opening as Ore, closing }
}

const ENTRIES = [
  entry(-5700, { bundleId: '0751R12U1', count: 4 }),
  entry(-100, { endToEndId: '0751R12N8' }),
  entry(1600, { endToEndId: '0751R12N5', reason: 'AC04' }),
  entry(250_000_000_00),
]

type Version = '02' | '08'

function statement(entries = ENTRIES, version: Version = '08', opening = 12345): string {
  return [...writeStatement(header(entries, opening), entries, { version, createdAt: '2026-03-31T23:00:00' })].join('')
}

function read(chunks: Iterable<string | Uint8Array>) {
  const entries: StatementEntry[] = []
  const details: StatementEntry[] = []
  const headers: StatementHeader[] = []
  const notices: NotificationHeader[] = []
  const result = parseStatement(chunks, {
    header: (told) => headers.push(told),
    notification: (told) => notices.push(told),
    entry: (told) => entries.push(told),
    detail: (told) => details.push(told),
  })
  return { result, list: entries, details, headers, notices, codes: result.problems.map((each) => each.code) }
}

for (const profile of [ACCOUNT_PROFILE, PARTY_PROFILE]) {
  test(`pain.001.001.${profile.version} with the payee by number is valid and carries counts and sums`, async (t) => {
    const payees = [
      payment(1, 1234567),
      {
        ...payment(2, 5),
        payee: { type: 'cvr' as const, id: '29189420' },
        text: 'Husleje & <el> "03" – æøå',
        nemKontoKind: '',
      },
      { ...payment(3, 100_000_000_000), payee: { type: 'p' as const, id: '1003456789' }, text: '' },
    ]
    const bundles = [bundle('U1', '2026-03-31', payees), bundle('U2', '2026-04-30', [payment(4, 1)])]
    const xml = [...writePain001(fileHeader('0751R12', bundles), bundles, profile)].join('')
    assert.ok(xml.includes('<NbOfTxs>4</NbOfTxs><CtrlSum>1000012345.73</CtrlSum>'))
    assert.ok(xml.includes('<NbOfTxs>3</NbOfTxs><CtrlSum>1000012345.72</CtrlSum>'))
    assert.equal(xml.includes('<CdtrAcct>'), profile.placement === 'account')
    assert.match(xml, profile.placement === 'account' ? /<CdtrAcct>.*6203850000.*CPR/ : /<PrvtId>.*6203850000.*CPR/)
    await assertValid(t, `pain.001.001.${profile.version}`, xml)
  })
}

test('pain.001 that does not agree with its header is never completed', () => {
  const bundles = [bundle('U1', '2026-03-31', [payment(1, 100)])]
  assert.throws(() => [...writePain001({ ...fileHeader('F', bundles), count: 9 }, bundles, ACCOUNT_PROFILE)], /file F/)
  assert.throws(() => [...writePain001(fileHeader('F', []), [], ACCOUNT_PROFILE)], /no empty file/)
})

for (const version of ['02', '08'] as const) {
  test(`camt.053.001.${version} is valid, and reads back as it was`, async (t) => {
    const xml = statement(ENTRIES, version)
    const found = read([xml])
    assert.deepEqual(found.result.problems, [])
    assert.equal(found.result.whole, true)
    assert.deepEqual(found.headers, [header(ENTRIES, 12345)])
    assert.deepEqual(found.list, ENTRIES)
    await assertValid(t, `camt.053.001.${version}`, xml)
  })
  test(`camt.054.001.${version} is valid, and reads back as it was`, async (t) => {
    const notice = { notificationId: 'N-1', number: 3, account: '24690000000751', date: day('2026-04-01') }
    const returned = [entry(1600, { endToEndId: '0751R12N5', reason: 'AC04' })]
    const options = { version, createdAt: '2026-04-01T23:00:00' }
    const xml = [...writeNotification(notice, returned, options)].join('')
    const found = read([xml])
    assert.equal(found.result.whole, true)
    assert.deepEqual(found.notices, [notice])
    assert.deepEqual(found.list, returned)
    await assertValid(t, `camt.054.001.${version}`, xml)
  })
}

const anyEntry: fc.Arbitrary<StatementEntry> = fc
  .record({
    amount: fc.oneof(fc.integer({ min: -100_000_000_000, max: 100_000_000_000 }), fc.constant(0)),
    bankRef: fc.stringMatching(/^[0-9A-Za-z-]{1,35}$/),
    id: fc.stringMatching(/^[0-9A-Za-z]{1,35}$/),
    form: fc.constantFrom('batch', 'single', 'return', 'bare'),
    count: fc.integer({ min: 2, max: 300_000 }),
    shift: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ amount, bankRef, id, form, count, shift }) => {
    const dates = {
      bookingDate: day('2026-03-31'),
      valueDate: (day('2026-03-31') + shift) as StatementEntry['valueDate'],
    }
    const whole = { ...dates, bankRef }
    if (form === 'batch') return entry(amount, { ...whole, bundleId: id, count })
    if (form === 'single') return entry(amount, { ...whole, endToEndId: id })
    return form === 'return' ? entry(amount, { ...whole, endToEndId: id, reason: 'AC04' }) : entry(amount, whole)
  })

test('any statement survives the file, cut anywhere into chunks of bytes', () => {
  const version = fc.constantFrom<Version>('02', '08')
  fc.assert(
    fc.property(
      fc.array(anyEntry, { maxLength: 20 }),
      fc.integer(),
      version,
      fc.integer({ min: 1, max: 900 }),
      (list, opening, v, size) => {
        const bytes = Buffer.from(statement(list, v, opening), 'utf8')
        const chunks: Buffer[] = []
        for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size))
        const found = read(chunks)
        assert.deepEqual(found.result.problems, [])
        assert.deepEqual(found.list, list)
        assert.deepEqual(found.headers, [header(list, opening)])
      },
    ),
    { seed, numRuns: 200 },
  )
})

test('a statement that is cut off anywhere is not whole', () => {
  const xml = statement()
  const end = xml.lastIndexOf('>')
  for (let length = 0; length <= end; length += 3)
    assert.equal(read([xml.slice(0, length)]).result.whole, false, `cut at ${length}`)
  assert.deepEqual(read([xml.slice(0, end)]).codes, ['half_file'])
})

test('one øre too many, an entry lost or a wrong total: the statement is refused and says why', () => {
  const xml = statement()
  const cases: [string, string, string][] = [
    [xml.replace('<Amt Ccy="DKK">57.00<', '<Amt Ccy="DKK">57.01<'), 'TtlNtries', 'sum_differs'],
    [xml.replace(/<Ntry><NtryRef>0751R12N8.*\n/, ''), 'TtlNtries', 'count_differs'],
    [xml.replace(/<TxsSummry>.*\n/, '').replace(/<Ntry><NtryRef>0751R12N8.*\n/, ''), 'Bal', 'balance_differs'],
    [xml.replace('<TtlDbtNtries><NbOfNtries>2<', '<TtlDbtNtries><NbOfNtries>3<'), 'TtlDbtNtries', 'count_differs'],
    [xml.replace(/<Bal><Tp><CdOrPrtry><Cd>OPBD.*\n/, ''), 'Bal', 'balance_missing'],
    [
      xml.replace('<CdtDbtInd>DBIT</CdtDbtInd><Sts>', '<CdtDbtInd>DEBT</CdtDbtInd><Sts>'),
      'CdtDbtInd',
      'not_a_direction',
    ],
    [xml.replace('camt.053.001.08', 'camt.053.001.99'), 'Document', 'other_message'],
  ]
  for (const [changed, field, code] of cases) {
    assert.notEqual(changed, xml, code)
    const { result } = read([changed])
    assert.equal(result.whole, false, code)
    assert.deepEqual(
      result.problems.map((each) => [each.field, each.code]),
      [[field, code]],
    )
  }
})

test('an entry that is malformed in anything but its amount and direction is told with a problem, and its money counts', () => {
  const xml = statement()
  const line = xml.slice(0, xml.indexOf('<Ntry>')).split('\n').length
  const cases: [string, string, Partial<StatementEntry>][] = [
    [
      xml.replace('<BookgDt><Dt>2026-03-31', '<BookgDt><Dt>2026-02-31'),
      'not_a_date',
      { bookingDate: day('2026-03-31') },
    ],
    [
      xml.replace(/<NtryRef>[^<]*<.NtryRef>/, '').replace(/<AcctSvcrRef>[^<]*<.AcctSvcrRef>/, ''),
      'ref_missing',
      { bankRef: `2026-03-31 line ${line}` },
    ],
  ]
  for (const [changed, code, first] of cases) {
    const found = read([changed])
    assert.equal(found.result.whole, true, code)
    assert.deepEqual(found.codes, [code])
    assert.equal(found.result.problems[0]?.line, line)
    assert.deepEqual(found.list, [{ ...ENTRIES[0], ...first }, ...ENTRIES.slice(1)])
  }
})

test('a payment is known by its instruction when the bank keeps no end-to-end id', () => {
  const xml = statement([entry(-5700, { endToEndId: '0751R12N8' })])
  const kept = '<InstrId>0751R12N8</InstrId><EndToEndId>NOTPROVIDED</EndToEndId>'
  const found = read([xml.replace('<EndToEndId>0751R12N8</EndToEndId>', kept)])
  assert.deepEqual(
    found.list.map((each) => each.endToEndId),
    ['0751R12N8'],
  )
})

test('other currencies, odd amounts, a DOCTYPE and other encodings refuse the file', () => {
  const xml = statement()
  assert.deepEqual(read([xml.replace('<Amt Ccy="DKK">57.00', '<Amt Ccy="EUR">57.00')]).codes, ['other_currency'])
  assert.deepEqual(read([xml.replace('<Ccy>DKK', '<Ccy>EUR')]).codes, ['other_currency'])
  for (const amount of ['57,00', '57.005', '-57.00', '5.7e1', 'NaN', '', '57.', '.57', '99999999999999999']) {
    const changed = xml.replace('<Amt Ccy="DKK">57.00', `<Amt Ccy="DKK">${amount}`)
    assert.deepEqual(read([changed]).codes, ['not_an_amount'], amount)
  }
  assert.deepEqual(read([xml.replace('?>', '?><!DOCTYPE Document>')]).codes, ['doctype'])
  const latin1 = xml.replace('</Stmt>', '<AddtlStmtInf>Kontoudtog for Århus</AddtlStmtInf></Stmt>')
  assert.equal(read([Buffer.from(latin1, 'utf8')]).result.whole, true)
  assert.deepEqual(read([Buffer.from(latin1, 'latin1')]).codes, ['not_utf8'])
})

test('an entry that is not booked is set aside and does not count into the balance', () => {
  const xml = statement([entry(-100), entry(-30)]).replace('<Cd>BOOK</Cd>', '<Cd>PDNG</Cd>')
  const found = read([xml.replace(/(CLBD.*?DKK">)\d+\.\d\d/, '$1123.15')])
  assert.deepEqual(found.codes, ['not_booked'])
  assert.deepEqual(
    found.list.map((each) => each.amount),
    [-30],
  )
  assert.equal(found.result.whole, true)
})

test('an entry that names its payments one by one tells each, and must add up', () => {
  const detail = (id: string, amount: string) =>
    `<TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs>` +
    `<Amt Ccy="DKK">${amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>`
  const batch = [entry(-5700, { bundleId: 'U1', count: 2 })]
  const xml = statement(batch).replace('</Btch>', `</Btch>${detail('N1', '50.00')}${detail('N2', '7.00')}`)
  const found = read([xml])
  assert.deepEqual(found.codes, [])
  assert.deepEqual(found.list, batch)
  assert.deepEqual(
    found.details.map((each) => [each.endToEndId, each.amount, each.bundleId]),
    [
      ['N1', -5000, 'U1'],
      ['N2', -700, 'U1'],
    ],
  )
  assert.deepEqual(read([xml.replace('>7.00<', '>7.01<')]).codes, ['details_differ'])
  assert.deepEqual(read([xml.replace('</TxDtls></NtryDtls>', `</TxDtls>${detail('N3', '0.00')}</NtryDtls>`)]).codes, [
    'count_differs',
  ])
})

test('a prefix on every name, white space and times instead of dates make no difference', () => {
  const plain = statement()
  const prefixed = plain
    .replace(/<(\/?)([A-Z])/g, '<$1ns2:$2')
    .replace('xmlns=', 'xmlns:ns2=')
    .replaceAll('<ns2:Dt>2026-03-31</ns2:Dt>', '\n  <ns2:DtTm>2026-03-31T12:00:00+02:00</ns2:DtTm>\n')
  assert.notEqual(prefixed, plain)
  const found = read([prefixed])
  assert.deepEqual(found.codes, [])
  assert.deepEqual(found.list, ENTRIES)
})

test('whatever the bytes, the parser answers and never throws', () => {
  const good = Buffer.from(statement(), 'utf8')
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of changes) bytes[at] = value
      const found = read([bytes])
      if (!found.result.whole) assert.ok(found.result.problems.length > 0)
    }),
    { seed, numRuns: 500 },
  )
})

test('amounts and counts are read exactly or not at all', () => {
  const amounts: [string, number][] = [
    ['0', 0],
    ['12', 1200],
    ['12.3', 1230],
    ['12.34', 1234],
    ['0.05', 5],
    ['1000000000.00', 100_000_000_000],
    ['200.0000', 20_000],
    ['200.0001', -1],
    ['200.00a0', -1],
    ['1.', -1],
    ['٣', -1],
    [' 1', -1],
  ]
  for (const [text, ore] of amounts) assert.equal(parseAmount(text), ore, text)
  assert.equal(parseCount('300000'), 300_000)
  for (const text of ['', '-1', '1.0', '0x1', '1234567890123456']) assert.equal(parseCount(text), -1, text)
})

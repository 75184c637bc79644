import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { golden, header, month, plain, run, told } from '../../../test/golden/told-items.ts'
import { day } from '../../base/date.ts'
import { encoding, ydelsesindeksWriter } from './index.ts'
import { NAMESPACES } from './names.ts'
import { escapeXml, offset } from './writer.ts'

/** Text by local element name, in order of appearance; throws when the file is not well-formed. */
function read(text: string): Map<string, string[]> {
  const parser = new SaxesParser({ xmlns: true })
  const found = new Map<string, string[]>()
  const open: string[] = []
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', (tag) => {
    assert.ok(
      Object.values(NAMESPACES).some((uri) => uri === tag.uri),
      tag.name,
    )
    open.push('')
  })
  parser.on('text', (chunk) => {
    open[open.length - 1] += chunk
  })
  parser.on('closetag', (tag) => {
    const value = open.pop() as string
    found.set(tag.local, [...(found.get(tag.local) ?? []), value])
  })
  parser.write(text).close()
  return found
}

const one = (change = {}): Map<string, string[]> => read(run(ydelsesindeksWriter(header), [told(1, change)]).text)

test('the file of a small month is the golden one', () => {
  const { text } = run(ydelsesindeksWriter(header), month())
  golden('ydelsesindeks/month.xml', text, encoding)
})

test('the time of effect stands once, or on every relation as the guide has it', () => {
  const count = (effects: 'once' | 'every_relation'): number | undefined =>
    read(run(ydelsesindeksWriter(header, { effects }), [told(1)]).text).get('Virkning')?.length
  assert.equal(count('once'), 1)
  assert.equal(count('every_relation'), 7)
})

test('the amounts are a chain with a point and two decimals, never a thousands separator', () => {
  const found = one()
  assert.deepEqual(found.get('SamletBruttobeloeb'), ['12498.00'])
  assert.deepEqual(found.get('BeloebEfterSkatATP'), ['9479.00'])
  assert.deepEqual(found.get('BeloebSendtTilUdbetaling'), ['8979.00'])
  assert.deepEqual(found.get('SendtTilUdbetalingTekst'), ['Modregning 500,00 kr.'])
  assert.equal(found.get('BeloebUdbetalt'), undefined)
})

test('what was paid is told only when it is known', () => {
  const { text } = run(ydelsesindeksWriter(header, { paid: (item) => item.net }), [told(1)])
  assert.deepEqual(read(text).get('BeloebUdbetalt'), ['8979.00'])
})

test('period, disposition date, KLE and grant stand on the line; the last day is in, in Danish time', () => {
  const found = one()
  assert.deepEqual(found.get('YdelsesperiodeStartdato'), ['2026-03-01T00:00:00+01:00'])
  assert.deepEqual(found.get('YdelsesperiodeSlutdato'), ['2026-03-31T00:00:00+02:00'])
  assert.deepEqual(found.get('Dispositionsdato'), ['2026-03-31T00:00:00+02:00'])
  assert.deepEqual(found.get('Klassifikationsbeskrivelse'), ['32.24.04'])
  assert.deepEqual(found.get('BevilgetYdelseId'), ['1'])
  assert.ok(found.get('UUIDIdentifikator')?.includes('0b7c2b0e-6f0e-4a8e-9d5e-0a9b4c1d2e3f'))
})

test('the payee is the recipient: CPR with its leading zero, CVR or P-number', () => {
  const urn = (payee: unknown): string | undefined => one({ payee }).get('URNIdentifikator')?.at(-1)
  assert.equal(urn({ type: 'cpr', id: '0163850001' }), 'urn:oio:cpr-nr:0163850001')
  assert.equal(urn({ type: 'cvr', id: '29189420' }), 'urn:oio:cvr-nr:29189420')
  assert.equal(urn({ type: 'p', id: '1000000001' }), 'urn:oio:pnr:1000000001')
})

test('an effectuation has the same identity in every delivery, and no two items share one', () => {
  const id = (item: number, code: number): string | undefined => {
    const place = { ...header, municipality: { ...header.municipality, code } }
    return read(run(ydelsesindeksWriter(place), [told(item)]).text).get('UUIDIdentifikator')?.[0]
  }
  const largest = 2 ** 52 - 1
  assert.equal(id(largest, 751), '00000751-0000-8000-800f-ffffffffffff')
  assert.equal(new Set([id(1, 751), id(2, 751), id(1, 101), id(largest, 751)]).size, 4)
})

test('text is escaped, Danish letters stay, and characters that XML cannot carry are gone', () => {
  const found = one({ orderKey: 'a<b>&"c\u0000d\uFFFEæøå😀', lineKey: '1' })
  assert.deepEqual(found.get('BrugervendtNoegle')?.[0], 'a<b>&"c dæøå😀/1')
  assert.deepEqual(found.get('Udbetalingsafdeling'), ['Ydelsescenter Ås & Ærø'])
  assert.equal(escapeXml('\ud800'), '')
})

test('items without a grant are counted: nobody may be shown them', () => {
  const { text, totals } = run(ydelsesindeksWriter(header), [told(1, { grantUuid: '' }), told(2)])
  assert.equal(totals['items_without_grant'], 1)
  assert.equal(read(text).get('BevilgetYdelseRef')?.length, 1)
})

test('property: the file is well-formed whatever the texts, and totals are the sums of the items', () => {
  const item = fc.record({
    text: fc.string({ unit: 'binary', maxLength: 60 }),
    net: fc.integer({ min: -1_000, max: 5_000_000 }),
    tax: fc.integer({ min: 0, max: 500_000 }),
    third: fc.integer({ min: 0, max: 100 }),
  })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 10 }), (drawn) => {
      const items = drawn.map((each, i) =>
        told(i, {
          ...plain(each.net + each.tax + each.third),
          net: each.net,
          tax: each.tax,
          thirdParty: each.third,
          orderKey: each.text,
          kle: each.text,
        }),
      )
      const { text, totals } = run(ydelsesindeksWriter(header), items)
      const found = read(text)
      const add = (of: (each: (typeof items)[number]) => number): number =>
        items.reduce((sum, each) => sum + of(each), 0)
      const written = (name: string): number =>
        (found.get(name) ?? []).reduce((sum, value) => sum + Math.round(Number(value) * 100), 0)
      assert.equal(totals['items'], items.length)
      assert.equal(
        totals['gross_ore'],
        add((each) => each.gross),
      )
      assert.equal(
        totals['after_tax_atp_ore'],
        add((each) => each.gross - each.tax),
      )
      assert.equal(
        totals['sent_ore'],
        add((each) => each.net),
      )
      assert.equal(written('SamletBruttobeloeb'), totals['gross_ore'])
      assert.equal(written('BeloebEfterSkatATP'), totals['after_tax_atp_ore'])
      assert.equal(written('BeloebSendtTilUdbetaling'), totals['sent_ore'])
    }),
    { verbose: 1 },
  )
})

test('Danish summer time begins and ends on the last Sundays of March and October', () => {
  assert.equal(offset(day('2026-03-29'), 1), '+01:00')
  assert.equal(offset(day('2026-03-29'), 3), '+02:00')
  assert.equal(offset(day('2026-10-25'), 0), '+02:00')
  assert.equal(offset(day('2026-10-25'), 4), '+01:00')
  assert.equal(offset(day('2026-01-01'), 0), '+01:00')
})

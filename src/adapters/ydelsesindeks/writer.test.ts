import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { golden, header, month, plain, run, told } from '../../../test/golden/told-items.ts'
import { day } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import { danishOffset } from '../../base/danish-time.ts'
import {
  encoding,
  expandDelivery,
  type ExpandOptions,
  ydelsesindeksWriter,
  type YdelsesindeksOptions,
} from './index.ts'
import { NAMESPACES } from './names.ts'
import { escapeXml } from './xml.ts'

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

/** As the sender reads it: from bytes, line by line. */
function expand(text: string, options: Partial<ExpandOptions> = {}): string[] {
  return [...expandDelivery(Buffer.from(text, encoding).toString(encoding).split('\n'), options)]
}

/** The one message of an item, read. */
function one(change = {}, options: Partial<YdelsesindeksOptions> = {}, place = header): Map<string, string[]> {
  const messages = expand(run(ydelsesindeksWriter(place, options), [told(1, change)]).text)
  assert.equal(messages.length, 1)
  return read(messages[0] as string)
}

test('the file of a small month is the golden one', () => {
  const { text } = run(ydelsesindeksWriter(header), month())
  golden('ydelsesindeks/month.ndjson', text, encoding)
})

test("KOMBIT's XML of a small month is the golden one, in both forms", () => {
  const { text } = run(ydelsesindeksWriter(header), month())
  golden('ydelsesindeks/month.xml', expand(text).join(''), encoding)
  golden('ydelsesindeks/month.every_relation.xml', expand(text, { effects: 'every_relation' }).join(''), encoding)
})

test('an item costs at most 450 bytes on the whole, a tenth of its XML', () => {
  const items = month()
  const { text } = run(ydelsesindeksWriter(header), [...items, ...items, ...items])
  const bytes = (of: string): number => Buffer.byteLength(of, encoding) / (3 * items.length)
  assert.ok(bytes(text) <= 450, `${bytes(text)} bytes`)
  assert.ok(bytes(text) * 9 < bytes(expand(text).join('')))
})

test('the head and the tail around the items: a unit stands once, before what it pays', () => {
  const other = { ...told(1).payingUnit, losKey: '7654321', name: 'Anden "enhed"' }
  const writer = ydelsesindeksWriter(header)
  const fresh = writer.end().head
  const { text } = run(writer, [told(1), told(2, { payingUnit: other }), told(3), told(4, { payingUnit: other })])
  assert.equal(text.slice(0, fresh.length), fresh)
  const records = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const kinds = records.map((each) => Object.keys(each)[0])
  assert.deepEqual(kinds, ['format', 'unit', 'uuid', 'unit', 'uuid', 'uuid', 'uuid', 'effectuations'])
  assert.deepEqual(read(expand(text)[0] as string).get('Udbetalingsafdeling'), [
    'Ydelsescenter Ås & Ærø',
    'Anden "enhed"',
    'Ydelsescenter Ås & Ærø',
    'Anden "enhed"',
  ])
})

test('the messages are whole documents of at most so many effectuations, together all of them in order', () => {
  const { text } = run(ydelsesindeksWriter(header), [told(1), told(2), told(3), told(4), told(5)])
  const sizes = (perMessage: number): (number | undefined)[] =>
    expand(text, { perMessage }).map((message) => read(message).get('SamletBruttobeloeb')?.length)
  assert.deepEqual(sizes(2), [2, 2, 1])
  assert.deepEqual(sizes(5), [5])
  const keys = expand(text, { perMessage: 2 }).flatMap((message) =>
    (read(message).get('BrugervendtNoegle') ?? []).filter((key) => key.startsWith('KY-')),
  )
  assert.deepEqual(keys, ['KY-2026-1/1', 'KY-2026-2/1', 'KY-2026-3/1', 'KY-2026-4/1', 'KY-2026-5/1'])
  assert.deepEqual(expand(run(ydelsesindeksWriter(header), []).text), [])
})

test('a file that was cut short or changed never gives its last message', () => {
  const lines = run(ydelsesindeksWriter(header), [told(1), told(2), told(3)])
    .text.split('\n')
    .slice(0, -1)
  const refused = (changed: string[], why: RegExp): void => {
    let given = 0
    assert.throws(
      () => {
        for (const message of expandDelivery(changed, { perMessage: 1 })) given += message.length > 0 ? 1 : 0
      },
      (error: unknown) => error instanceof Refusal && error.code === 'delivery_damaged' && why.test(error.message),
    )
    assert.ok(given < 3)
  }
  refused([], /end is missing/)
  for (let kept = 1; kept < lines.length; kept++) refused(lines.slice(0, kept), /end is missing/)
  refused(lines.slice(1), /first line is not the head/)
  refused(lines.toSpliced(1, 1), /line 2 names unit 1/)
  refused(lines.toSpliced(2, 1), /counts 3, it has 2/)
  refused(lines.toSpliced(4, 1, (lines[4] as string).slice(0, -9)), /line 5 is not JSON/)
  refused(lines.toSpliced(4, 1, (lines[4] as string).replace('"gross"', '"grass"')), /line 5 is no record/)
  refused(lines.toSpliced(4, 1, lines[0] as string), /line 5 is a second head/)
})

test('nothing may follow the end', () => {
  const { text } = run(ydelsesindeksWriter(header), [told(1)])
  assert.throws(() => expand(text + text), /comes after the end/)
})

test('the time of effect stands once, or on every relation as the guide has it', () => {
  const { text } = run(ydelsesindeksWriter(header), [told(1)])
  const count = (effects: 'once' | 'every_relation'): number | undefined =>
    read(expand(text, { effects })[0] as string).get('Virkning')?.length
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
  const found = one({}, { paid: (item) => item.net })
  assert.deepEqual(found.get('BeloebUdbetalt'), ['8979.00'])
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
    return one({ item }, {}, place).get('UUIDIdentifikator')?.[0]
  }
  const largest = 2 ** 52 - 1
  assert.equal(id(largest, 751), '00000751-0000-8000-800f-ffffffffffff')
  assert.equal(new Set([id(1, 751), id(2, 751), id(1, 101), id(largest, 751)]).size, 4)
})

test('no text can break a record in two: every sign that ends a line somewhere is escaped', () => {
  const hostile = 'a\n\r\u0085\u2028\u2029"\\b\ud800'
  const place = { ...header, municipality: { ...header.municipality, name: hostile } }
  const { text } = run(ydelsesindeksWriter(place), [
    told(1, { orderKey: hostile, payingUnit: { ...told(1).payingUnit, name: hostile } }),
  ])
  assert.equal(text.split(/[\r\n\u0085\u2028\u2029]/).length, 5)
  assert.equal((JSON.parse(text.split('\n')[2] as string) as { key: string }).key, hostile + '/1')
  assert.ok(Buffer.from(text, encoding).toString(encoding) === text)
})

test('identities of items one after another differ as the items do', () => {
  const items = [1, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 40, 2, 2 ** 52 - 1]
  const { text } = run(
    ydelsesindeksWriter(header),
    items.map((item) => told(item)),
  )
  const found = text
    .split('\n')
    .slice(2, -2)
    .map((line) => (JSON.parse(line) as { uuid: string }).uuid)
  const expected = items.map((item) => '00000751-0000-8000-8' + item.toString(16).padStart(15, '0'))
  assert.deepEqual(
    found.map((uuid) => uuid.replace(/-(?=[0-9a-f]{12}$)/, '')),
    expected,
  )
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
  assert.equal(read(expand(text)[0] as string).get('BevilgetYdelseRef')?.length, 1)
})

test('property: every message is well-formed whatever the texts, and totals are the sums of the items', () => {
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
      const messages = expand(text, { perMessage: 3 }).map(read)
      const add = (of: (each: (typeof items)[number]) => number): number =>
        items.reduce((sum, each) => sum + of(each), 0)
      const written = (name: string): number =>
        messages
          .flatMap((found) => found.get(name) ?? [])
          .reduce((sum, value) => sum + Math.round(Number(value) * 100), 0)
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
  assert.equal(danishOffset(day('2026-03-29'), 1), '+01:00')
  assert.equal(danishOffset(day('2026-03-29'), 3), '+02:00')
  assert.equal(danishOffset(day('2026-10-25'), 0), '+02:00')
  assert.equal(danishOffset(day('2026-10-25'), 4), '+01:00')
  assert.equal(danishOffset(day('2026-01-01'), 0), '+01:00')
})

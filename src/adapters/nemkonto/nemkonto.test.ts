import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Ore } from '../../base/money.ts'
import type { PartyType } from '../../modules/parties/index.ts'
import type { AnswerFileHeader, PaymentInstruction, RailAnswer } from '../../modules/payments/index.ts'
import { bundle, fileHeader, payment, UNIT } from '../bank/testing.ts'
import { xmlReader } from '../../base/xml-in.ts'
import { ANSWER, ANSWER_KINDS, ENVELOPE, type Name, PAYMENT } from './layout.ts'
import { parseAnswerFile } from './index.ts'
import { writeAnswerFile } from './write-answer-file.ts'
import { writePaymentFile } from './write-payment-file.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}`)

function read(chunks: Iterable<string | Uint8Array>) {
  const answers: RailAnswer[] = []
  const headers: AnswerFileHeader[] = []
  const result = parseAnswerFile(chunks, { header: (h) => headers.push(h), answer: (a) => answers.push(a) })
  return { ...result, list: answers, headers, codes: result.problems.map((each) => each.code) }
}

const HEADER = { answerId: '0751R12-2', fileId: '0751R12', createdAt: '2026-03-26T09:00:00', count: 0 }

function answerFile(answers: readonly RailAnswer[]): string {
  return [...writeAnswerFile({ ...HEADER, count: answers.length }, answers)].join('')
}

const PAID: RailAnswer = { kind: 8, ref: '0751R12N1', reason: '', waitingAccount: false }
const REFUSED: RailAnswer = { kind: 7, ref: '0751R12N2', reason: 'NOACCOUNT', waitingAccount: false }

/** Reads a payment file back by its layout alone: number, kind of number, amount, kind of benefit and text. */
function readPayments(chunks: Iterable<string>): string[][] {
  const at = `Envelope/Body/${PAYMENT.message.element}/${PAYMENT.bundle.element}/${PAYMENT.payment.element}`
  const found: string[][] = []
  const add = { close: (text: string) => void found.at(-1)?.push(text) }
  const reader = xmlReader({
    [at]: { open: () => void found.push([]) },
    [`${at}/${PAYMENT.endToEndId.element}`]: add,
    [`${at}/${PAYMENT.amount.element}`]: { close: (text, { Ccy }) => void found.at(-1)?.push(text, Ccy ?? '') },
    [`${at}/${PAYMENT.payee.element}`]: { close: (text, { Schme }) => void found.at(-1)?.push(text, Schme ?? '') },
    [`${at}/${PAYMENT.kind.element}`]: add,
    [`${at}/${PAYMENT.text.element}`]: add,
  })
  for (const chunk of chunks) reader.write(chunk)
  assert.equal(reader.end(), true, JSON.stringify(reader.problems))
  return found
}

test('a payment is told by number and kind of benefit, never by the payee’s account', () => {
  const people = [payment(1, 1234567), { ...payment(2, 5), payee: { type: 'p' as const, id: '1003456789' } }]
  const bundles = [bundle('0751R12U1', '2026-03-31', people)]
  const xml = [...writePaymentFile(fileHeader('0751R12', bundles), bundles)].join('')
  assert.deepEqual(readPayments([xml]), [
    ['0751R12N1', '12345.67', 'DKK', '6203850000', 'CPR', 'KTHJ', 'Kontanthjælp marts 2026'],
    ['0751R12N2', '0.05', 'DKK', '1003456789', 'PNR', 'KTHJ', 'Kontanthjælp marts 2026'],
  ])
  assert.equal(xml.split(UNIT.debitAccount).length, 2, 'the only account in the file is the payer’s own')
  for (const part of ['>NKSPayment<', '>0751R12<', '>2026-03-31<', '>2<', '>12345.72<', '>55133018<', '>12345<']) {
    assert.ok(xml.includes(part), part)
  }
  assert.equal(xml, [...writePaymentFile(fileHeader('0751R12', bundles), bundles)].join(''))
})

test('a file that does not agree with its header is never completed', () => {
  const bundles = [bundle('B', '2026-03-31', [payment(1, 100)])]
  const header = fileHeader('F', bundles)
  assert.throws(() => [...writePaymentFile({ ...header, count: 2 }, bundles)], /file F/)
  assert.throws(() => [...writePaymentFile({ ...header, sum: 101 as Ore }, bundles)], /file F/)
  const wrong = [{ ...bundles[0]!, header: { ...bundles[0]!.header, sum: 99 as Ore } }]
  assert.throws(() => [...writePaymentFile(header, wrong)], /bundle B/)
  const nothing = [bundle('B', '2026-03-31', [payment(1, 0)])]
  assert.throws(() => [...writePaymentFile(fileHeader('F', nothing), nothing)], /positive/)
  const account = [bundle('B', '2026-03-31', [{ ...payment(1, 1), payee: { type: 'cpr', id: '24690000000751' } }])]
  assert.throws(() => [...writePaymentFile(fileHeader('F', account), account)], /not a cpr number/)
})

const anyPayment: fc.Arbitrary<PaymentInstruction> = fc
  .record({
    id: fc.stringMatching(/^[0-9A-Za-z]{1,35}$/),
    type: fc.constantFrom<PartyType>('cpr', 'cvr', 'se', 'p'),
    number: fc.stringMatching(/^[0-9]{10}$/),
    amount: fc.integer({ min: 1, max: 100_000_000_000 }),
    text: fc.string({ maxLength: 60, unit: 'grapheme' }),
  })
  .map(({ id, type, number, amount, text }) => ({
    endToEndId: id,
    payee: { type, id: type === 'cpr' || type === 'p' ? number : number.slice(2) },
    amount: amount as Ore,
    nemKontoKind: 'KTHJ',
    text: text.slice(0, 140).toWellFormed(),
  }))

test('any payments survive the file, with every letter, in chunks of any size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyPayment, { maxLength: 8 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 900 }),
      (groups, size) => {
        const bundles = groups.map((payments, i) => bundle(`B${i}`, '2026-03-31', payments))
        const xml = [...writePaymentFile(fileHeader('F', bundles), bundles)].join('')
        const chunks: string[] = []
        for (let i = 0; i < xml.length; i += size) chunks.push(xml.slice(i, i + size))
        const scheme = { cpr: 'CPR', cvr: 'CVR', se: 'SE', p: 'PNR' }
        const expected = groups.flat().map(({ endToEndId, amount, payee, text }) => {
          const kroner = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
          const carried = Array.from(text, (c) => (c < ' ' || c === '\ufffe' || c === '\uffff' ? ' ' : c))
          return [
            endToEndId,
            kroner,
            'DKK',
            payee.id,
            scheme[payee.type],
            'KTHJ',
            carried.join('').replace(/^ +| +$/g, ''),
          ]
        })
        assert.deepEqual(readPayments(chunks), expected)
      },
    ),
    { seed, numRuns: 150 },
  )
})

test('the writer hands over chunks of about 64 KB however large the file', () => {
  const bundles = [
    bundle(
      'B',
      '2026-03-31',
      Array.from({ length: 2000 }, (_, i) => payment(i, 100)),
    ),
  ]
  const chunks = [...writePaymentFile(fileHeader('F', bundles), bundles)]
  assert.ok(chunks.length > 5)
  for (const chunk of chunks) assert.ok(chunk.length < 66_500)
})

const anyAnswer: fc.Arbitrary<RailAnswer> = fc.record(
  {
    kind: fc.constantFrom<RailAnswer['kind']>(0, 1, 2, 7, 8, 9),
    ref: fc.stringMatching(/^[0-9A-Za-z]{1,35}$/),
    reason: fc.stringMatching(/^[ -~æøå]{0,20}$/).map((text) => text.trim()),
    waitingAccount: fc.boolean(),
  },
  { noNullPrototype: true },
)

test('any answers survive the file, cut anywhere into chunks of bytes', () => {
  fc.assert(
    fc.property(fc.array(anyAnswer, { maxLength: 30 }), fc.integer({ min: 1, max: 500 }), (answers, size) => {
      const bytes = Buffer.from(answerFile(answers), 'utf8')
      const chunks: Buffer[] = []
      for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size))
      const found = read(chunks)
      assert.deepEqual(found.problems, [])
      assert.equal(found.whole, true)
      assert.deepEqual(found.list, answers)
      assert.deepEqual(found.headers, [{ ...HEADER, count: answers.length }])
    }),
    { seed, numRuns: 150 },
  )
})

test('a file that is cut off anywhere is not whole', () => {
  const bytes = Buffer.from(answerFile([PAID, REFUSED]), 'utf8')
  const end = bytes.lastIndexOf('>')
  for (let length = 0; length <= end; length++) {
    const found = read([bytes.subarray(0, length)])
    assert.equal(found.whole, false, `cut at ${length}`)
    assert.ok(found.problems.length > 0)
  }
  assert.deepEqual(read([bytes.subarray(0, end - 5)]).codes, ['half_file'])
})

test('a DOCTYPE is refused before anything is parsed, also across chunks', () => {
  const xml = answerFile([PAID])
  const bomb = '<!DOCTYPE lolz [<!ENTITY a "ha">]>'
  const evil = xml.replace('?>\n', `?>\n${bomb}\n`)
  for (const chunks of [[evil], [...evil], [evil.slice(0, 45), evil.slice(45)]]) {
    const found = read(chunks)
    assert.equal(found.whole, false)
    assert.deepEqual(found.codes, ['doctype'])
    assert.deepEqual(found.headers, [])
  }
})

test('an answer that nobody knows is set aside, and the rest is read', () => {
  const xml = answerFile([PAID, REFUSED]).replaceAll('NKSResponse7', 'NKSResponse5')
  const found = read([xml])
  assert.equal(found.whole, true)
  assert.deepEqual(found.list, [PAID])
  assert.equal(found.quarantined, 1)
  assert.deepEqual(found.problems, [
    { line: 8, field: 'NKSResponse5', code: 'unknown_answer', detail: 'unknown answer about 0751R12N2' },
  ])
})

test('an answer without a reference, or with an odd flag, is set aside with its line', () => {
  const waiting: RailAnswer = { ...PAID, ref: '0751R12N3', waitingAccount: true }
  const xml = answerFile([PAID, REFUSED, waiting]).replace('>0751R12N2<', '><').replace('>true<', '>maybe<')
  const found = read([xml])
  assert.equal(found.whole, true)
  assert.deepEqual(found.list, [PAID])
  assert.deepEqual(
    found.problems.map(({ line, field, code }) => [line, field, code]),
    [
      [8, 'OrgnlEndToEndId', 'ref_missing'],
      [9, 'StatsligVentekonto', 'not_a_flag'],
    ],
  )
})

test('a file whose count is wrong, or that has no header, is not whole', () => {
  const xml = answerFile([PAID, REFUSED])
  assert.deepEqual(read([xml.replace('>2</NbOfTxs>', '>3</NbOfTxs>')]).codes, ['count_differs'])
  assert.equal(read([xml.replace('>2</NbOfTxs>', '>3</NbOfTxs>')]).whole, false)
  assert.deepEqual(read([xml.replace('>2</NbOfTxs>', '>two</NbOfTxs>')]).codes, ['count_missing'])
  assert.deepEqual(read([xml.replace(/<GrpHdr>.*<\/GrpHdr>/, '')]).codes, ['header_missing'])
  assert.deepEqual(read(['<a/>']).codes, ['not_an_answer_file'])
  assert.equal(read([]).whole, false)
})

test('bytes in another encoding are refused, not guessed', () => {
  const reason: RailAnswer = { ...REFUSED, reason: 'Kontoen er spærret' }
  const xml = answerFile([reason])
  assert.deepEqual(read([Buffer.from(xml, 'utf8')]).list, [reason])
  const latin1 = read([Buffer.from(xml, 'latin1')])
  assert.equal(latin1.whole, false)
  assert.deepEqual(latin1.codes, ['not_utf8'])
  assert.deepEqual(read([xml.replace('UTF-8', 'ISO-8859-1')]).codes, ['not_utf8'])
  assert.deepEqual(read([Buffer.from(`\ufeff${xml}`, 'utf8')]).list, [reason], 'a byte order mark does no harm')
})

test('whatever the bytes, the parser answers and never throws', () => {
  const good = Buffer.from(answerFile([PAID, REFUSED]), 'utf8')
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of changes) bytes[at] = value
      const found = read([bytes])
      if (!found.whole) assert.ok(found.problems.length > 0)
      else assert.equal(found.list.length + found.quarantined, found.header?.count)
    }),
    { seed, numRuns: 500 },
  )
  assert.deepEqual(read([`<a>${'<b>'.repeat(100)}`]).codes, ['too_deep'])
  assert.deepEqual(read(['<a>', ...Array.from({ length: 30 }, () => 'x'.repeat(65_536))]).codes, ['too_long'])
})

test('every name in the layout says what it rests on', () => {
  const tables: Record<string, Name>[] = [ENVELOPE, PAYMENT, ANSWER, ANSWER_KINDS]
  for (const name of tables.flatMap((table) => Object.values(table))) {
    assert.match(name.element, /^([A-Za-z-]+:)?[A-Za-z0-9]+$/)
    assert.ok(name.basis === 'public' || name.note.includes('assumed'), name.element)
  }
})

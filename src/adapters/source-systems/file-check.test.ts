import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CONTEXT, exampleEnvelope, exampleOrder, put } from './examples.ts'
import { type FileVerdict, fileCheck } from './file-check.ts'
import { type Envelope, parseEnvelope } from './parse-envelope.ts'
import { parseOrder } from './parse-order.ts'

/** `n` example orders declared, then changed. */
function envelope(n: number, changes: [string, unknown][] = []): Envelope {
  let body: unknown = put(exampleEnvelope(), '/count', n)
  for (const [kind, sum] of Object.entries(exampleEnvelope().sums)) {
    body = put(body, `/sums/${kind}`, { lines: sum.lines * n, ore: sum.ore * n })
  }
  for (const [pointer, value] of changes) body = put(body, pointer, value)
  const { envelope: parsed, faults } = parseEnvelope(body, CONTEXT)
  assert.ok(parsed, JSON.stringify(faults))
  return parsed
}

/** The lines of a file as the import sees them: an order, a refused order, or `undefined` for an unreadable line. */
function check(declared: Envelope, lines: readonly unknown[]): FileVerdict {
  const file = fileCheck(declared)
  for (const line of lines) {
    if (line === undefined) file.addUnreadable()
    else {
      const { order } = parseOrder(line, CONTEXT)
      if (order === undefined) file.addFaulty(line)
      else file.add(order)
    }
  }
  return file.verdict()
}

const told = (verdict: FileVerdict): string[] =>
  (verdict.ok ? verdict.findings : verdict.faults).map((f) => `${f.pointer} ${f.code}`)

test('a whole file is taken; found sums are those declared', () => {
  const verdict = check(envelope(2), [exampleOrder(), exampleOrder()])
  assert.deepEqual([verdict.ok, told(verdict), verdict.count], [true, [], 2])
  assert.deepEqual(verdict.found, envelope(2).sums)
})

test('a difference of one øre or one line in any kind refuses the file, and names kind, declared and found', () => {
  for (const kind of ['benefit', 'set_off', 'third_party', 'repayment'] as const) {
    const { lines, ore } = exampleEnvelope().sums[kind]
    for (const sum of [
      { lines, ore: ore + 1 },
      { lines, ore: ore - 1 },
      { lines: lines + 1, ore },
      { lines: lines - 1, ore },
    ]) {
      const verdict = check(envelope(1, [[`/sums/${kind}`, sum]]), [exampleOrder()])
      assert.equal(verdict.ok, false)
      assert.deepEqual(told(verdict), [`/sums/${kind} sum_differs`])
    }
  }
  const verdict = check(envelope(1, [['/sums/benefit/ore', 1249900]]), [exampleOrder()])
  assert.ok(!verdict.ok)
  const { detail } = verdict.faults[0] ?? assert.fail()
  for (const part of ['benefit', '12.499,00', '12.498,00']) assert.ok(detail.includes(part), detail)
})

test('the count must agree, whatever the sums say', () => {
  for (const lines of [[exampleOrder(), undefined], []]) {
    const verdict = check(envelope(1), lines)
    assert.equal(verdict.ok, false)
    assert.ok(told(verdict).includes('/count count_differs'))
  }
})

test('unreadable lines leave a named shortfall, and the file is taken', () => {
  const verdict = check(envelope(2), [exampleOrder(), undefined])
  assert.equal(verdict.ok, true)
  assert.deepEqual(
    told(verdict),
    ['benefit', 'set_off', 'third_party', 'repayment'].map((k) => `/sums/${k} sum_shortfall`),
  )
  assert.ok(verdict.ok && verdict.findings[0]?.detail.includes('12.498,00'))
})

test('with unreadable lines a readable sum above the declared one still refuses the file', () => {
  const less = check(envelope(2, [['/sums/benefit/ore', 1249799]]), [exampleOrder(), undefined])
  assert.deepEqual([less.ok, told(less)], [false, ['/sums/benefit sum_differs']])
  const fewer = check(envelope(2, [['/sums/repayment/lines', 0]]), [exampleOrder(), undefined])
  assert.deepEqual([fewer.ok, told(fewer)], [false, ['/sums/repayment sum_differs']])
})

test('an order that is refused alone counts with its amounts as sent', () => {
  const faulty = put(exampleOrder(), '/beneficiary/id', '0123456789')
  const verdict = check(envelope(2), [exampleOrder(), faulty])
  assert.deepEqual([verdict.ok, told(verdict)], [true, []])
  const short = check(envelope(2), [exampleOrder(), put(faulty, '/lines/0/amount_ore', 1)])
  assert.deepEqual([short.ok, told(short)], [false, ['/sums/benefit sum_differs']])
})

test('an amount that cannot be read is treated as an unreadable line is', () => {
  for (const amount of ['1249800', 12.5, null, 2 ** 53, undefined]) {
    const verdict = check(envelope(2), [exampleOrder(), put(exampleOrder(), '/lines/0/amount_ore', amount)])
    assert.deepEqual([verdict.ok, told(verdict)], [true, ['/sums/benefit sum_shortfall']], String(amount))
  }
  for (const line of [null, 5, {}, { lines: [null] }, { lines: [{ kind: 'gift', amount_ore: 5 }] }]) {
    assert.equal(check(envelope(2), [exampleOrder(), line]).ok, true, JSON.stringify(line))
  }
})

test('movements count with their signed deltas; withdrawals without lines count as lines of the file only', () => {
  const movement = {
    ...exampleOrder(),
    adjusts: { order_key: 'KY-2026-0001234', version: 1 },
    lines: [{ line_key: '2', kind: 'set_off', claim_key: 'KY-F-9', delta_ore: -700 }],
  }
  const withdrawn = { ...exampleOrder(), state: 'withdrawn', reason: 'omgjort', lines: [] }
  const declared = envelope(0, [
    ['/count', 2],
    ['/sums/set_off', { lines: 1, ore: -700 }],
  ])
  assert.deepEqual(told(check(declared, [movement, withdrawn])), [])
  assert.equal(
    check(declared, [
      { ...movement, case_key: 1 },
      { ...withdrawn, case_key: 1 },
    ]).ok,
    true,
  )
})

test('facts are counted, and sums that leave exact numbers never agree', () => {
  const facts = fileCheck({ ...envelope(2), sourceSystem: 'FAKTA', sums: undefined })
  facts.addFact()
  facts.addUnreadable()
  assert.equal(facts.verdict().ok, true)
  const file = fileCheck(envelope(1_600))
  const lines = Array.from({ length: 60 }, () => ({ kind: 'benefit', amount_ore: 100_000_000_000 }))
  const back = Array.from({ length: 60 }, () => ({ kind: 'benefit', amount_ore: -100_000_000_000 }))
  for (let i = 0; i < 1_600; i++) file.addFaulty({ lines })
  for (let i = 0; i < 1_600; i++) file.addFaulty({ lines: back })
  assert.equal(Number.isNaN(file.verdict().found.benefit.ore), true)
  assert.equal(file.verdict().ok, false)
})

test('however lines are lost, altered or doubled, a file is never taken in silence', () => {
  const orders = fc.array(fc.integer({ min: 1, max: 500_000 }), { minLength: 1, maxLength: 8 })
  const body = (amount: number) => ({ ...exampleOrder(), lines: [{ ...exampleOrder().lines[0], amount_ore: amount }] })
  fc.assert(
    fc.property(
      orders,
      fc.nat(),
      fc.constantFrom('lose', 'double', 'more', 'less', 'unreadable'),
      (amounts, where, what) => {
        const at = where % amounts.length
        const ore = amounts.reduce((a, b) => a + b, 0)
        const declared = envelope(0, [
          ['/count', amounts.length],
          ['/sums/benefit', { lines: amounts.length, ore }],
        ])
        const sent: unknown[] = amounts.map(body)
        assert.deepEqual(check(declared, sent).ok && told(check(declared, sent)), [])
        const amount = amounts[at] as number
        if (what === 'lose') sent.splice(at, 1)
        else if (what === 'double') sent.push(sent[at])
        else sent[at] = what === 'unreadable' ? undefined : body(what === 'more' ? amount + 1 : amount + 2)
        const verdict = check(declared, sent)
        assert.equal(verdict.ok, what === 'unreadable')
        assert.ok(told(verdict).length > 0)
      },
    ),
    { seed: 6, numRuns: 200 },
  )
})

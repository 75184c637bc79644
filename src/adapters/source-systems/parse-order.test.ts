import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { day } from '../../base/date.ts'
import { CITIZEN, COMPANY, CONTEXT, exampleOrder, places, put } from './examples.ts'
import { FAULT_CODES } from './fault-codes.ts'
import { MAX_FAULTS } from './fields.ts'
import { MAX_LINES, type ParseContext, parseOrder, wholeFaults } from './parse-order.ts'

const SEED = 751

function faultsOf(value: unknown, context: ParseContext = CONTEXT): string[] {
  return (parseOrder(value, context).faults ?? []).map((f) => `${f.pointer} ${f.code}`)
}

test('a valid order is read whole', () => {
  const { order, warnings, faults } = parseOrder(exampleOrder(), CONTEXT)
  assert.deepEqual(faults, undefined)
  assert.deepEqual(warnings, [])
  assert.equal(order?.orderKey, 'KY-2026-0001234')
  assert.equal(order?.municipality, 751)
  assert.equal(order?.dispositionDate, day('2026-03-31'))
  assert.deepEqual(
    order?.lines.map((l) => [l.kind, l.lineKey, l.amount, l.delta]),
    [
      ['benefit', '1', 1249800, false],
      ['set_off', '2', 50000, false],
      ['third_party', '3', 120000, false],
      ['repayment', '4', 10000, false],
    ],
  )
  const first = order?.lines[0]
  assert.ok(first?.kind === 'benefit')
  assert.deepEqual(first.quantity, { unit: 'hour', thousandths: 37500 })
  assert.deepEqual(first.period, { from: day('2026-03-01'), to: day('2026-04-01') })
  assert.deepEqual([first.employee, first.reference, first.notDuplicateOf], [CITIZEN, 'løn 3', 'KY-2026-0001111/1'])
})

/** One place of the valid order changed → exactly this one fault, at that place unless another is named. */
const ONE_FAULT: [pointer: string, value: unknown, code: string, at?: string][] = [
  ['/order_key', 7, 'wrong_type'],
  ['/order_key', '', 'text_empty'],
  ['/order_key', 'a b', 'key_characters'],
  ['/order_key', 'a\u030a', 'key_characters'],
  ['/order_key', 'k'.repeat(101), 'text_too_long'],
  ['/version', 0, 'version_invalid'],
  ['/version', 1.5, 'version_invalid'],
  ['/version', '1', 'version_invalid'],
  ['/version', 2 ** 31, 'version_invalid'],
  ['/source_system', 'KSD', 'wrong_source_system'],
  ['/source_system', 'XX', 'unknown_source_system'],
  ['/source_system', 'FAKTA', 'unknown_source_system'],
  ['/source_system', 1, 'wrong_type'],
  ['/municipality', '0411', 'unknown_municipality'],
  ['/municipality', '751', 'unknown_municipality'],
  ['/municipality', '07510', 'unknown_municipality'],
  ['/municipality', 751, 'wrong_type'],
  ['/state', 'paused', 'unknown_value'],
  ['/state', 'withdrawn', 'reason_missing', '/reason'],
  ['/reason', 'because', 'reason_not_allowed'],
  ['/decision', 'A-77', 'not_an_object'],
  ['/decision/date', '2026-02-29', 'date_invalid'],
  ['/beneficiary/type', 'passport', 'unknown_value'],
  ['/beneficiary/id', '0123456789', 'cpr_invalid'],
  ['/beneficiary/id', '610385-0000', 'cpr_invalid'],
  ['/beneficiary/id', 6103850000, 'wrong_type'],
  ['/beneficiary/name', 'x', 'unknown_field'],
  ['/payee', { type: 'cvr', id: '11111111' }, 'cvr_check_digit', '/payee/id'],
  ['/payee', { type: 'se', id: '2918942' }, 'se_check_digit', '/payee/id'],
  ['/payee', { type: 'p', id: '29189420' }, 'p_number_invalid', '/payee/id'],
  ['/payee', null, 'not_an_object'],
  ['/disposition_date', '31-03-2026', 'date_invalid'],
  ['/disposition_date', '1970-01-01', 'date_out_of_range'],
  ['/disposition_date', '1999-12-31', 'date_out_of_range'],
  ['/disposition_date', '2100-01-02', 'date_out_of_range'],
  ['/disposition_date', '2999-12-31', 'date_out_of_range'],
  ['/disposition_date', '2026-03-31T00:00:00Z', 'date_invalid'],
  ['/settle', 'tomorrow', 'unknown_value'],
  ['/overpaid', 3, 'not_an_object'],
  ['/overpaid/instalments', 0, 'instalments_invalid'],
  ['/overpaid/instalments', 61, 'instalments_invalid'],
  ['/overpaid/instalments', 1.5, 'instalments_invalid'],
  ['/overpaid/instalments', '3', 'instalments_invalid'],
  ['/overpaid/from', '2026-04-01', 'unknown_field'],
  ['/extra', 1, 'unknown_field'],
  ['/__proto__', 1, 'unknown_field'],
  ['/lines', {}, 'not_a_list'],
  ['/lines', [], 'no_lines'],
  ['/lines/0', null, 'not_an_object'],
  ['/lines/0/kind', 'gift', 'unknown_value'],
  ['/lines/0/line_key', 'a/b', 'key_characters'],
  ['/lines/1/line_key', '1', 'duplicate_line_key'],
  ['/lines/0/amount_ore', 12.5, 'amount_not_integer'],
  ['/lines/0/amount_ore', '1249800', 'amount_not_integer'],
  ['/lines/0/amount_ore', null, 'amount_not_integer'],
  ['/lines/0/amount_ore', 0, 'amount_not_positive'],
  ['/lines/0/amount_ore', -0, 'amount_not_positive'],
  ['/lines/0/amount_ore', -1, 'amount_not_positive'],
  ['/lines/0/amount_ore', 100_000_000_001, 'amount_too_large'],
  ['/lines/0/amount_ore', 2 ** 53, 'amount_too_large'],
  ['/lines/0/amount_ore', Number.POSITIVE_INFINITY, 'amount_too_large'], // JSON.parse('1e999')
  ['/lines/0/delta_ore', 5, 'delta_without_adjusts'],
  ['/lines/0/benefit', 'folkepension', 'unknown_benefit'],
  ['/lines/0/benefit', 'sygedagpenge', 'benefit_of_other_system'],
  ['/lines/3/benefit', 'constructor', 'unknown_benefit'],
  ['/lines/0/kle', '32.24', 'kle_invalid'],
  ['/lines/0/kle', '32-24-04', 'kle_invalid'],
  ['/lines/0/sensitivity', 'HEMMELIG', 'unknown_value'],
  ['/lines/0/grant/uuid', '0b7c2b0e', 'uuid_invalid'],
  ['/lines/0/period', { from: '2026-03-01', to: '2026-03-01' }, 'period_empty'],
  ['/lines/0/period', { from: '2026-04-01', to: '2026-03-01' }, 'period_empty'],
  ['/lines/0/period', { from: '2024-01-01', to: '2026-01-03' }, 'period_too_long'],
  ['/lines/0/quantity/value', '0', 'quantity_invalid'],
  ['/lines/0/quantity/value', '-1', 'quantity_invalid'],
  ['/lines/0/quantity/value', '1,5', 'quantity_invalid'],
  ['/lines/0/quantity/value', '1e3', 'quantity_invalid'],
  ['/lines/0/quantity/value', '1.', 'quantity_invalid'],
  ['/lines/0/quantity/value', '.5', 'quantity_invalid'],
  ['/lines/0/quantity/value', '1.2345', 'quantity_invalid'],
  ['/lines/0/quantity/value', '100000.001', 'quantity_invalid'],
  ['/lines/0/quantity/value', 1, 'quantity_invalid'],
  ['/lines/0/quantity/unit', 'year', 'unknown_value'],
  ['/lines/0/repayable', 'no', 'wrong_type'],
  ['/lines/0/text', 'x'.repeat(141), 'text_too_long'],
  ['/lines/0/text', '   ', 'text_empty'],
  ['/lines/0/text', 'a\u0000b', 'text_control_character'],
  ['/lines/0/text', 'a\nb', 'text_control_character'],
  ['/lines/0/text', 'a\u0085b', 'text_control_character'],
  ['/lines/0/text', 'a\u202eb', 'text_control_character'],
  ['/lines/0/text', 'a\ufeffb', 'text_control_character'],
  ['/lines/0/text', 'a\ud800b', 'text_control_character'],
  ['/lines/0/text', 'a\ud800', 'text_control_character'],
  ['/lines/0/text', '\udc00a', 'text_control_character'],
  ['/lines/0/employee', '123', 'cpr_invalid'],
  ['/lines/0/reference', '', 'text_empty'],
  ['/lines/0/not_duplicate_of', 'KY-1', 'line_reference_invalid'],
  ['/lines/0/claim_key', 'x', 'unknown_field'],
  ['/lines/1/text', 'x', 'unknown_field'],
  ['/lines/1/amount_ore', 1249800, 'deductions_exceed_gross', '/lines'],
  ['/lines/2/payee/id', '12345678', 'cvr_check_digit'],
  ['/lines/3/decision/date', 'soon', 'date_invalid'],
  ['/lines/3/decision/hearing_date', '2026-03-11', 'hearing_after_decision'],
  ['/lines/3/decision/hearing_date', '2026-02-30', 'date_invalid'],
  ['/lines/3/decision/hearing_date', '1999-12-31', 'date_out_of_range'],
  ['/lines/3/decision/hearing_date', null, 'wrong_type'],
  ['/lines/3/decision/notice_date', '2026-03-09', 'notice_before_decision'],
  ['/lines/3/decision/notice_date', '2100-01-02', 'date_out_of_range'],
  ['/lines/3/legal_basis', ' ', 'text_empty'],
  ['/lines/3/legal_basis', 'x'.repeat(141), 'text_too_long'],
  ['/lines/1/legal_basis', 'LAS § 91', 'unknown_field'],
  ['/decision/hearing_date', '2026-02-20', 'unknown_field'],
  ['/decision/notice_date', '2026-03-11', 'unknown_field'],
]

test('each single mistake gives exactly its fault, at its place, with what to do', () => {
  for (const [pointer, value, code, at] of ONE_FAULT) {
    const changed = put(exampleOrder(), pointer, value)
    if (pointer === '/__proto__') Object.defineProperty(changed, '__proto__', { value, enumerable: true })
    const { faults } = parseOrder(changed, CONTEXT)
    assert.deepEqual(
      faults?.map((f) => `${f.pointer} ${f.code}`),
      [`${at ?? pointer} ${code}`],
      `${pointer} = ${JSON.stringify(value)}`,
    )
    const todo = FAULT_CODES[code as keyof typeof FAULT_CODES].todo
    for (const f of faults ?? []) assert.ok(f.detail.endsWith(todo) && f.detail.length > todo.length + 8, f.detail)
  }
})

test('what looks odd but is right is taken', () => {
  const cases: [string, unknown][] = [
    ['/order_key', 'Sag/2026:Ærø(1)'],
    ['/beneficiary/id', '6103850001'],
    ['/payee', { type: 'se', id: '29189420' }],
    ['/payee', { type: 'p', id: '1003388394' }],
    ['/disposition_date', '2000-01-01'],
    ['/disposition_date', '2100-01-01'],
    ['/lines/0/amount_ore', 100_000_000_000],
    ['/lines/0/period', { from: '2024-01-01', to: '2026-01-02' }],
    ['/lines/0/quantity/value', '100000'],
    ['/lines/0/text', 'Kørsel 😀 – 50 % "ja"'],
    ['/lines/0/text', 'x'.repeat(140)],
    ['/lines/0/grant', undefined],
    ['/lines/0/employee', undefined],
    ['/lines/0/reference', undefined],
    ['/lines/0/not_duplicate_of', undefined],
    ['/lines/1/amount_ore', 1129800], // with the third party exactly the gross
  ]
  for (const [pointer, value] of cases) {
    assert.deepEqual(faultsOf(put(exampleOrder(), pointer, value)), [], `${pointer} = ${JSON.stringify(value)}`)
  }
})

test('what is overpaid is taken in coming payments only where the rule of every benefit of the order allows it', () => {
  const context = {
    ...CONTEXT,
    benefits: new Set([...CONTEXT.benefits, 'enkeltydelse']),
    benefitSystem: new Map([...CONTEXT.benefitSystem, ['enkeltydelse', 'KY'] as const]),
  }
  const order = put(exampleOrder(), '/lines/0/benefit', 'enkeltydelse')
  const faults = parseOrder(order, context).faults?.map((one) => `${one.pointer} ${one.code}`)
  assert.deepEqual(faults, ['/overpaid adjustment_not_allowed'])
  assert.equal(parseOrder(put(order, '/overpaid', undefined), context).faults, undefined)
})

test('a benefit is taken for periods that begin when it has a rule, paid or to be repaid', () => {
  const benefitPeriods = new Map([['kontanthjaelp', [{ from: day('2026-01-01'), to: day('2026-03-02') }]]])
  const at = (line: number, from: string, to: string) =>
    faultsOf(put(exampleOrder(), `/lines/${line}/period`, { from, to }), { ...CONTEXT, benefitPeriods })
  assert.deepEqual(at(0, '2026-03-01', '2026-04-01'), [])
  assert.deepEqual(at(0, '2026-03-02', '2026-04-01'), ['/lines/0/benefit benefit_without_rule'])
  assert.deepEqual(at(3, '2026-01-01', '2026-02-01'), [])
  assert.deepEqual(at(3, '2025-12-31', '2026-02-01'), ['/lines/3/benefit benefit_without_rule'])
})

test('warnings do not refuse: a CPR number without check digit, a lost letter', () => {
  const own = put(exampleOrder(), '/lines/0/employee', undefined)
  const odd = put(put(own, '/beneficiary/id', '6103850001'), '/lines/0/text', 'Kontanthj\ufffdlp')
  const { order, warnings } = parseOrder(odd, CONTEXT)
  assert.ok(order)
  assert.deepEqual(
    warnings?.map((w) => `${w.pointer} ${w.code}`),
    ['/beneficiary/id cpr_without_mod11', '/lines/0/text text_damaged'],
  )
})

test('a disposition date on which the banks are closed is warned about, with the day on which it is paid', () => {
  const on = (date: string, state = 'active') => {
    const { warnings = [] } = parseOrder(put(put(exampleOrder(), '/disposition_date', date), '/state', state), CONTEXT)
    return warnings.map((w) => `${w.pointer} ${w.code} ${w.detail.match(/it is paid on ([0-9-]+)/)?.[1]}`)
  }
  const paidOn = (day: string) => [`/disposition_date day_without_payments ${day}`]
  assert.deepEqual(on('2026-12-30'), [])
  assert.deepEqual(on('2026-12-31'), paidOn('2026-12-30'))
  assert.deepEqual(on('2026-04-03'), paidOn('2026-04-01'), 'Good Friday: before Maundy Thursday')
  assert.deepEqual(on('2027-01-01'), paidOn('2027-01-04'), 'not in the year before')
  assert.deepEqual(on('2026-12-31', 'withdrawn'), [])
})

test('an employee on an order to another person is said not to be used', () => {
  const at = (employee: string, beneficiary: unknown) => {
    const order = put(put(exampleOrder(), '/lines/0/employee', employee), '/beneficiary', beneficiary)
    return parseOrder(order, CONTEXT).warnings?.map((w) => `${w.pointer} ${w.code}`)
  }
  const person = { type: 'cpr', id: CITIZEN }
  assert.deepEqual(at(CITIZEN, person), [])
  assert.deepEqual(at('6103850027', person), ['/lines/0/employee employee_not_used'])
  assert.deepEqual(at('6103850027', { type: 'cvr', id: COMPANY }), [])
})

test('every fault is listed at once, and no fault repeats a person number', () => {
  let bad: unknown = exampleOrder()
  bad = put(bad, '/beneficiary/id', '9999999999')
  bad = put(bad, '/case_key', undefined)
  bad = put(bad, '/lines/0/amount_ore', 1.5)
  bad = put(bad, '/lines/1/claim_key', undefined)
  bad = put(bad, '/a~b', 1)
  const { faults } = parseOrder(bad, CONTEXT)
  assert.deepEqual(
    faults?.map((f) => `${f.pointer} ${f.code}`),
    [
      '/a~0b unknown_field',
      '/case_key missing_field',
      '/beneficiary/id cpr_invalid',
      '/lines/0/amount_ore amount_not_integer',
      '/lines/1/claim_key missing_field',
    ],
  )
  assert.equal(JSON.stringify(faults).includes('9999999999'), false)
})

test('each required field is missed by name', () => {
  const optional = new Set(['grant', 'employee', 'reference', 'not_duplicate_of'].map((n) => `/lines/0/${n}`))
  for (const one of ['/overpaid', '/instead_of', '/lines/3/legal_basis']) optional.add(one)
  for (const one of ['hearing_date', 'notice_date']) optional.add(`/lines/3/decision/${one}`)
  for (const pointer of places(exampleOrder())) {
    if (optional.has(pointer) || /^\/lines\/\d$/.test(pointer)) continue
    assert.deepEqual(faultsOf(put(exampleOrder(), pointer, undefined)), [`${pointer} missing_field`])
  }
})

test('the address and the envelope must agree with the order', () => {
  assert.deepEqual(faultsOf(exampleOrder(), { ...CONTEXT, orderKey: 'KY-2026-0001234', municipality: 751 }), [])
  assert.deepEqual(faultsOf(exampleOrder(), { ...CONTEXT, orderKey: 'KY-1', municipality: 101 }), [
    '/order_key key_mismatch',
    '/municipality wrong_municipality',
  ])
})

test('a withdrawn order has a reason and may have no lines', () => {
  const withdrawn = { ...exampleOrder(), state: 'withdrawn', reason: 'Afgørelsen er omgjort' }
  assert.equal(parseOrder(withdrawn, CONTEXT).order?.reason, 'Afgørelsen er omgjort')
  assert.deepEqual(parseOrder({ ...withdrawn, lines: [] }, CONTEXT).order?.lines, [])
  assert.deepEqual(parseOrder({ ...withdrawn, lines: undefined }, CONTEXT).order?.lines, [])
  assert.deepEqual(faultsOf({ ...withdrawn, reason: ' ' }), ['/reason text_empty'])
  assert.deepEqual(faultsOf({ ...withdrawn, adjusts: { order_key: 'KY-1', version: 1 }, lines: [] }), [
    '/adjusts withdrawn_movement',
  ])
})

test('a movement has signed deltas and is not held to whole sums', () => {
  const line = { line_key: '2', kind: 'set_off', claim_key: 'KY-F-9' }
  const movement = { ...exampleOrder(), adjusts: { order_key: 'KY-2026-0001234', version: 1 } }
  const { order } = parseOrder({ ...movement, lines: [{ ...line, delta_ore: -5000 }] }, CONTEXT)
  assert.deepEqual(order?.adjusts, { orderKey: 'KY-2026-0001234', version: 1 })
  assert.deepEqual([order?.lines[0]?.amount, order?.lines[0]?.delta], [-5000, true])
  const faults = (change: object) => faultsOf({ ...movement, lines: [{ ...line, ...change }] })
  assert.deepEqual(faults({ delta_ore: 0 }), ['/lines/0/delta_ore delta_zero'])
  assert.deepEqual(faults({ delta_ore: -0.5 }), ['/lines/0/delta_ore amount_not_integer'])
  assert.deepEqual(faults({ delta_ore: -100_000_000_001 }), ['/lines/0/delta_ore amount_too_large'])
  assert.deepEqual(faults({}), ['/lines/0/delta_ore missing_field'])
  assert.deepEqual(faults({ delta_ore: 1, amount_ore: 1 }), ['/lines/0/amount_ore amount_with_adjusts'])
  assert.deepEqual(faultsOf({ ...movement, lines: [] }), ['/lines no_lines'])
  const itself = { ...movement, adjusts: { order_key: 'KY-2026-0001234', version: 2 } }
  assert.deepEqual(faultsOf({ ...itself, lines: [{ ...line, delta_ore: 1 }] }), ['/adjusts adjusts_itself'])
})

test('a repayment may say by what provision, and when its debtor was heard and told', () => {
  const last = (value: unknown) => parseOrder(value, CONTEXT).order?.lines[3]
  const decision = '/lines/3/decision'
  const line = last(exampleOrder())
  assert.ok(line?.kind === 'repayment')
  assert.equal(line.legalBasis, 'LAS § 91')
  const days = { hearingDate: day('2026-02-20'), noticeDate: day('2026-03-11') }
  assert.deepEqual(line.decision, { key: 'T-3', date: day('2026-03-10'), ...days })
  // The day of the decision itself is the limit of both.
  const sameDay = ['hearing_date', 'notice_date'].reduce<unknown>(
    (order, name) => put(order, `${decision}/${name}`, '2026-03-10'),
    exampleOrder(),
  )
  assert.deepEqual(faultsOf(sameDay), [])
  const silent = put(put(exampleOrder(), '/lines/3/legal_basis', undefined), decision, { key: 'T', date: '2026-03-10' })
  const said = last(silent)
  assert.ok(said?.kind === 'repayment')
  assert.deepEqual([said.legalBasis, said.decision.hearingDate, said.decision.noticeDate], Array(3).fill(undefined))
  // A decision that cannot be read says nothing of its dates.
  assert.deepEqual(faultsOf(put(exampleOrder(), `${decision}/date`, '2026-02-30')), [`${decision}/date date_invalid`])
})

test('a deduction needs a benefit in its order; a repayment stands alone', () => {
  const { lines } = exampleOrder()
  const only = (index: number) => ({ ...exampleOrder(), lines: [lines[index]] })
  assert.deepEqual(faultsOf(only(0)), [])
  assert.deepEqual(faultsOf(only(1)), ['/lines/0 nothing_to_set_off_from'])
  assert.deepEqual(faultsOf(only(2)), ['/lines/0 nothing_to_set_off_from'])
  assert.deepEqual(faultsOf(only(3)), [])
  assert.deepEqual(faultsOf({ ...exampleOrder(), lines: [lines[3], lines[1]] }), ['/lines/1 nothing_to_set_off_from'])
  assert.deepEqual(wholeFaults([]), [])
})

test('an order has at most 63 lines', () => {
  const { lines } = exampleOrder()
  const many = (n: number) => ({
    ...exampleOrder(),
    lines: Array.from({ length: n }, (_, i) => ({ ...lines[0], line_key: `${i}` })),
  })
  assert.equal(parseOrder(many(MAX_LINES), CONTEXT).order?.lines.length, 63)
  assert.deepEqual(faultsOf(many(MAX_LINES + 1)), ['/lines too_many_lines'])
})

test('the list of faults is bounded', () => {
  const flood = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field${i}`, 1]))
  const { faults } = parseOrder(flood, CONTEXT)
  assert.equal(faults?.length, MAX_FAULTS + 1)
  assert.equal(faults?.at(-1)?.code, 'too_many_faults')
})

test('no JSON value makes the parser throw, and whatever is refused is refused with known codes', () => {
  const check = (value: unknown) => {
    const result = parseOrder(value, CONTEXT)
    if (result.order !== undefined) return
    assert.ok(result.faults.length > 0)
    for (const f of result.faults) {
      assert.ok(Object.hasOwn(FAULT_CODES, f.code), f.code)
      assert.ok(f.pointer === '' || f.pointer.startsWith('/'))
      assert.ok(f.detail.isWellFormed())
    }
  }
  fc.assert(fc.property(fc.jsonValue(), check), { seed: SEED, numRuns: 300 })
  const all = places(exampleOrder())
  const change = fc.tuple(
    fc.constantFrom(...all),
    fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.double(), fc.string({ unit: 'binary' })),
  )
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let value: unknown = exampleOrder()
      for (const [pointer, to] of changes) {
        // An earlier change may have taken the place away.
        if (places(value).includes(pointer)) value = put(value, pointer, to)
      }
      check(value)
    }),
    { seed: SEED, numRuns: 1500 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { day } from '../../base/date.ts'
import { FOREVER } from '../../modules/parties/index.ts'
import { CITIZEN, COMPANY, CONTEXT, exampleFacts, places, put } from './examples.ts'
import { FAULT_CODES } from './fault-codes.ts'
import { type FactContext, parseFact } from './parse-fact.ts'

const FACT_CONTEXT: FactContext = { ...CONTEXT, municipality: 751 }
const faultsOf = (value: unknown): string[] =>
  (parseFact(value, FACT_CONTEXT).faults ?? []).map((f) => `${f.pointer} ${f.code}`)

test('a tax card is read whole, with its rate in millionths and no end', () => {
  assert.deepEqual(parseFact(exampleFacts().tax_card, FACT_CONTEXT).fact, {
    record: 'tax_card',
    municipality: 751,
    person: { type: 'cpr', id: CITIZEN },
    se: Number(COMPANY),
    kind: 'hovedkort',
    rate: 380_000,
    allowanceMonth: 450000,
    allowanceWeek: 103800,
    allowanceDay: 14800,
    frikortLeft: 0,
    serial: 0,
    valid: { from: day('2026-01-01'), to: FOREVER },
  })
})

test('rates: whole, halves, hundredths, as number or text; anything else is a fault', () => {
  const rate = (value: unknown) => {
    const { fact } = parseFact(put(exampleFacts().tax_card, '/rate_percent', value), FACT_CONTEXT)
    return fact?.record === 'tax_card' ? fact.rate : undefined
  }
  const cases: [unknown, number][] = [
    [38, 380_000],
    ['38', 380_000],
    [37.5, 375_000],
    ['37.50', 375_000],
    [38.07, 380_700],
    [0.29, 2_900],
    [0, 0],
    [100, 1_000_000],
  ]
  for (const [value, millionths] of cases) assert.equal(rate(value), millionths, String(value))
  for (const value of [38.123, '38,5', -1, 100.01, '1e1', 1e-7, '', true, '38%', null, Number.NaN]) {
    const faults = faultsOf(put(exampleFacts().tax_card, '/rate_percent', value))
    assert.deepEqual(faults, ['/rate_percent rate_invalid'], String(value))
  }
  for (let hundredths = 0; hundredths <= 10_000; hundredths++) {
    if (rate(hundredths / 100) !== hundredths * 100)
      assert.fail(`${hundredths / 100} % became ${rate(hundredths / 100)}`)
  }
})

test('the end of a card: null, absent and 9999-12-31 are none', () => {
  for (const value of [null, undefined, '9999-12-31']) {
    const { fact } = parseFact(put(exampleFacts().tax_card, '/valid_to', value), FACT_CONTEXT)
    assert.ok(fact?.record === 'tax_card' && fact.valid.to === FOREVER)
  }
  assert.deepEqual(faultsOf(put(exampleFacts().tax_card, '/valid_to', '2026-01-01')), ['/valid_to period_empty'])
  assert.deepEqual(faultsOf(put(exampleFacts().tax_card, '/valid_to', '2999-01-01')), ['/valid_to date_out_of_range'])
})

test('what a card must tell depends on its kind', () => {
  const needed: Record<string, string[]> = {
    hovedkort: ['rate_percent', 'allowance_month_ore', 'allowance_week_ore', 'allowance_day_ore'],
    bikort: ['rate_percent'],
    frikort: ['frikort_left_ore'],
    none: [],
  }
  for (const [card, names] of Object.entries(needed)) {
    const bare = { record: 'tax_card', municipality: '0751', cpr: CITIZEN, se: COMPANY, card, valid_from: '2026-01-01' }
    assert.deepEqual(
      faultsOf(bare),
      names.map((name) => `/${name} missing_field`),
      card,
    )
    const full = { ...bare, ...Object.fromEntries(names.map((name) => [name, 10])) }
    assert.deepEqual(faultsOf(full), [], card)
  }
})

test('events of citizens and companies; exactly one is named', () => {
  const { fact } = parseFact(
    { record: 'party_event', cvr: COMPANY, event: 'bankruptcy', date: '2026-03-03' },
    FACT_CONTEXT,
  )
  assert.deepEqual(fact, {
    record: 'party_event',
    municipality: 751,
    party: { type: 'cvr', id: COMPANY },
    event: 'bankruptcy',
    date: day('2026-03-03'),
  })
  assert.deepEqual(faultsOf({ ...exampleFacts().party_event, cvr: COMPANY }), [' party_ambiguous'])
  assert.deepEqual(faultsOf(put(exampleFacts().party_event, '/cpr', undefined)), [' party_ambiguous'])
})

test('each mistake gives its fault', () => {
  const { tax_card: card, party_event: event, claim_opening: claim } = exampleFacts()
  const cases: [unknown, string[]][] = [
    [put(card, '/se', '11111111'), ['/se se_check_digit']],
    [put(card, '/se', 29189420), ['/se wrong_type']],
    [put(card, '/cpr', '0123456789'), ['/cpr cpr_invalid']],
    [put(card, '/municipality', '0101'), ['/municipality wrong_municipality']],
    [put(card, '/municipality', '0411'), ['/municipality unknown_municipality']],
    [put(card, '/allowance_month_ore', -1), ['/allowance_month_ore amount_negative']],
    [put(card, '/allowance_week_ore', 1.5), ['/allowance_week_ore amount_not_integer']],
    [put(card, '/card', 'guldkort'), ['/card unknown_value']],
    [put(card, '/name', 'x'), ['/name unknown_field']],
    [put(event, '/event', 'wedding'), ['/event unknown_value']],
    [put(event, '/date', '1970-01-01'), ['/date date_out_of_range']],
    [put(claim, '/amount_ore', 0), ['/amount_ore amount_not_positive']],
    [put(claim, '/benefit', 'x'), ['/benefit unknown_benefit']],
    [put(claim, '/debtor/id', 'x'), ['/debtor/id cpr_invalid']],
    [put(claim, '/period/to', '2025-11-01'), ['/period period_empty']],
    [{ record: 'order' }, ['/record unknown_record']],
    [{}, ['/record missing_field']],
    [[], [' not_an_object']],
    [null, [' not_an_object']],
  ]
  for (const [value, faults] of cases) assert.deepEqual(faultsOf(value), faults)
})

test('what a municipality tells of itself: each mistake gives its fault', () => {
  const { takeover, look_back: back, set_off_minimum: minimum, small_amount: small, paid_before: paid } = exampleFacts()
  const { gate, release, two_approvers_over: over, rail } = exampleFacts()
  const { closing_day: closing, cut_off: cutOff, at_cut_off: atCutOff, escalation } = exampleFacts()
  const times = [closing, cutOff, atCutOff, escalation]
  for (const fact of [takeover, back, minimum, small, paid, gate, release, over, rail, ...times]) {
    assert.deepEqual(faultsOf(fact), [])
  }
  const cases: [unknown, string[]][] = [
    [put(takeover, '/date', undefined), ['/date missing_field']],
    [put(takeover, '/source_system', 'KMD'), ['/source_system unknown_value']],
    [put(takeover, '/municipality', '0101'), ['/municipality wrong_municipality']],
    [put(takeover, '/benefit', 'kontanthjaelp'), ['/benefit unknown_field']],
    [put(back, '/months', 1.5), ['/months wrong_type']],
    [put(back, '/months', undefined), ['/months missing_field']],
    [put(minimum, '/benefit', 'x'), ['/benefit unknown_benefit']],
    [put(minimum, '/amount_ore', -1), ['/amount_ore amount_negative']],
    [put(small, '/treatment', 'forget'), ['/treatment unknown_value']],
    [put(gate, '/check', 'luck'), ['/check unknown_value']],
    [put(gate, '/effect', 'block_all'), ['/effect unknown_value']],
    [put(put(gate, '/check', 'liquidity'), '/effect', 'block_line'), ['/effect unknown_value']],
    [put(gate, '/percent', -1), ['/percent wrong_type']],
    [put(gate, '/effect', undefined), ['/effect missing_field']],
    [put(release, '/approval', 'three'), ['/approval unknown_value']],
    [put(release, '/amount_ore', 1), ['/amount_ore unknown_field']],
    [put(over, '/amount_ore', undefined), ['/amount_ore missing_field']],
    [put(rail, '/rail', 'sumclearing'), ['/rail unknown_value']],
    [put(rail, '/unit', undefined), ['/unit missing_field']],
    [put(closing, '/date', '2026-02-30'), ['/date date_invalid']],
    [put(closing, '/valid_from', '2026-01-01'), ['/valid_from unknown_field']],
    [put(cutOff, '/time', '24:00'), ['/time wrong_type']],
    [put(cutOff, '/bank_days_before', 21), ['/bank_days_before wrong_type']],
    [put(cutOff, '/rail', undefined), ['/rail missing_field']],
    [put(atCutOff, '/treatment', 'pay'), ['/treatment unknown_value']],
    [put(atCutOff, '/hours_before', undefined), []],
    [put(escalation, '/owner', undefined), ['/owner missing_field']],
    [put(escalation, '/hours_before', 721), ['/hours_before wrong_type']],
    [put(paid, '/net_ore', 946801), ['/gross_ore paid_before_unbalanced']],
    [put(paid, '/benefit', 'sygedagpenge'), ['/benefit benefit_of_other_system']],
    [put(paid, '/tax_rate_percent', 101), ['/tax_rate_percent rate_invalid']],
    [put(paid, '/gross_ore', 0), ['/gross_ore amount_not_positive']],
  ]
  for (const [value, faults] of cases) assert.deepEqual(faultsOf(value), faults)
})

test('a claim is read whole, and a CPR number without check digit is only warned about', () => {
  const { fact, warnings } = parseFact(put(exampleFacts().claim_opening, '/debtor/id', '6103850001'), FACT_CONTEXT)
  assert.ok(fact?.record === 'claim_opening')
  assert.deepEqual([fact.claimKey, fact.amount, fact.dueDate], ['KY-F-1', 350000, day('2026-01-15')])
  assert.deepEqual(
    warnings?.map((w) => w.code),
    ['cpr_without_mod11'],
  )
})

test('no JSON value makes it throw', () => {
  const check = (value: unknown) => {
    for (const f of parseFact(value, FACT_CONTEXT).faults ?? []) assert.ok(Object.hasOwn(FAULT_CODES, f.code), f.code)
  }
  fc.assert(fc.property(fc.jsonValue(), check), { seed: 1, numRuns: 200 })
  for (const fact of Object.values(exampleFacts())) {
    const place = fc.constantFrom(...places(fact))
    fc.assert(
      fc.property(place, fc.jsonValue(), (pointer, value) => check(put<unknown>(fact, pointer, value))),
      { seed: 2 },
    )
  }
})

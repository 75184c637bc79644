import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Period, day } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import {
  POSTING_KINDS,
  TAX_METHODS,
  builtInRateBook,
  lookup,
  municipalityCvr,
  municipalityName,
  postingAccounts,
} from './index.ts'

const book = builtInRateBook()
const rates = lookup(book)
const march = day('2026-03-01')

test('98 municipalities, all with a CVR number that its check digit allows', () => {
  assert.equal(book.municipalities.length, 98)
  assert.equal(new Set(book.municipalities.map((m) => m.code)).size, 98)
  assert.equal(new Set(book.municipalities.map((m) => m.cvr)).size, 98)
  const weights = [2, 7, 6, 5, 4, 3, 2, 1]
  for (const m of book.municipalities) {
    assert.match(m.cvr, /^\d{8}$/)
    assert.equal([...m.cvr].reduce((sum, digit, i) => sum + Number(digit) * (weights[i] as number), 0) % 11, 0, m.name)
    assert.equal(m.cvr, municipalityCvr(m.code))
  }
  assert.equal(municipalityCvr(751), '55133018')
  assert.equal(municipalityCvr(101), '64942212')
  // A code whose check digit would be 10 moves 50000 up.
  const moved = book.municipalities.filter((m) => m.cvr.startsWith('995'))
  assert.ok(moved.length > 0 && moved.every((m) => Number(m.cvr.slice(2, 7)) === m.code + 50_000))
})

test('the population adds up to Denmark, and every lawful rounding is in use somewhere', () => {
  const total = book.municipalities.reduce((sum, m) => sum + m.population, 0)
  assert.ok(total > 5_850_000 && total < 6_100_000, String(total))
  for (const method of TAX_METHODS)
    assert.ok(
      book.municipalities.some((m) => m.taxMethod === method),
      method,
    )
  assert.equal(rates.municipality(751).taxMethod, 'base_tens_tax_up')
  assert.equal(rates.municipality(751).batchBooking, false)
})

test('dated rows of one key follow each other without gap or overlap', () => {
  const keyed: [string, Period][] = [
    ...book.benefits.map((row): [string, Period] => [`benefit ${row.benefit}`, row.valid]),
    ...book.atp.map((row): [string, Period] => [`atp ${row.rule}`, row.valid]),
    ...book.rates.map((row): [string, Period] => [`rate ${row.name}`, row.valid]),
    ...book.units.map((row): [string, Period] => [`unit ${row.municipality} ${row.kind}`, row.valid]),
  ]
  const last = new Map<string, Period>()
  for (const [key, period] of keyed) {
    assert.ok(period.from < period.to, key)
    const before = last.get(key)
    if (before !== undefined) assert.equal(before.to, period.from, key)
    last.set(key, period)
  }
})

test('every row names its source', () => {
  const rows = [...book.benefits, ...book.exclusions, ...book.atp, ...book.rates, ...book.units, ...book.accounts]
  for (const row of rows) assert.ok(row.source.length > 5, JSON.stringify(row))
})

test('each benefit can be posted in every way, and what clears is of the system that decided it', () => {
  for (const rule of book.benefits)
    for (const kind of POSTING_KINDS) {
      const { debit, credit } = postingAccounts(kind, rule, rates)
      assert.notEqual(debit.id, credit.id)
      // What is paid back of a claim is no cost: it was received.
      assert.equal(debit.clearing, rule.ours === true && debit.key === rule.costAccount)
      assert.equal(credit.clearing, true)
      assert.equal(credit.sourceSystem, rule.sourceSystem)
    }
})

test('what bears AM-bidrag is told as income of type 00; types 04, 06 and 07 are free of it', () => {
  const told = book.benefits.filter((rule) => rule.incomeType !== null)
  assert.ok(told.some((rule) => rule.amLiable) && told.every((rule) => rule.taxable))
  for (const rule of told) assert.equal(rule.incomeType === '00', rule.amLiable, rule.key)
})

test('what TØK alone orders is not known at the door', () => {
  const ours = book.benefits.filter((rule) => rule.ours === true)
  assert.equal(ours.length, 3)
  for (const { key } of ours) assert.equal(rates.known.benefits.has(key) || rates.known.benefitId.has(key), false)
})

test('kontanthjælp is posted as the authorised chart of accounts says', () => {
  const rule = rates.benefitByKey('kontanthjaelp', march)
  const numbers = POSTING_KINDS.map((kind) => {
    const { debit, credit } = postingAccounts(kind, rule, rates)
    return `${kind} ${debit.number} ${credit.key}`
  })
  assert.deepEqual(numbers, [
    'own_atp 5.57.73.1.007 atp:KY',
    'am 5.57.73.1.007 am_bidrag:KY',
    'tax 5.57.73.1.007 a_skat:KY',
    'set_off 5.57.73.1.007 claims:KY',
    'third_party 5.57.73.1.007 net_payable:KY',
    'net 5.57.73.1.007 net_payable:KY',
    'employer_atp 8.51.52.5.100 atp:KY',
    'pension 8.51.52.5.123 pension:KY',
  ])
})

test('a set-off against a claim of another system credits the claims of that system', () => {
  const rule = rates.benefitByKey('sygedagpenge', march)
  assert.equal(postingAccounts('set_off', rule, rates, { claimOf: 'KY' }).credit.key, 'claims:KY')
  assert.equal(postingAccounts('tax', rule, rates, { claimOf: 'KY' }).credit.key, 'a_skat:KSD')
})

test('accounts and units have ids of their own', () => {
  for (const ids of [book.accounts.map((a) => a.id), book.units.map((u) => u.unit)])
    assert.equal(new Set(ids).size, ids.length)
  assert.equal(new Set(book.accounts.map((a) => a.key)).size, book.accounts.length)
  assert.equal(new Set(book.accounts.map((a) => a.number)).size, book.accounts.length)
  for (const key of ['rail', 'bank', 'returned', 'claims_opening', 'refund_due', 'net_payable:KP']) rates.account(key)
})

test('one withholding SE per municipality, so that a tax card serves all source systems', () => {
  const syge = rates.unit(751, rates.benefitByKey('sygedagpenge', march).unitKind, march)
  const ydelse = rates.unit(751, rates.benefitByKey('kontanthjaelp', march).unitKind, march)
  assert.equal(syge.se, 55133018)
  assert.equal(ydelse.se, syge.se)
  assert.notEqual(ydelse.unit, syge.unit)
  for (const unit of book.units) {
    assert.equal(unit.debitAccount.length, 14)
    assert.equal(unit.cvr, municipalityCvr(unit.municipality))
  }
})

test('benefits that exclude each other, whichever is named first', () => {
  const id = (key: string): number => rates.benefitByKey(key, day('2025-01-01')).benefit
  assert.ok(rates.excluded(id('kontanthjaelp'), id('revalideringsydelse'), march))
  assert.ok(rates.excluded(id('sygedagpenge'), id('revalideringsydelse'), march))
  assert.ok(!rates.excluded(id('kontanthjaelp'), id('sygedagpenge'), march), 'a supplement is lawful')
  assert.ok(!rates.excluded(id('kontanthjaelp'), id('kontanthjaelp'), march))
})

test('the pension rate of each year', () => {
  const expected = { 2019: 0, 2020: 3_000, 2024: 15_000, 2025: 18_000, 2026: 21_000, 2030: 33_000, 2040: 33_000 }
  for (const [year, rate] of Object.entries(expected))
    assert.equal(rates.rate('obligatory_pension', day(`${year}-06-30`)).rate, rate)
})

test('ATP by the hour is the double contribution of its year, a third of it the recipient’s', () => {
  for (const [year, own] of Object.entries({ 2015: 128, 2016: 134, 2023: 134, 2024: 142, 2026: 142 })) {
    const row = rates.atpRate('hourly', day(`${year}-06-30`))
    assert.deepEqual([row.own, row.employer, row.assumed], [own, 2 * own, false], year)
  }
})

test('what is missing is refused by table, key and date', () => {
  const cases: [() => unknown, string][] = [
    [() => rates.benefitByKey('uddannelseshjaelp', day('2025-07-01')), 'benefits for uddannelseshjaelp on 2025-07-01'],
    [() => rates.benefitByKey('nettohjaelp', march), 'benefits for nettohjaelp on 2026-03-01'],
    [() => rates.benefitRule(999, march), 'benefits for benefit 999 on 2026-03-01'],
    [() => rates.rate('am_bidrag', day('1999-01-01')), 'rates for am_bidrag on 1999-01-01'],
    [() => rates.atpRate('monthly', day('1999-01-01')), 'atp for monthly on 1999-01-01'],
    [() => rates.unit(751, 'skole', march), 'units for skole of municipality 0751 on 2026-03-01'],
    [() => rates.account('a_skat:XX'), 'accounts for a_skat:XX'],
    [() => rates.municipality(411), 'municipalities for 0411'],
  ]
  for (const [ask, text] of cases)
    assert.throws(
      ask,
      (thrown) => thrown instanceof Refusal && thrown.code === 'reference_missing' && thrown.message.includes(text),
    )
  rates.benefitByKey('uddannelseshjaelp', day('2025-06-30'))
})

test('the book is plain data, so that a worker can be sent it', () => {
  assert.deepEqual(structuredClone(book), book)
})

test('a municipality signs with its own name, which is not always that of its area', () => {
  const names = book.municipalities.map(municipalityName)
  for (const name of ['Aarhus Kommune', 'Københavns Kommune', 'Frederiksberg Kommune', 'Bornholms Regionskommune'])
    assert.ok(names.includes(name), name)
  for (const name of ['Vesthimmerlands Kommune', 'Nordfyns Kommune', 'Høje-Taastrup Kommune', 'Mariagerfjord Kommune'])
    assert.ok(names.includes(name), name)
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { golden } from '../../../test/golden/told-items.ts'
import { formatDay } from '../../base/date.ts'
import { readSpecification, type Specification, type Wanted } from '../../modules/overview/index.ts'
import { explainText } from './explain-text.ts'
import { markupOf } from './html.ts'
import { explainPage } from './pages/explain.ts'
import { openReader } from './reader.ts'
import { specificationJson } from './specification-json.ts'
import { AARHUS, exampleMonth, PEOPLE } from './testing.ts'

const example = await exampleMonth()
const reader = openReader(example.url)
test.after(() => reader.close())

async function read(wanted: Wanted, scope = [AARHUS]): Promise<Specification | undefined> {
  return await reader.read(scope, (db) => readSpecification(db, AARHUS, wanted, example.rates))
}

async function known(wanted: Wanted): Promise<Specification> {
  const spec = await read(wanted)
  assert.ok(spec)
  return spec
}

test('a KY payment is taken apart to the øre, with its set-off, its third party and what is left of the claim', async () => {
  const spec = await known(example.paymentOf('KY-1'))
  const [item] = spec.items
  assert.ok(item?.calculation)
  // 12.498 − ATP 99 = 12.399; less the allowance of 4.500 = 7.899; 38 % of 7.890 = 2.998,20, up to 2.999.
  const { gross, ownAtp, tax, setOff, thirdParty, net, allowanceUsed } = item.calculation
  assert.deepEqual(
    [gross, ownAtp, tax, setOff, thirdParty, net],
    [1_249_800, 9_900, 299_900, 50_000, 120_000, 1_249_800 - 9_900 - 299_900 - 50_000 - 120_000],
  )
  assert.equal(allowanceUsed, 450_000)
  assert.equal(spec.payments[0]?.amount, net)
  assert.deepEqual(item.setOffs, [{ claimKey: 'KY-F-9', amount: 50_000, claimLeft: 150_000 }])
  assert.equal(item.thirdParties[0]?.reference, 'husleje 03')
  assert.deepEqual(
    item.axes.paid.map((part) => [part.part, part.amount, part.state]),
    [
      [0, net, 'paid'],
      [3, 120_000, 'paid'],
    ],
  )
  assert.deepEqual(spec.payee, { type: 'cpr', id: PEOPLE.main })
})

test('every payment of the month agrees with its parts, whatever system it is from', async () => {
  const ids = await reader.read([AARHUS], (db) =>
    db.rows<{ id: string; amount: number }>(
      `select '0751R' || (payment_id >> 24) || 'N' || (payment_id & 16777215) as id, amount_ore as amount from payments`,
    ),
  )
  assert.ok(ids.length >= 6)
  const seen = new Set<string>()
  for (const { id, amount } of ids) {
    const spec = await known(id)
    let sum = 0
    for (const item of spec.items) {
      seen.add(item.sourceSystem)
      sum += item.paidHere
    }
    assert.equal(sum, amount, id)
  }
  assert.deepEqual([...seen].sort(), ['KP', 'KSD', 'KY'])
})

test('the third party’s payment carries its own part of the item, not the citizen’s', async () => {
  const citizens = await known(example.paymentOf('KY-1'))
  const id = citizens.items[0]?.axes.paid[1]?.endToEndId
  assert.ok(id)
  const spec = await known(id)
  assert.equal(spec.payments[0]?.amount, spec.totals.paidHere)
  assert.equal(spec.payee.type, 'cvr')
  assert.ok(spec.totals.paidHere < spec.totals.gross)
})

test('an employer sees one line for each employee and period, and they are the payment', async () => {
  const spec = await known(example.paymentOf('KSD-1'))
  assert.deepEqual(
    spec.refunds.map((one) => [one.employee.id, formatDay(one.period.from), one.amount, one.references]),
    [
      [PEOPLE.employees[0], '2026-03-02', 500_000, ['løn 1']],
      [PEOPLE.employees[1], '2026-03-02', 510_000, ['løn 2']],
      [PEOPLE.employees[0], '2026-03-09', 500_001, ['løn 1']],
      [PEOPLE.employees[1], '2026-03-09', 510_001, ['løn 2']],
    ],
  )
  assert.equal(spec.payments[0]?.amount, 2_020_002)
})

test('a refund that is held shows what the order asks for, on the page as in the text', async () => {
  const held = await known({ orderKey: 'KSD-3' })
  assert.equal(held.waiting?.kind, 'held')
  assert.deepEqual(
    held.refunds.map((one) => one.amount),
    [520_000, 520_001],
  )
  assert.equal(held.totals.paidHere, 0)
  const page = markupOf(explainPage('', held).body)
  assert.match(page, /<h2[^>]*>Refusion for medarbejdere<\/h2>[\s\S]*5\.200,00[\s\S]*5\.200,01[\s\S]*10\.400,01/)
  assert.match(explainText(held), /Refusion for medarbejdere\n.* 5\.200,00 [\s\S]*I alt +10\.400,01/)
})

test('states come from facts: no account, back from the bank, paid; a deduction that failed says why', async () => {
  const refused = await known(example.paymentOf('KY-2'))
  assert.equal(refused.payments[0]?.state, 'returned')
  assert.equal(refused.payments[0]?.isFinal, true)
  assert.deepEqual(refused.payments[0]?.returned, { answer: 7, reason: 'NOACCOUNT' })
  assert.equal(refused.payments[0]?.settledOn, undefined)
  assert.deepEqual(
    refused.untaken.map((one) => [one.claimKey, one.amount, one.reason]),
    [['KY-UKENDT', 7_000, 'claim_unknown']],
  )
  const back = await known(example.paymentOf('KY-5'))
  assert.deepEqual(back.payments[0]?.returned, { answer: 9, reason: 'AC04' })
  assert.notEqual(back.payments[0]?.settledOn, undefined)
  assert.ok((back.items[0]?.calculation?.am ?? 0) > 0)
})

test('an order that is not paid says why: held, or not due yet', async () => {
  const held = await known({ orderKey: 'KY-3' })
  assert.equal(held.payments.length, 0)
  assert.equal(held.items[0]?.waiting?.kind, 'held')
  assert.match(explainText(held), /tilbageholdt.*død/)
  const later = await known({ orderKey: 'KY-4', sourceSystem: 'KY' })
  assert.equal(later.items[0]?.waiting?.kind, 'not_calculated')
  assert.equal(later.items[0]?.calculation, undefined)
  assert.equal(later.totals.gross, 900_000)
})

test('outside the scope, and for what is not there, there is nothing', async () => {
  assert.equal(await read(example.paymentOf('KY-1'), [101]), undefined)
  assert.equal(await read({ orderKey: 'KY-1' }, [101]), undefined)
  assert.equal(await read('0751R99N1'), undefined)
  assert.equal(await read('0101R1N1'), undefined)
  assert.equal(await read('nonsense'), undefined)
  assert.equal(await read({ orderKey: 'KY-1', version: 2 }), undefined)
  assert.equal(await read({ orderKey: 'KY-1', sourceSystem: 'KP' }), undefined)
})

test('the explanation as text is as it was approved, at most 100 columns, without whole citizen numbers', async () => {
  golden('explain/ky-1.txt', explainText(await known(example.paymentOf('KY-1'))), 'utf8')
  for (const orderKey of ['KY-1', 'KY-2', 'KY-3', 'KY-4', 'KY-5', 'KSD-1', 'KP-1']) {
    const text = explainText(await known({ orderKey }))
    assert.ok(
      text.split('\n').every((line) => line.length <= 100),
      text,
    )
    assert.doesNotMatch(text, /\d{6}-?\d{4}(?!\d)/)
  }
})

test('JSON carries the same sentences, whole øre, and masks citizens unless told not to', async () => {
  const spec = await known(example.paymentOf('KY-1'))
  const json = specificationJson(spec)
  const tax = json.items[0]?.lines.find((line) => line.kind === 'tax')
  assert.equal(
    tax?.text,
    '2.999,00 kr. i A-skat: 38 % af 7.899,00 kr. (efter fradrag på 4.500,00 kr. fra dit hovedkort), hvor grundlaget rundes ned til hele 10 kr. og skatten op til hele kroner.',
  )
  assert.equal(json.payee.id, '610385-xxxx')
  assert.equal(specificationJson(spec, true).payee.id, PEOPLE.main)
  assert.ok(!JSON.stringify(json).includes(PEOPLE.main))
  assert.equal(json.totals.paid_here_ore, json.payments[0]?.amount_ore)
})

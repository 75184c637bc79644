import assert from 'node:assert/strict'
import test from 'node:test'
import { day } from '../../base/date.ts'
import { type Ore, ore } from '../../base/money.ts'
import type { CalculationLine } from '../../modules/effectuation/index.ts'
import type { SpecifiedCalculation, SpecifiedItem, SpecifiedPayment } from '../../modules/overview/index.ts'
import type { HoldDetail } from '../../modules/orders/index.ts'
import { builtInRateBook, TAX_METHOD_ROWS } from '../../modules/rates/index.ts'
import type { WorkItem } from '../../modules/work-items/index.ts'
import * as text from './index.ts'

const item = {
  orderKey: 'KY-1',
  sourceSystem: 'KY',
  benefitName: 'Kontanthjælp',
  component: 'forhoejet_sats',
  period: { from: day('2026-03-01'), to: day('2026-04-01') },
} as SpecifiedItem

function said(line: Partial<CalculationLine>, calculation: Partial<SpecifiedCalculation> = {}): string {
  const whole = { amount: ore(100_000), source: '', assumed: false, ...line } as CalculationLine
  return text.lineText(whole, item, {
    card: 'none',
    allowanceUsed: 0,
    frikortUsed: 0,
    ...calculation,
  } as SpecifiedCalculation)
}

const product = { basis: ore(789_000), rate: 380_000, rounding: 'base_tens_tax_up' }

test('each line is one plain sentence with amount, basis, rate and rounding', () => {
  const cases: [string, string][] = [
    [said({ kind: 'gross' }), '1.000,00 kr. i kontanthjælp (forhøjet sats) for marts 2026, som KY har afgjort.'],
    [
      said({ kind: 'tax', ...product }, { card: 'hovedkort', allowanceUsed: ore(450_000) }),
      '1.000,00 kr. i A-skat: 38 % af 7.890,00 kr. (efter fradrag på 4.500,00 kr. fra dit hovedkort), hvor grundlaget rundes ned til hele 10 kr. og skatten op til hele kroner.',
    ],
    [
      said({ kind: 'tax', ...product, rounding: 'drop_ore' }, { card: 'bikort' }),
      '1.000,00 kr. i A-skat: 38 % af 7.890,00 kr. (bikort: uden fradrag), ørerne er skåret væk.',
    ],
    [
      said({ kind: 'tax', basis: 0 as Ore, rate: 0, amount: 0 as Ore }, { card: 'frikort', frikortUsed: ore(500_000) }),
      '0,00 kr. i A-skat: 5.000,00 kr. er skattefri på dit frikort.',
    ],
    [
      said({ kind: 'tax', ...product, rate: 550_000, rounding: 'exact_ore' }),
      '1.000,00 kr. i A-skat: 55 % af 7.890,00 kr. (der er intet skattekort, og så er der intet fradrag), afrundet til nærmeste øre.',
    ],
    [
      said({ kind: 'am', basis: ore(800_000), rate: 80_000, rounding: 'nearest_krone' }),
      '1.000,00 kr. i AM-bidrag: 8 % af 8.000,00 kr., afrundet til nærmeste krone.',
    ],
    [said({ kind: 'own_atp', amount: ore(9_000) }), '90,00 kr. i eget ATP-bidrag: fast beløb for hver måned.'],
    [said({ kind: 'net' }), '1.000,00 kr. er tilbage, når alle fradrag er trukket fra.'],
  ]
  for (const [is, should] of cases) assert.equal(is, should)
})

test('rates, dates and periods are written as Danes read them', () => {
  assert.deepEqual([80_000, 3_000, 385_000, 1_000_000, 1].map(text.percent), [
    '8 %',
    '0,3 %',
    '38,5 %',
    '100 %',
    '0,0001 %',
  ])
  assert.equal(text.dateText(day('2026-03-09')), '9. marts 2026')
  assert.equal(text.periodText({ from: day('2026-02-01'), to: day('2026-03-01') }), 'februar 2026')
  assert.equal(text.periodText({ from: day('2026-02-23'), to: day('2026-03-02') }), '23. februar 2026 – 1. marts 2026')
  assert.equal(text.periodText({ from: day('2026-02-23'), to: day('2026-02-24') }), '23. februar 2026')
})

test('a citizen is masked, a company is not', () => {
  assert.equal(text.partyText({ type: 'cpr', id: '6103850000' }), 'CPR 610385-xxxx')
  assert.equal(text.partyText({ type: 'cpr', id: '6103850000' }, true), 'CPR 610385-0000')
  assert.equal(text.partyText({ type: 'cvr', id: '29189420' }), 'CVR 29189420')
})

test('every state, answer and hold has a sentence, and a known reason says what it is', () => {
  const payment = { dispositionDate: day('2026-03-31'), settledOn: day('2026-03-31'), waitingAccount: false } as const
  const sentences = (['planned', 'approved', 'sent', 'accepted', 'paid'] as const).map((state) =>
    text.paymentStateText({ ...payment, state } as SpecifiedPayment),
  )
  assert.equal(new Set(sentences).size, sentences.length)
  for (const sentence of sentences) assert.match(sentence, /31\. marts 2026.*\.$|31\. marts 2026\.$|^Banken .*\.$/)
  assert.match(text.returnText({ answer: 9, reason: 'AC04' }), /kontoen er lukket \(AC04\)/)
  assert.match(text.returnText({ answer: 9, reason: 'ZZ99' }), /kode ZZ99/)
  assert.match(text.returnText({ answer: 7, reason: '' }), /ikke forladt/)
  const hold = { reason: '', detail: { order_key: 'KY-9', version: 1 } }
  assert.equal(
    text.holdText({ kind: 'possible_duplicate', ...hold }),
    'Mulig dobbeltudbetaling: samme ydelse og periode (ordre KY-9).',
  )
  assert.equal(
    text.holdText({ kind: 'manual', reason: 'ringer til banken', detail: null }),
    'Tilbageholdt af en medarbejder: ringer til banken.',
  )
})

test('a hold is told with its figures, one that was made before they were kept by its kind alone', () => {
  const told = (kind: string, detail: HoldDetail | null) => text.holdText({ kind, reason: '', detail })
  assert.equal(told('dead', { date: '2026-03-04' }), 'Personen er død den 4. marts 2026.')
  assert.equal(told('dead', null), 'Personen er død.')
  assert.equal(
    told('superseded', { order_key: 'A', version: 3 }),
    'Der er kommet en nyere udgave af ordren (udgave 3).',
  )
  assert.match(
    told('before_takeover', {
      line_key: '1',
      from: '2026-01-01',
      to: '2026-02-01',
      source_system: 'KY',
      limit: '2026-03-01',
    }),
    /^Linje 1: januar 2026 begynder, før KY blev overtaget den 1\. marts 2026/,
  )
  assert.match(
    told('before_look_back', { from: '2025-01-01', to: '2025-02-01', limit: '2025-06-01' }),
    /^Ændringen af januar 2025 ligger længere tilbage end 1\. juni 2025/,
  )
  assert.match(told('small_amount', { ore: 4000, of_ore: 10_000 }), /på 40,00 kr\. .* på 100,00 kr\. .* 3 måneder\.$/)
  assert.match(
    told('unfounded_repayment', { why: 'amount_changed', claim_key: 'F-1', ore: 4000, of_ore: 3000 }),
    /^Fordring F-1 er afgjort med 30,00 kr\. og kan ikke ændres til 40,00 kr\. Udelad/,
  )
})

test('the task of a held order says why it is held, each reason once, before what to do', () => {
  const double = { kind: 'possible_duplicate', reason: '', detail: { order_key: 'KY-9', version: 1 } }
  const dead = { kind: 'dead', reason: '', detail: { date: '2026-03-04' } }
  const detail = { why: [dead, double, dead] }
  assert.match(
    text.workToDo({ kind: 'held', detail }),
    /^Personen er død den 4\. marts 2026\. Mulig dobbeltudbetaling: .* \(ordre KY-9\)\. Ret i fagsystemet, eller/,
  )
})

test('an oversight is drawn and signed by a Danish clock', () => {
  const made = {
    municipality: 751,
    month: { from: day('2026-03-01'), to: day('2026-04-01') },
    payments: 0,
    amount: ore(0),
    sample: [],
    ledgerHead: '',
    seed: '',
    drawnBy: 'anna',
    drawnAt: '2026-03-31T22:30:00Z',
    signedBy: 'bo',
    signedAt: '2026-12-31T23:15:00Z',
  }
  const said = text.oversightText(made)
  assert.match(said, /Udtrukket af anna 2026-04-01 00:30: /)
  assert.match(said, /Underskrevet af bo 2027-01-01 00:15, med 0 bemærkninger\./)
})

test('every clearing account says in Danish what it is for', () => {
  const purposes = new Set(builtInRateBook().accounts.flatMap((one) => (one.clearing && one.purpose) || []))
  assert.deepEqual(
    [...purposes].filter((one) => text.PURPOSE[one] === undefined),
    [],
  )
})

test('no source in the rate book is shown with an English remark', () => {
  const book = builtInRateBook()
  const sources = [...book.atp, ...book.rates, ...Object.values(TAX_METHOD_ROWS)].map((row) => row.source)
  assert.ok(sources.length > 15)
  for (const source of sources) {
    assert.doesNotMatch(
      text.putSource(source),
      /\b(the|of|when|later|found|from|smallest|with|rounded|each|an hour)\b/,
      source,
    )
  }
})

test('what a reconciliation found is told in Danish: what it is, where, and what to do', () => {
  const half = {
    what: 'half_file',
    ref: 'NKS-0751R8-5.xml',
    detail: 'the file ends before its root element is closed',
  }
  assert.equal(
    text.closingFindingText(half),
    'Filen NKS-0751R8-5.xml er ikke kommet hel: den slutter, før den er færdig. Intet af den er bogført. Se den med «toek quarantine», og hent den igen.',
  )
  const lacks = { what: 'bank_line_missing', ref: '0751R3N1', detail: 'Ingen banklinje for 8,00 kr. til 2026-03-31' }
  assert.equal(
    text.closingFindingText(lacks),
    'Betaling 0751R3N1: Ingen banklinje for 8,00 kr. til 2026-03-31. Hent kontoudtoget; er betalingen ikke på det, så spørg banken.',
  )
  const refused = { what: 'file_refused', ref: '0751R3', detail: 'Betalingsvejen afviste hele filen (1. gang): FF01' }
  assert.match(text.closingFindingText(refused), /^Fil 0751R3: Betalingsvejen afviste .*: FF01\. .* «toek resend»\.$/)
  const unknown = { what: 'new_code', ref: 'a.xml', detail: 'what the reader said' }
  assert.match(text.closingFindingText(unknown), /^Filen a\.xml kunne ikke tages \(new_code: what the reader said\)\. /)
})

test('what is counted has dots, and one is one', () => {
  assert.deepEqual(
    [0, 1, 999, 1_000, 1_234_567].map((many) => text.counted(many, 'linje', 'linjer')),
    ['0 linjer', '1 linje', '999 linjer', '1.000 linjer', '1.234.567 linjer'],
  )
  const detail = { payments: 12_534, tax_ore: 100 }
  assert.match(text.findingText({ check: 'no_tax_card', amount: ore(0), detail }), /^12\.534 betalinger /)
  const waits = { payments: 1, cut_off: '2026-03-30T12:00:00Z', passed: false }
  const item = { kind: 'run_waits', subject: '0751R3', detail: waits, since: '2026-03-27' } as unknown as WorkItem
  assert.match(text.workText(item), /^0751R3: 1 betaling; /)
})

test('a line that is paid on another day than its order says tells which was asked for', () => {
  const moved = { orderedFor: day('2026-12-31'), dispositionDate: day('2026-12-30') }
  assert.deepEqual(
    [text.isRedated(moved), text.isRedated({ ...moved, dispositionDate: moved.orderedFor })],
    [true, false],
    'nothing is said of a line that is paid as ordered',
  )
  assert.equal(text.orderedForText(moved.orderedFor), '31. december 2026, hvor bankerne har lukket')
  assert.equal(text.orderedForText(day('2026-02-20')), '20. februar 2026')
})

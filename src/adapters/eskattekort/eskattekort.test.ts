import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CardTold, parseCardDelivery, writeCardDelivery } from './index.ts'

const told: CardTold = {
  se: '55133018',
  cpr: '6103850000',
  answer: 6,
  serial: 2026001,
  from: '2026-02-01',
  ratePercent: 38.5,
  month: 4_600,
  week: 1_061,
  day: 151,
  frikort: 0,
}

test('the answer type tells the card, and the serial goes before the delivery', () => {
  const cases: [number, string][] = [
    [0, 'none'],
    [1, 'bikort'],
    [2, 'hovedkort'],
    [3, 'frikort'],
    [4, 'bikort'],
    [5, 'bikort'],
    [6, 'hovedkort'],
    [7, 'bikort'],
  ]
  for (const [answer, card] of cases) {
    const { lines } = parseCardDelivery(writeCardDelivery(12, '2026-01-28', [{ ...told, answer, frikort: 20_000 }]))
    assert.deepEqual([...lines][0]?.record, {
      record: 'tax_card',
      cpr: '6103850000',
      se: '55133018',
      card,
      rate_percent: 38.5,
      allowance_month_ore: 460_000,
      allowance_week_ore: 106_100,
      allowance_day_ore: 15_100,
      frikort_left_ore: 2_000_000,
      valid_from: '2026-02-01',
      valid_to: '2027-01-01',
      serial: 2026001 * 10 ** 8 + 12,
    })
  }
})

test('what cannot be read is told by its line, and a delivery that is cut off is torn', () => {
  const whole = writeCardDelivery(12, '2026-01-28', [told, told])
  const rows = whole.split('\n')
  const at = (from: number, text: string) => `${rows[1]?.slice(0, from)}${text}${rows[1]?.slice(from + text.length)}`
  const cases: [string, string][] = [
    ['0609', 'record_unknown'],
    [(rows[1] as string).slice(0, 60), 'line_short'],
    [at(22, '9'), 'code_unknown'],
    [at(50, '   x   '), 'number_unreadable'],
    [at(30, '2026020x'), 'date_unreadable'],
  ]
  for (const [row, problem] of cases) {
    const { torn, lines: read } = parseCardDelivery([rows[0], row, ...rows.slice(2)].join('\n'))
    const lines = [...read]
    assert.deepEqual([torn, lines[0]?.problem, lines[1]?.problem], [undefined, problem, undefined], problem)
  }
  assert.equal(parseCardDelivery(rows.slice(1).join('\n')).torn, 'no_head')
  assert.equal(parseCardDelivery(rows.slice(0, 2).join('\n')).torn, 'no_tail')
  assert.equal(parseCardDelivery([rows[0], rows[1], rows[3]].join('\n')).torn, 'count_differs')
})

test('whatever comes, it never throws', () => {
  const [head = '', card = ''] = writeCardDelivery(1, '2026-01-28', [told]).split('\n')
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant(card))), (rows) => {
      Array.from(parseCardDelivery(rows.join('\n')).lines)
      Array.from(parseCardDelivery([head, ...rows, `0699${String(rows.length).padStart(8, '0')}`].join('\n')).lines)
    }),
    { seed: 20260319 },
  )
})

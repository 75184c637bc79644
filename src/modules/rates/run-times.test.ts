import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Day, day, formatDay, parseMonth, type Period } from '../../base/date.ts'
import { builtInRateBook, lookup } from './book.ts'
import { PAY_CALENDARS, PUBLISHED_ROUNDS } from './data/pay-calendars.ts'
import { localRules } from './local-rules.ts'
import { type PayCalendar, payDays, plannedRuns } from './pay-calendar.ts'
import { atCutOff, cutOff, escalationLevels, lateBefore, levelAt, nearCutOff, nextReachable } from './run-times.ts'
import { localRule as rule } from './testing.ts'
import { contributionRefund, incomeDeadline } from './told-rules.ts'

const RATES = lookup(builtInRateBook())
const AARHUS = 751

const own = (bankDays: number, clock: string, from = '2026-01-01') =>
  rule('cut_off', from, { rail: 'nemkonto', bankDays, clock })
const NONE = localRules([])

test('a cut-off is bank days before, by a Danish clock: it stands still for people over summer time', () => {
  // The rail's own row: NemKonto, one bank day before, at 14.
  const cases: [string, string][] = [
    ['2026-03-27', '2026-03-26T13:00:00+00:00'],
    // Over the change of 29 March: Friday at 14 by the clock of winter.
    ['2026-03-30', '2026-03-27T13:00:00+00:00'],
    ['2026-03-31', '2026-03-30T12:00:00+00:00'],
    // Over Easter: Wednesday before.
    ['2026-04-07', '2026-04-01T12:00:00+00:00'],
    ['2026-10-23', '2026-10-22T12:00:00+00:00'],
    // Over the change of 25 October.
    ['2026-10-26', '2026-10-23T12:00:00+00:00'],
    ['2026-10-27', '2026-10-26T13:00:00+00:00'],
    ['2026-12-30', '2026-12-29T13:00:00+00:00'],
  ]
  for (const [disposition, instant] of cases) assert.equal(cutOff('nemkonto', day(disposition), NONE), instant)
})

test('the newest rule of the rail counts from its date, and other rails keep their own', () => {
  const rules = localRules([own(3, '10:00', '2026-03-01'), own(2, '11:30', '2026-05-01')])
  assert.equal(cutOff('nemkonto', day('2026-02-27'), rules), '2026-02-26T13:00:00+00:00')
  assert.equal(cutOff('nemkonto', day('2026-03-31'), rules), '2026-03-26T09:00:00+00:00')
  assert.equal(cutOff('nemkonto', day('2026-05-29'), rules), '2026-05-27T09:30:00+00:00')
  assert.equal(cutOff('bank_account', day('2026-05-29'), rules), '2026-05-28T13:00:00+00:00')
  assert.equal(cutOff('nemkonto', day('2026-05-29'), localRules([own(0, '09:00')])), '2026-05-29T07:00:00+00:00')
})

test('just before, in and after the cut-off; and the first day that can still be reached', () => {
  const at = cutOff('nemkonto', day('2026-03-30'), NONE)
  assert.equal(nearCutOff('2026-03-27T10:59:59Z', at, 2), 'before')
  assert.equal(nearCutOff('2026-03-27T12:00:00+01:00', at, 2), 'near')
  assert.equal(nearCutOff('2026-03-27T13:00:00Z', at, 2), 'near')
  assert.equal(nearCutOff('2026-03-27T13:00:01Z', at, 2), 'passed')
  const cases: [string, string, string][] = [
    // Friday afternoon: Monday cannot be reached, Tuesday can.
    ['2026-03-30', '2026-03-27T13:01:00Z', '2026-03-31'],
    // 14:00 on Monday by the clock of summer is 12:00Z: at 12:30Z Tuesday is gone too.
    ['2026-03-30', '2026-03-30T12:30:00Z', '2026-04-01'],
    ['2026-03-30', '2026-03-30T11:59:00Z', '2026-03-31'],
    // On the day after the autumn change 14:00 is 13:00Z.
    ['2026-10-26', '2026-10-26T12:59:00Z', '2026-10-27'],
    ['2026-10-26', '2026-10-26T13:01:00Z', '2026-10-28'],
  ]
  for (const [disposition, now, next] of cases) {
    assert.equal(formatDay(nextReachable('nemkonto', day(disposition), now, NONE)), next)
  }
  const closed = new Set([day('2026-03-31')])
  assert.equal(
    formatDay(nextReachable('nemkonto', day('2026-03-30'), '2026-03-27T13:01:00Z', NONE, closed)),
    '2026-04-01',
  )
})

test('without a rule a run waits at its cut-off; with one what it says, from its date', () => {
  const rules = localRules([
    rule('at_cut_off', '2026-03-01', { treatment: 'when_clean', hours: 3 }),
    rule('at_cut_off', '2026-04-01', { treatment: 'next_bank_day' }),
  ])
  assert.deepEqual(atCutOff(day('2026-02-27'), rules), { treatment: 'wait', hours: 2, told: false })
  assert.deepEqual(atCutOff(day('2026-03-31'), rules), { treatment: 'when_clean', hours: 3, told: true })
  assert.deepEqual(atCutOff(day('2026-04-30'), rules), { treatment: 'next_bank_day', hours: 2, told: true })
})

test('a run that waits climbs from owner to owner as its cut-off comes nearer', () => {
  const level = (hours: number, owner: string, from = '2026-01-01') => rule('escalation', from, { hours, owner })
  const rules = localRules([
    level(4, 'stedfortræder'),
    level(24, 'Ida'),
    level(1, 'ydelseschef'),
    level(24, 'Bo', '2026-03-01'),
    level(48, 'kommende', '2027-01-01'),
  ])
  const levels = escalationLevels(day('2026-03-30'), rules)
  assert.deepEqual(
    levels.map((one) => one.owner),
    ['Bo', 'stedfortræder', 'ydelseschef'],
  )
  const at = cutOff('nemkonto', day('2026-03-30'), rules)
  const cases: [string, number, string | undefined][] = [
    ['2026-03-26T12:59:00Z', 0, undefined],
    ['2026-03-26T13:00:00Z', 1, 'Bo'],
    ['2026-03-27T09:00:00Z', 2, 'stedfortræder'],
    ['2026-03-27T12:00:00Z', 3, 'ydelseschef'],
    ['2026-03-28T12:00:00Z', 3, 'ydelseschef'],
  ]
  for (const [now, number, owner] of cases) assert.deepEqual(levelAt(now, at, levels), { level: number, owner })
})

test('an answer is late after its hours, and only opening hours on bank days raise the alarm', () => {
  // Two hours: what was sent up to this instant is late at the time asked about.
  const cases: [string, string][] = [
    // Friday 27 March, 11:05 Danish time: sent up to 09:05.
    ['2026-03-27T10:05:00Z', '2026-03-27T08:05:00+00:00'],
    // Friday evening, the weekend and Monday before 8: as at 16 on Friday.
    ['2026-03-27T20:00:00Z', '2026-03-27T13:00:00+00:00'],
    ['2026-03-29T12:00:00Z', '2026-03-27T13:00:00+00:00'],
    ['2026-03-30T05:59:00Z', '2026-03-27T13:00:00+00:00'],
    // Monday at 8 by the clock of summer, 06:00Z: all that was due in the night goes off.
    ['2026-03-30T06:00:00Z', '2026-03-30T04:00:00+00:00'],
    // Maundy Thursday and the days after are closed.
    ['2026-04-04T12:00:00Z', '2026-04-01T12:00:00+00:00'],
    // The Monday after the autumn change opens at 07:00Z.
    ['2026-10-26T06:59:00Z', '2026-10-23T12:00:00+00:00'],
    ['2026-10-26T07:00:00Z', '2026-10-26T05:00:00+00:00'],
  ]
  for (const [at, before] of cases) assert.equal(lateBefore(at, 2), before, at)
})

test('the alarm never goes back: what was late stays late until it is answered', () => {
  let last = 0
  for (let hour = 0; hour < 24 * 40; hour++) {
    const before = Date.parse(lateBefore(new Date(Date.UTC(2026, 2, 15) + hour * 3_600_000).toISOString(), 2))
    assert.ok(before >= last, String(hour))
    last = before
  }
})

test('last bank days are those of the published lists', () => {
  const listed: Record<number, string> = {
    2024: '01-31 02-29 03-27 04-30 05-31 06-28 07-31 08-30 09-30 10-31 11-29 12-30',
    2025: '01-31 02-28 03-31 04-30 05-28 06-30 07-31 08-29 09-30 10-31 11-28 12-30',
    2026: '01-30 02-27 03-31 04-30 05-29 06-30 07-31 08-31 09-30 10-30 11-30 12-30',
    2027: '01-29 02-26 03-31 04-30 05-31 06-30 07-30 08-31 09-30 10-29 11-30 12-30',
    2028: '01-31 02-29 03-31 04-28 05-31 06-30 07-31 08-31 09-29 10-31 11-30 12-29',
  }
  for (const [year, days] of Object.entries(listed)) {
    for (const [i, end] of days.split(' ').entries()) {
      const month = parseMonth(`${year}-${String(i + 1).padStart(2, '0')}`) as Period
      const [run] = planned(month, 'last_bank_day_ky')
      assert.equal(formatDay(run?.dispositionDate as Day), `${year}-${end}`)
      assert.equal(run?.assumed, false)
    }
  }
})

test('sygedagpenge: the rule gives the published rounds, which are no longer assumed; the next is', () => {
  const told = ['2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2026-05'].map((month) => {
    const [run] = planned(parseMonth(month) as Period, 'ksd_citizens')
    const weeks = run?.weeks as Period
    return [formatDay(run?.dispositionDate as Day), (weeks.to - weeks.from) / 7, run?.assumed]
  })
  assert.deepEqual(told, [
    ['2025-12-23', 4, false],
    ['2026-01-29', 5, false],
    ['2026-02-26', 4, false],
    ['2026-03-26', 4, false],
    ['2026-04-30', 5, true],
    ['2026-05-28', 4, true],
  ])
  // Without the list the rule says the same.
  const calendar = PAY_CALENDARS.find((one) => one.calendar === 'ksd_citizens') as PayCalendar
  for (const { paid, weeks } of PUBLISHED_ROUNDS) {
    const month = parseMonth(formatDay(paid).slice(0, 7)) as Period
    assert.deepEqual(payDays({ ...calendar, calendar: 'unlisted' }, month), [{ paid, weeks }])
  }
  const employers = (month: string) =>
    planned(parseMonth(month) as Period, 'ksd_employers').map((run) => formatDay(run.dispositionDate))
  assert.deepEqual(employers('2020-06'), ['2020-06-11', '2020-06-25'])
  // The Thursday that is New Year's Day is paid in its year, as an order for that day is.
  assert.deepEqual(employers('2026-01'), ['2026-01-02', '2026-01-15', '2026-01-29'])
  assert.deepEqual(employers('2025-12'), ['2025-12-04', '2025-12-18'])
})

test('a closing day of its own moves a planned run to the bank day before, with its cut-off', () => {
  const rules = localRules([
    rule('closing_day', '2026-03-31'),
    rule('rail', '2026-01-01', { unit: 'ydelse', rail: 'bank_account' }),
  ])
  const [run] = planned(parseMonth('2026-03') as Period, 'last_bank_day_ky', rules)
  assert.equal(formatDay(run?.dispositionDate as Day), '2026-03-30')
  assert.deepEqual([run?.rail, run?.cutOff], ['bank_account', '2026-03-27T14:00:00+00:00'])
})

function planned(month: Period, calendar: string, rules = NONE) {
  return plannedRuns(AARHUS, month, RATES, rules).filter((run) => run.calendar === calendar)
}

test('a municipality tells a month by its last bank day, by a Danish clock', () => {
  const by = (month: string) => incomeDeadline(day(`${month}-01`))
  assert.equal(by('2026-03'), '2026-03-31T21:59:00+00:00')
  assert.equal(by('2026-10'), '2026-10-30T22:59:00+00:00')
  assert.equal(by('2026-12'), '2026-12-30T22:59:00+00:00')
})

test('contributions on 8.51.52 are refunded whole, also when taken back; of others and of earlier nothing is known', () => {
  const atp = { number: '8.51.52.5.100' }
  assert.equal(contributionRefund(atp, day('2026-03-01'), 19_800), 19_800)
  assert.equal(contributionRefund(atp, day('2026-03-01'), -19_800), -19_800)
  assert.equal(contributionRefund(atp, day('2022-10-31'), 19_800), undefined)
  assert.equal(contributionRefund({ number: '5.57.73.1.007' }, day('2026-03-01'), 19_800), undefined)
})

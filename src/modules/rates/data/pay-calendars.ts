/**
 * When what is paid regularly is at people's disposal. The order's own disposition date decides; this is what a month's
 * runs are planned by. Last bank day: kontanthjælp is paid in arrears on it (the reform's first payment is 31 July
 * 2025); KOMBIT's sample of Ydelsesindeks says "Sidste bankdag i måneden". Sygedagpenge: a municipality's list for
 * 2025-26 gives periods of 4 or 5 weeks to the Sunday before the last Thursday of the month; employers' Thursdays a
 * fortnight apart are 28 May and 11 June 2020 on odder.dk. One-off benefits are paid as they are decided: no calendar.
 */
import { day, type Period } from '../../../base/date.ts'
import type { PayCalendar, PublishedRound } from '../pay-calendar.ts'
import { valid } from './forever.ts'

const ALWAYS: Period = valid('2014-01-01')

export const PAY_CALENDARS: readonly PayCalendar[] = [
  {
    calendar: 'last_bank_day_ky',
    nameDa: 'Sidste bankdag i måneden',
    unitKind: 'ydelse',
    benefits: [
      'kontanthjaelp',
      'uddannelseshjaelp',
      'revalideringsydelse',
      'ressourceforloebsydelse',
      'jobafklaring_ydelse',
      'ledighedsydelse',
      'flekstilskud',
    ],
    rule: { kind: 'last_bank_day' },
    valid: ALWAYS,
    source: 'kontanthjælpsreformen: first payment 31 July 2025; KOMBIT, Ydelsesindeks: "Sidste bankdag i måneden"',
    assumed: false,
  },
  {
    calendar: 'last_bank_day_other',
    nameDa: 'Sidste bankdag i måneden',
    unitKind: 'ydelse',
    benefits: ['tabt_arbejdsfortjeneste', 'personligt_tillaeg'],
    rule: { kind: 'last_bank_day' },
    valid: ALWAYS,
    source: 'assumed: no public list of their days was found; paid as kontanthjælp and førtidspension',
    assumed: true,
  },
  {
    calendar: 'ksd_citizens',
    nameDa: 'Sygedagpenge til borgere, 4 eller 5 uger',
    unitKind: 'sygedagpenge',
    benefits: ['sygedagpenge'],
    rule: { kind: 'weeks_to_last_thursday' },
    valid: ALWAYS,
    source: 'assumed beyond the published rounds: the rule is read out of a municipality’s list for 2025-26',
    assumed: true,
  },
  {
    calendar: 'ksd_employers',
    nameDa: 'Refusion til arbejdsgivere, hver anden torsdag',
    unitKind: 'sygedagpenge',
    benefits: ['sygedagpenge_arbejdsgiver', 'op_tillaeg_arbejdsgiver'],
    rule: { kind: 'fortnightly', from: day('2020-05-28') },
    valid: ALWAYS,
    source: 'odder.dk: 28 May and 11 June 2020; that the fortnights go on from there is assumed',
    assumed: true,
  },
]

const PUBLISHED = 'a municipality’s list of udbetalingsdage 2025-26 (gopublic.dk, arbejde og ledighed, sygedagpenge)'
const round = (from: string, to: string, paid: string): PublishedRound => {
  return { calendar: 'ksd_citizens', weeks: { from: day(from), to: day(to) }, paid: day(paid), source: PUBLISHED }
}

/** Rounds that stand on a public list. */
export const PUBLISHED_ROUNDS: readonly PublishedRound[] = [
  round('2025-11-24', '2025-12-22', '2025-12-23'),
  round('2025-12-22', '2026-01-26', '2026-01-29'),
  round('2026-01-26', '2026-02-23', '2026-02-26'),
  round('2026-02-23', '2026-03-23', '2026-03-26'),
]

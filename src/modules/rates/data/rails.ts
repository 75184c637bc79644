/**
 * The rails that payments can go by, and what the product must know of each. What its files look like stands with the
 * adapter. Public: NemKonto's answers (nemkonto.dk); its limit of 10,000 payments a file is for private payers
 * (digst.dk), none was found for public ones. What a bank limits, how it wants a refused file again, when a rail must
 * have a file and how soon it answers is assumed until its own guide is at hand. No public hour was found until which a rail pays on the same day: NemKonto is taken
 * for one that does not, a bank for one that clears until 13:00.
 */
import type { RailRow } from '../rails.ts'

export const RAILS = [
  {
    rail: 'nemkonto',
    name: 'NemKonto',
    message: 'nks',
    paymentsPerFile: 0,
    onlyFailures: false,
    sameDayBefore: '',
    resend: 'new_id',
    retryMinutes: [15, 60, 240],
    cutOff: { bankDaysBefore: 1, time: '14:00' },
    answerHours: { file: 2, payment: 24 },
    presumedAfter: 0,
    source: 'nemkonto.dk, the answers of the NemKonto system; sending again is assumed',
    assumed: true,
  },
  {
    rail: 'bank_account',
    name: 'Banken, ISO 20022 version 03, nummer som konto',
    message: 'iso20022',
    paymentsPerFile: 100_000,
    onlyFailures: false,
    sameDayBefore: '13:00',
    resend: 'same_id',
    retryMinutes: [15, 60, 240],
    cutOff: { bankDaysBefore: 1, time: '15:00' },
    answerHours: { file: 2, payment: 24 },
    presumedAfter: 0,
    source: 'assumed: no guide of a Danish bank on limits and sending again was found',
    assumed: true,
  },
  {
    rail: 'bank_party',
    name: 'Banken, ISO 20022 version 09, nummer som modtager',
    message: 'iso20022',
    paymentsPerFile: 50_000,
    onlyFailures: true,
    sameDayBefore: '13:00',
    resend: 'new_id',
    retryMinutes: [15, 60, 240],
    cutOff: { bankDaysBefore: 1, time: '15:00' },
    // It says nothing of a payment that goes well: silence is no missing answer, once it has taken the file.
    answerHours: { file: 2, payment: 0 },
    presumedAfter: 2,
    source: 'assumed: no guide of a Danish bank on limits and sending again was found',
    assumed: true,
  },
] as const satisfies readonly RailRow<string>[]

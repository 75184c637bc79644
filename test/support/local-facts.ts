/** The tables of a scenario in which a municipality tells of itself: its rules, and what its old system paid. */
import { GATE_CHECK_TEXT, TREATMENT_TEXT } from '../../src/entry/text/index.ts'
import { oreOf, periodOf, type Row } from './read-scenario.ts'

export const LOCAL_TABLES: Readonly<Record<string, readonly string[]>> = {
  Overtagelse: ['kommune', 'system', 'dato'],
  'Overtagne returneringer': [
    'kommune',
    'returnering',
    'borger',
    'ydelse',
    'periode',
    'beløb',
    'betalt',
    'retur',
    'svar',
    'kode',
    'tekst',
  ],
  Indbetalinger: ['kommune', 'fordring', 'indbetaling', 'beløb', 'dato', 'rest', 'fører tilbage'],
  'Lokale regler': [
    'kommune',
    'regel',
    'kontrol',
    'system',
    'ydelse',
    'beløb',
    'procent',
    'måneder',
    'behandling',
    'enhed',
    'vej',
    'konto',
    'bankdage',
    'kl.',
    'timer',
    'ejer',
    'dato',
    'fra',
    'godkendt',
  ],
  'Betalt før': [
    'kommune',
    'ordre',
    'linje',
    'borger',
    'ydelse',
    'periode',
    'brutto',
    'eget ATP',
    'skat',
    'netto',
    'ATP',
    'pension',
    'procent',
    'fradrag',
    'dato',
  ],
}

const RULES: Readonly<Record<string, string>> = {
  tilbageregulering: 'look_back',
  rådighedsbeløb: 'set_off_minimum',
  bagatelgrænse: 'small_amount',
  kontrolfund: 'gate',
  frigives: 'release',
  'to personer over': 'two_approvers_over',
  betalingsvej: 'rail',
  'delt konto': 'shared_account',
  lukkedag: 'closing_day',
  skæringstidspunkt: 'cut_off',
  'ved skæring': 'at_cut_off',
  eskalering: 'escalation',
  'uden konto': 'no_account',
  uafhentet: 'unclaimed',
}

/** The word of a table for what stands in a catalogue of texts. */
export function keyOf(texts: Readonly<Record<string, string>>, word: string): string {
  const key = Object.keys(texts).find((one) => texts[one] === word)
  if (key === undefined) throw new Error(`"${word}" is none of ${Object.values(texts).join(', ')}`)
  return key
}

const TREATMENT_OF: Readonly<Record<string, string>> = { gate: 'effect', release: 'approval' }

/**
 * `fejlkonto` is the municipality's own; `ydelser` is the office that pays for KY and KP, `sygedagpenge` KSD's; their
 * accounts are the rate book's.
 */
export function accountOf(municipality: string, name: string): string {
  return `999900000${municipality}${name === 'fejlkonto' ? 9 : name === 'ydelser' ? 1 : 2}`
}

/** The old system's key begins with its source system; KY-R-1 was paid as UDB-KY-R-1. */
function returnOpening(row: Row, municipality: string, citizen: (alias: string) => string): unknown {
  return {
    record: 'return_opening',
    municipality,
    source_system: (row['returnering'] as string).split('-')[0],
    return_key: row['returnering'],
    case_key: `SAG-${row['borger']}`,
    payee: { type: 'cpr', id: citizen(row['borger'] as string) },
    benefit: row['ydelse'],
    period: periodOf(row['periode'] as string),
    amount_ore: oreOf(row['beløb'] as string),
    paid_on: row['betalt'],
    returned_on: row['retur'],
    reference: `UDB-${row['returnering']}`,
    answer: Number(row['svar'] || '9'),
    ...(row['kode'] ? { code: row['kode'] } : {}),
    ...(row['tekst'] ? { text: row['tekst'] } : {}),
  }
}

/** As the debtor system tells it; without `rest` it does not say what is left. */
function claimPayment(row: Row, municipality: string): unknown {
  return {
    record: 'claim_payment',
    municipality,
    claim_key: row['fordring'],
    payment_key: row['indbetaling'],
    amount_ore: oreOf(row['beløb'] as string),
    date: row['dato'],
    ...(row['rest'] ? { balance_ore: oreOf(row['rest']) } : {}),
    ...(row['fører tilbage'] ? { reverses: row['fører tilbage'] } : {}),
  }
}

export function localFact(table: string, row: Row, municipality: string, citizen: (alias: string) => string): unknown {
  const system = row['system'] || (row['ordre'] ?? '').split('-')[0]
  if (table === 'Overtagelse') return { record: 'takeover', municipality, source_system: system, date: row['dato'] }
  if (table === 'Indbetalinger') return claimPayment(row, municipality)
  if (table === 'Overtagne returneringer') return returnOpening(row, municipality, citizen)
  if (table === 'Lokale regler') {
    const record = RULES[row['regel'] ?? '']
    if (record === undefined) throw new Error(`"${row['regel']}" is none of ${Object.keys(RULES).join(', ')}`)
    return {
      record,
      municipality,
      ...(row['system'] ? { source_system: row['system'] } : {}),
      ...(row['ydelse'] ? { benefit: row['ydelse'] } : {}),
      ...(row['beløb'] ? { amount_ore: oreOf(row['beløb']) } : {}),
      ...(row['måneder'] ? { months: Number(row['måneder']) } : {}),
      ...(row['kontrol'] ? { check: keyOf(GATE_CHECK_TEXT, row['kontrol']) } : {}),
      ...(row['procent'] ? { percent: Number(row['procent']) } : {}),
      ...(row['enhed'] ? { unit: row['enhed'] } : {}),
      ...(row['vej'] ? { rail: row['vej'] } : {}),
      ...(row['konto'] ? { account: accountOf(municipality, row['konto']) } : {}),
      ...(row['behandling'] ? { [TREATMENT_OF[record] ?? 'treatment']: keyOf(TREATMENT_TEXT, row['behandling']) } : {}),
      ...(row['bankdage'] ? { bank_days_before: Number(row['bankdage']) } : {}),
      ...(row['kl.'] ? { time: row['kl.'] } : {}),
      ...(row['timer'] ? { hours_before: Number(row['timer']) } : {}),
      ...(row['ejer'] ? { owner: row['ejer'] } : {}),
      ...(record === 'closing_day' ? { date: row['dato'] } : { valid_from: row['fra'] || '2025-01-01' }),
    }
  }
  const amount = (name: string): number => (row[name] ? oreOf(row[name]) : 0)
  const benefit = row['ydelse'] as string
  return {
    record: 'paid_before',
    municipality,
    source_system: system,
    order_key: row['ordre'],
    line_key: row['linje'] || '1',
    case_key: `SAG-${row['borger']}`,
    decision: { key: `A-${row['ordre']}`, date: '2025-12-01' },
    beneficiary: { type: 'cpr', id: citizen(row['borger'] as string) },
    benefit,
    component: 'grundsats',
    period: periodOf(row['periode'] as string),
    quantity: { unit: 'month', value: '1' },
    kle: '32.24.04',
    gross_ore: amount('brutto'),
    own_atp_ore: amount('eget ATP'),
    am_ore: 0,
    tax_ore: amount('skat'),
    net_ore: amount('netto'),
    employer_atp_ore: amount('ATP'),
    pension_ore: amount('pension'),
    tax_rate_percent: row['procent'] ? row['procent'].replace(',', '.') : 0,
    allowance_ore: amount('fradrag'),
    disposition_date: row['dato'],
  }
}

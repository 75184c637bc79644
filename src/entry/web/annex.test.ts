import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { GATE_CHECK_NAMES, GATE_CHECKS } from '../../modules/rates/index.ts'
import { annexText, GATE_CHECK_TEXT } from '../text/index.ts'

const rule = { source: undefined, benefit: undefined, from: day('2026-01-01'), amount: 0, percent: 0, treatment: '' }
const annex = {
  name: 'Aarhus Kommune',
  code: '0751',
  on: day('2026-03-31'),
  releases: [],
  limits: [],
  checks: GATE_CHECK_NAMES.map((check) => ({ check, built: GATE_CHECKS[check], told: [] })),
  times: {
    cutOffs: [{ rail: 'NemKonto', bankDaysBefore: 1, time: '14:00', told: false, assumed: true }],
    atCutOff: { treatment: 'wait', hours: 2, told: false },
    levels: [],
    closed: [],
  },
  returned: { noAccount: { treatment: 'refusal', account: '', told: false }, unclaimed: [] },
} as const

test('the annex says what is built in where the municipality has told nothing', () => {
  const text = annexText(annex)
  for (const said of [
    'Aarhus Kommune (0751), regler for udbetalinger til rådighed 31. marts 2026',
    'Uden en regel godkender én anden person',
    'Der er ingen beløbsgrænse for to personer.',
    '- Stor efterbetaling: ses af et menneske, fra 20.000,00 kr. (indbygget)',
    '- Lukket periode: standser kørslen (indbygget)',
    '- NemKonto: filen afleveres senest bankdagen før kl. 14:00 (indbygget, antaget).',
    '- En kørsel, der ikke er frigivet på skæringstidspunktet, venter på et menneske (indbygget).',
    '- Har modtageren ingen NemKonto, afviser NemKonto betalingen, og den er på returkontoen (indbygget).',
    '- Uden en regel lukkes det aldrig af sig selv (indbygget).',
    '  frigivet en af kørslerne, senest den sidste bankdag i næste måned kl. 16:00 (indbygget).',
  ]) {
    assert.ok(text.includes(said), `${said}\n${text}`)
  }
  for (const check of GATE_CHECK_NAMES) assert.ok(text.includes(`- ${GATE_CHECK_TEXT[check]}`), check)
})

test('and the municipality’s own rules where it has; a general rule takes the place of what is built in', () => {
  const text = annexText({
    ...annex,
    releases: [{ ...rule, source: 'KY', treatment: 'automatic' }],
    limits: [{ ...rule, amount: 5_000_000 }],
    checks: annex.checks.map((one) => {
      if (one.check === 'liquidity') return { ...one, told: [{ ...rule, treatment: 'block_run', amount: 90_000_000 }] }
      if (one.check !== 'back_pay') return one
      return { ...one, told: [{ ...rule, benefit: 'Kontanthjælp', treatment: 'block_line', amount: 300_000 }] }
    }),
    times: {
      cutOffs: [{ rail: 'NemKonto', bankDaysBefore: 2, time: '12:00', told: true, assumed: false }],
      atCutOff: { treatment: 'when_clean', hours: 3, told: true },
      levels: [{ hours: 24, owner: 'stedfortræder' }],
      closed: [day('2026-05-01')],
    },
    returned: {
      noAccount: { treatment: 'error_account', account: '99990000007519', told: true },
      unclaimed: [{ ...rule, source: 'KY', treatment: 'income', months: 12 }],
    },
  })
  for (const said of [
    '- KY (fra 1. januar 2026): frigives af sig selv, når intet er fundet.',
    'to personer godkender en kørsel med en betaling over 50.000,00 kr.',
    '- Likviditetsgrænse, alle ydelser (fra 1. januar 2026): standser kørslen, fra 900.000,00 kr.',
    '- Stor efterbetaling, Kontanthjælp (fra 1. januar 2026): standser betalingen, fra 3.000,00 kr.',
    '- Stor efterbetaling: ses af et menneske, fra 20.000,00 kr. (indbygget)',
    '- NemKonto: filen afleveres senest 2 bankdage før kl. 12:00.',
    'er frigivet kort før, når intet er fundet; ellers venter den på et menneske.',
    '- Fra 24 timer før skæringstidspunktet er en ventende kørsel opgave for stedfortræder.',
    '- Kommunen udbetaler intet 1. maj 2026; bankdagen før træder i stedet.',
    '- Har modtageren ingen NemKonto, går pengene til kommunens fejlkonto (99990000007519).',
    '- KY (fra 1. januar 2026), når ingen har bedt om pengene i 12 måneder: beløbet bliver kommunens indtægt. Én person indstiller, en anden godkender.',
  ]) {
    assert.ok(text.includes(said), `${said}\n${text}`)
  }
  assert.ok(!text.includes('Likviditetsgrænse: '))
})

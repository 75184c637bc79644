/**
 * The texts of letters, as dated data. In plain Danish, du-form, short sentences; what to do stands before why. How a
 * citizen names a NemKonto is public (nemkonto.dk, lov om offentlige betalinger); the words are ours.
 */
import type { Day } from '../../../base/date.ts'
import { day } from '../../../base/date.ts'
import type { LetterTemplate } from '../letter.ts'

const FOREVER = { from: day('2026-01-01'), to: day('9999-12-31') as Day }

export const LETTER_TEMPLATES: readonly LetterTemplate[] = [
  {
    key: 'ask_for_account',
    valid: FOREVER,
    language: 'da',
    title: 'Vi mangler en konto til dine penge',
    source: 'Our own words; NemKonto: nemkonto.dk',
    blocks: [
      { kind: 'paragraph', text: 'Vi har prøvet at udbetale penge til dig, men de kom ikke frem. {cause}' },
      { kind: 'heading', text: 'Det skal du gøre' },
      {
        kind: 'list',
        items: [
          'Oplys en NemKonto på nemkonto.dk eller i din bank. Det gælder også, hvis din gamle konto er lukket.',
          'Kan du ikke få en NemKonto, så kontakt kommunen, og oplys en anden konto.',
          'Gør det senest {answer_by}.',
        ],
      },
      {
        kind: 'paragraph',
        text: 'Når du har en konto, betaler vi pengene. Det kan tage op til fem bankdage, før en ny NemKonto gælder.',
      },
      { kind: 'heading', text: 'Det handler om' },
      {
        kind: 'table',
        header: ['Hvad', 'Oplysning'],
        rows: [
          ['Beløb', '{amount} kr.'],
          ['Ydelse', '{benefit}'],
          ['Skulle være udbetalt', '{disposition_date}'],
          ['Vores nummer på betalingen', '{payment}'],
        ],
      },
      { kind: 'heading', text: 'Hvis vi ikke hører fra dig' },
      {
        kind: 'paragraph',
        text: 'Pengene bliver hos kommunen, indtil du beder om dem. Krav på penge forældes efter tre år.',
      },
      { kind: 'paragraph', text: 'Venlig hilsen {municipality:own_name}' },
    ],
  },
]

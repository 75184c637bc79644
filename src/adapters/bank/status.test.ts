import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { LONGEST_PAYEE_TEXT, type RailAnswer, type RecallAnswer } from '../../modules/payments/index.ts'
import {
  ACCOUNT_PROFILE,
  PARTY_PROFILE,
  recallAnswerReader,
  statusReader,
  writeFileRecall,
  writePain001,
  writeRecall,
} from './index.ts'
import { writeRecallAnswer } from './recall.ts'
import { bundle, fileHeader, payment, schemaText, UNIT, validate } from './testing.ts'
import { type BundleStatus, type Status, writeStatus } from './write-status.ts'

async function assertValid(t: TestContext, message: string, xml: string): Promise<void> {
  const xsd = schemaText(process.env['ISO20022_XSD_DIR'], message)
  if (!xsd) return t.skip('SKIPPED: ISO20022_XSD_DIR is unset or lacks the schema')
  await validate(xsd, xml)
  await assert.rejects(validate(xsd, xml.replace(/<(GrpHdr|Assgnmt)>/, '<Wrong>')), 'the validator can say no')
}

const SILENT: Status = { status: '', reason: '', text: '' }
const said = (status: string, reason = '', text = ''): Status => ({ status, reason, text })

function statusXml(painVersion: '03' | '09', file: Status, bundles: readonly BundleStatus[]): string {
  const header = { answerId: 'B-1', createdAt: '2026-03-27T09:00:00', fileId: '0751R12', painVersion, count: 4 }
  return [...writeStatus(header, file, bundles)].join('')
}

function read(xml: string, onlyFailures = false) {
  const answers: RailAnswer[] = []
  let fileId = ''
  const reader = statusReader(
    { header: (header) => void (fileId = header.fileId), answer: (answer) => answers.push(answer) },
    { onlyFailures },
  )
  for (let i = 0; i < xml.length; i += 97) reader.write(Buffer.from(xml.slice(i, i + 97)))
  const result = reader.finish()
  const told = answers.map((one) => [one.kind, one.about ?? '-', one.ref, one.reason, one.class ?? '-'].join(' '))
  return { fileId, result, told, codes: result.problems.map((one) => one.code) }
}

const PAYMENTS = (...all: [string, string, string?][]): BundleStatus['payments'] =>
  all.map(([endToEndId, status, reason]) => ({ endToEndId, ...said(status, reason) }))

interface Case {
  readonly name: string
  readonly file: Status
  readonly bundles: readonly BundleStatus[]
  readonly told: readonly string[]
  readonly codes?: readonly string[]
  readonly onlyFailures?: boolean
}

const U1 = '0751R12U7511'
const CASES: readonly Case[] = [
  { name: 'received says nothing of payments', file: said('ACTC'), bundles: [], told: ['1 - 0751R12  -'] },
  {
    name: 'received by a bank that tells failures alone is accepted',
    file: said('ACTC'),
    bundles: [],
    told: ['1 - 0751R12  -', '8 file 0751R12  -'],
    onlyFailures: true,
  },
  {
    name: 'in part, by a bank that tells failures alone: the rest is accepted',
    file: said('PART'),
    bundles: [{ bundleId: U1, ...SILENT, payments: PAYMENTS(['N2', 'RJCT', 'AC04']) }],
    told: ['7 - N2 AC04 functional_refusal', '1 - 0751R12  -', '8 file 0751R12  -'],
    onlyFailures: true,
  },
  {
    name: 'a file accepted whole',
    file: said('ACCP'),
    bundles: [],
    told: ['1 - 0751R12  -', '8 file 0751R12  -'],
  },
  {
    name: 'payments with a word of their own, told before their bundle and that before the file',
    file: said('PART'),
    bundles: [
      {
        bundleId: U1,
        ...said('PART'),
        payments: PAYMENTS(['N1', 'ACSP'], ['N2', 'RJCT', 'AC04'], ['N3', 'RJCT', 'FF01'], ['N4', 'ACWC', 'DT06']),
      },
    ],
    told: [
      '8 - N1  -',
      '7 - N2 AC04 functional_refusal',
      '2 - N3 FF01 functional_refusal',
      '8 - N4 DT06 accepted_with_warning',
      '1 - 0751R12  -',
    ],
  },
  {
    name: 'a bundle refused without a word of its payments means all of them',
    file: SILENT,
    bundles: [{ bundleId: U1, ...said('RJCT', 'AM04'), payments: [] }],
    told: [`2 bundle ${U1} AM04 functional_refusal`],
  },
  {
    name: 'a technical fault is known as one',
    file: SILENT,
    bundles: [{ bundleId: U1, ...SILENT, payments: PAYMENTS(['N1', 'RJCT', 'AB05']) }],
    told: ['2 - N1 AB05 technical_fault'],
  },
  {
    name: 'a file refused whole refuses nobody in it: what is said of payments explains',
    file: said('RJCT', 'AM10', 'CtrlSum'),
    bundles: [{ bundleId: U1, ...said('RJCT'), payments: PAYMENTS(['N1', 'RJCT', 'AC04']) }],
    told: ['0 - 0751R12 AM10 functional_refusal'],
    codes: ['named_in_refusal', 'named_in_refusal'],
  },
  {
    name: 'a cut-off that was missed may be tried again',
    file: said('RJCT', 'TM01'),
    bundles: [],
    told: ['0 - 0751R12 TM01 technical_fault'],
  },
  {
    name: 'a duplicate is never a technical fault',
    file: said('RJCT', 'DU01'),
    bundles: [],
    told: ['0 - 0751R12 DU01 functional_refusal'],
  },
  {
    name: 'what nobody knows is set aside',
    file: said('XXXX'),
    bundles: [{ bundleId: U1, ...SILENT, payments: PAYMENTS(['N1', 'ZZZZ'], ['N2', 'ACSC']) }],
    told: ['8 - N2  -'],
    codes: ['unknown_answer', 'unknown_answer'],
  },
]

for (const { name, file, bundles, told, codes = [], onlyFailures } of CASES) {
  for (const version of ['03', '09'] as const) {
    test(`pain.002 for pain.001.${version}: ${name}`, async (t) => {
      const xml = statusXml(version, file, bundles)
      const found = read(xml, onlyFailures)
      assert.equal(found.result.whole, true)
      assert.equal(found.fileId, '0751R12')
      assert.deepEqual(found.told, told)
      assert.deepEqual(found.codes, codes)
      // The .03 of the schema knows its statuses by name, and XXXX is none of them.
      if (version === '03' && codes.includes('unknown_answer')) return
      await assertValid(t, `pain.002.001.${version === '03' ? '03' : '10'}`, xml)
    })
  }
}

test('pain.002 cut off anywhere is not whole, and another message is refused', () => {
  const xml = statusXml('03', said('ACCP'), [{ bundleId: U1, ...SILENT, payments: PAYMENTS(['N1', 'ACSP']) }])
  for (let length = 0; length < xml.lastIndexOf('>'); length += 7) {
    assert.equal(read(xml.slice(0, length)).result.whole, false, `cut at ${length}`)
  }
  assert.deepEqual(read(xml.replace('pain.002.001.03', 'pain.002.001.11')).codes, ['other_message'])
  assert.deepEqual(read(xml.replace('<OrgnlMsgId>0751R12</OrgnlMsgId>', '')).codes, ['id_missing'])
})

test('texts in pain.001 keep Danish letters, lose what the bank lacks, and are cut between words', async (t) => {
  const long = `Sygedagpenge uge 9 til 12 ${'Ærø '.repeat(40)}`
  const texts = ['Łódź – æøåÆØÅ 😀', long, 'x'.repeat(200)]
  const bundles = [
    bundle(
      'U1',
      '2026-03-31',
      texts.map((text, i) => ({ ...payment(i + 1, 100), text })),
    ),
  ]
  for (const profile of [ACCOUNT_PROFILE, PARTY_PROFILE]) {
    const xml = [...writePain001(fileHeader('0751R12', bundles), bundles, profile)].join('')
    const told = [...xml.matchAll(/<Ustrd>(.*?)<\/Ustrd>/g)].map((found) => found[1] as string)
    assert.equal(told[0], profile.characters === 'unicode' ? texts[0] : 'Lódz - æøåÆØÅ ?')
    assert.equal(told[1], long.slice(0, LONGEST_PAYEE_TEXT).replace(/ \S*$/, ''))
    assert.ok((told[1] as string).endsWith('Ærø'))
    assert.equal(told[2], 'x'.repeat(LONGEST_PAYEE_TEXT))
    await assertValid(t, `pain.001.001.${profile.version}`, xml)
  }
})

test('an account by a payee arrangement is written where the bank looks for one', async (t) => {
  const arranged = { ...payment(1, 100), account: '12340000012345' }
  const bundles = [bundle('U1', '2026-03-31', [arranged])]
  for (const profile of [ACCOUNT_PROFILE, PARTY_PROFILE]) {
    const xml = [...writePain001(fileHeader('0751R12', bundles), bundles, profile)].join('')
    assert.match(xml, /<CdtrAcct><Id><Othr><Id>12340000012345<\/Id><SchmeNm><Cd>BBAN/)
    assert.equal(xml.includes('6203850000'), profile.placement === 'party')
    await assertValid(t, `pain.001.001.${profile.version}`, xml)
  }
})

const RECALLED = [1, 2].map((n) => ({
  bundleId: `U${n}`,
  endToEndId: `0751R12N${n}`,
  amount: (100 * n) as Ore,
  dispositionDate: day('2026-03-31'),
  reason: n === 1 ? 'DUPL' : 'CUST',
}))

test('camt.055 asks payments of one file back, with count and sum', async (t) => {
  const header = { recallId: '0751R12C1', fileId: '0751R12', createdAt: '2026-03-31T12:00:00', unit: UNIT }
  for (const profile of [ACCOUNT_PROFILE, { ...PARTY_PROFILE, bic: 'NDEADKKK' }]) {
    const xml = writeRecall(header, RECALLED, profile)
    assert.ok(xml.includes('<NbOfTxs>2</NbOfTxs><CtrlSum>3.00</CtrlSum>'))
    assert.equal(xml, writeRecall(header, RECALLED, profile))
    await assertValid(t, 'camt.055.001.08', xml)
  }
})

test('camt.055 asks a whole file back, or a bundle of it', async (t) => {
  const own = { recallId: '0751R12S', fileId: '0751R12', createdAt: '2026-03-31T12:00:00', unit: UNIT }
  const xml = writeFileRecall({ ...own, payments: 2, sum: 300 as Ore, reason: 'TECH' }, ACCOUNT_PROFILE)
  assert.ok(xml.includes('<NbOfTxs>2</NbOfTxs><CtrlSum>3.00</CtrlSum>'))
  assert.ok(xml.includes('<GrpCxl>true</GrpCxl>') && !xml.includes('OrgnlPmtInfAndCxl'))
  await assertValid(t, 'camt.055.001.08', xml)
  const told = { ...own, bundleId: '0751R12U7511', payments: 2, sum: 300 as Ore, reason: 'TECH' }
  const bundle = writeFileRecall(told, ACCOUNT_PROFILE)
  assert.ok(bundle.includes('<OrgnlPmtInfId>0751R12U7511</OrgnlPmtInfId>') && !bundle.includes('GrpCxl>'))
  assert.ok(bundle.includes('<PmtInfCxl>true</PmtInfCxl>'))
  await assertValid(t, 'camt.055.001.08', bundle)
})

test('camt.029: what is said of a payment, and of the recall as a whole', async (t) => {
  const header = { answerId: 'A-1', recallId: '0751R12C1', fileId: '0751R12', createdAt: '2026-03-31T15:00:00' }
  const [one, two] = RECALLED as [(typeof RECALLED)[0], (typeof RECALLED)[0]]
  const cases: [string, string, readonly RecallAnswer[]][] = [
    [
      'in part',
      writeRecallAnswer(header, UNIT.cvr, 'RJCR', [
        { ...one, status: 'ACCR', reason: '' },
        { ...two, status: 'RJCR', reason: 'ARDT' },
      ]),
      [
        { about: 'payment', ref: one.endToEndId, outcome: 'cancelled', reason: '' },
        { about: 'payment', ref: two.endToEndId, outcome: 'refused', reason: 'ARDT' },
        { about: 'recall', ref: '0751R12C1', outcome: 'refused', reason: '' },
      ],
    ],
    [
      'of the whole file',
      writeRecallAnswer(header, UNIT.cvr, 'CNCL', [], 'ACCR'),
      [
        { about: 'file', ref: '0751R12', outcome: 'cancelled', reason: '' },
        { about: 'recall', ref: '0751R12C1', outcome: 'cancelled', reason: '' },
      ],
    ],
    [
      'of the file in part',
      writeRecallAnswer(header, UNIT.cvr, 'CNCL', [{ ...one, status: 'RJCR', reason: 'CUST' }], 'PACR'),
      [
        { about: 'payment', ref: one.endToEndId, outcome: 'refused', reason: 'CUST' },
        { about: 'recall', ref: '0751R12C1', outcome: 'cancelled', reason: '' },
      ],
    ],
    [
      'pending',
      writeRecallAnswer(header, UNIT.cvr, 'PDCR', []),
      [{ about: 'recall', ref: '0751R12C1', outcome: 'pending', reason: '' }],
    ],
  ]
  for (const [name, xml, expected] of cases) {
    const answers: RecallAnswer[] = []
    const reader = recallAnswerReader({ answer: (answer) => answers.push(answer) })
    reader.write(xml)
    assert.equal(reader.finish().whole, true)
    assert.deepEqual(answers, expected, name)
    await assertValid(t, 'camt.029.001.09', xml)
  }
  const torn = recallAnswerReader({ answer: () => undefined })
  torn.write((cases[0] as (typeof cases)[0])[1].slice(0, 700))
  assert.equal(torn.finish().whole, false)
})

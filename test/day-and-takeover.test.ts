/**
 * Sums that a finance officer knows beforehand: a report that lacks seven contributions, a takeover's open claims, and
 * a month beside the old solution. All is reckoned up to the øre, and what differs is named.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { Municipality } from '../src/base/id.ts'
import { checkToldVerb } from '../src/entry/cli/check-told.ts'
import { compareVerb } from '../src/entry/cli/compare.ts'
import { workText } from '../src/entry/text/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { closeWorkItem, readWorkItems } from '../src/modules/work-items/index.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, factFile, mainCard, orderFile, type OrderRecord } from './support/files.ts'
import { leaveOutAtp } from './support/leave-out-atp.ts'
import { monthOf, testLine } from './support/line.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'

interface Benefit {
  readonly system?: 'KP' | 'KY'
  readonly code: string
  readonly citizen: string
  readonly number: number
  readonly ore: number
  readonly setOff?: { readonly claim: string; readonly ore: number }
}

/** KP's is tax-free, so that what is ordered is what is paid. */
function order({ system = 'KP', code, citizen, number, ore, setOff }: Benefit): OrderRecord {
  const kinds = { KP: ['personligt_tillaeg', '32.03.12'], KY: ['kontanthjaelp', '32.24.04'] } as const
  const [benefit, kle] = kinds[system]
  const of = { line_key: '2', kind: 'set_off', amount_ore: setOff?.ore, claim_key: setOff?.claim, from_earmarked: true }
  const more = setOff === undefined ? [] : [of]
  return benefitOrder({ key: `${system}-${number}`, municipality: code, citizen, benefit, kle, ore, more })
}

function reconciled(code: Municipality) {
  return line.loader.transaction([code], (tx) =>
    reconcileMunicipality(tx, code, monthOf(MONTH), line.rates.book.accounts),
  )
}

const LINES = 1_250
const EACH = { eindkomst: LINES, ydelsesrefusion: LINES }
const SEVEN = [3, 178, 179, 600, 911, 1_100, 1_249]
const SEVEN_PERSONS = new Set(SEVEN.map((i) => citizenOf(4_000 + i)))
let mend: () => Promise<void>

async function told(now: string, ...more: string[]) {
  const asked = { dataDir: dirname(line.out), url: line.url, now, user: 'Ida' }
  return await command(checkToldVerb, ['--month', MONTH, '--municipality', '0151', ...more], asked)
}

/** What it says of the municipality, and its exit code. */
async function checked() {
  const { code, out } = await told(NOW, '--json')
  return { code, out, ...JSON.parse(out).municipalities[0] }
}

async function openGaps() {
  const { items } = await line.reader.transaction([151], (tx) => readWorkItems(tx, [151], 100))
  return items.filter((one) => one.kind === 'told_lacks')
}

const NOW = '2026-03-31T18:00:00Z'
const explainOf = (i: number) => `toek explain KY KY-${i} --municipality 0151`

test('of 1,250 lines seven lack their ATP: which, what of it the state refunds, and by when, from the file itself', async () => {
  const orders = Array.from({ length: LINES }, (_, i) =>
    order({ system: 'KY', code: '0151', citizen: citizenOf(4_000 + i), number: i, ore: 1_255_000 }),
  )
  await line.importText(orderFile('KY-0151-1', MONTH, orders), MONTH)
  assert.deepEqual((await checked()).lines, { eindkomst: 0, ydelsesrefusion: 0 }, 'nothing is calculated')
  await line.runMonth(MONTH, [151])
  assert.deepEqual((await reconciled(151)).findings, [])
  const whole = await checked()
  assert.deepEqual([whole.code, whole.lines, await openGaps()], [0, EACH, []])

  const { left, mend: back } = await leaveOutAtp(line, 151, MONTH, SEVEN_PERSONS)
  mend = back
  assert.equal(left, 7 * 29_700)
  // The sums differ: so the run asks line by line, of itself.
  const { reconciliations } = await line.runMonth(MONTH, [151])
  assert.deepEqual(
    reconciliations.flatMap((one) => one.findings).map((one) => [one.what, one.ref, one.detail]),
    [['delivery_differs', 'eindkomst', 'ATP: 371.250,00 kr. her, 369.171,00 kr. hos modtageren']],
  )
  const [gap, ...others] = await openGaps()
  assert.ok(gap !== undefined && others.length === 0)
  assert.deepEqual([gap.owner, gap.subject, gap.amount], ['kommune', 'told 2026-03', left])
  assert.equal(
    workText(gap),
    '2026-03: ATP på 7 linjer, 2.079,00 kr.; statsrefusion 1.386,00 kr. (antaget: først når det er indberettet); frist 2026-03-31 23:59',
  )
})

test('the verb lists the seven with what was told and should be, masked, and ends with 1 until it is told whole', async () => {
  const { code, out, gaps, ...found } = await checked()
  assert.deepEqual([code, found.lines, found.lacking], [1, EACH, { eindkomst: 7, ydelsesrefusion: 0 }])
  assert.deepEqual([found.refund_ore, found.refund_unknown], [7 * 19_800, 0])
  assert.deepEqual([found.deadline, found.deadline_passed], ['2026-03-31T21:59:00+00:00', false])
  const listed = (gaps as Record<string, unknown>[]).map((one) => JSON.stringify(one)).sort()
  const due = SEVEN.map((i) => {
    const person = { type: 'cpr', id: `${citizenOf(4_000 + i).slice(0, 6)}-xxxx` }
    const amounts = { field: 'atp', told_ore: 0, due_ore: 29_700, refund_ore: 19_800 }
    return { receiver: 'eindkomst', person, month: MONTH, benefit: null, ...amounts, explain: [explainOf(i)] }
  })
  assert.deepEqual(listed, due.map((one) => JSON.stringify(one)).sort())
  const shown = await told('2026-04-01T08:00:00Z')
  assert.match(shown.out, /ATP: fortalt 0,00 kr\., skulle være 297,00 kr\.; statsrefusion 198,00 kr\./)
  assert.match(
    shown.out,
    /7 af 1\.250 linjer i eIndkomst og 0 af 1\.250 .*frist for eIndkomst 2026-03-31 23:59, passeret\n$/,
  )
  assert.ok(![...SEVEN_PERSONS].some((cpr) => shown.out.includes(cpr) || out.includes(cpr)))
  assert.equal((await openGaps()).length, 1, 'found again it is one work item')
})

test('a basis with another gross, a file that was changed and one that is gone are told apart', async () => {
  const basis = join(line.out, 'ydelsesrefusion', '0151-2026-03-1.ydelsesrefusion.csv')
  const was = readFileSync(basis, 'utf8')
  const [week] = new RegExp(`^0151;${citizenOf(4_002)};.*$`, 'm').exec(was) ?? ['']
  writeFileSync(basis, was.replace(`${week}\r\n`, ''))
  const { gaps, ...changed } = await checked()
  const one = gaps.at(-1)
  assert.deepEqual(
    [one.field, one.benefit, one.due_ore, one.due_ore - one.told_ore, one.refund_ore, one.explain.length],
    ['reimbursed_gross', 'kontanthjaelp', 1_255_000, Number(week.trim().split(';').at(-1)), null, 1],
  )
  assert.deepEqual([changed.refund_ore, changed.refund_unknown, changed.lacking.ydelsesrefusion], [7 * 19_800, 1, 1])
  assert.deepEqual(changed.unread, [{ file: 'ydelsesrefusion/0151-2026-03-1.ydelsesrefusion.csv', why: 'changed' }])
  rmSync(basis)
  const gone = await checked()
  assert.deepEqual([gone.lines.ydelsesrefusion, gone.lacking.eindkomst, gone.unread[0].why], [0, 7, 'missing'])
  writeFileSync(basis, was)
})

test('told by hand it is closed with a reason and stays so; a report that is whole closes it by itself', async () => {
  await told(NOW)
  const act = { municipality: 151, kind: 'told_lacks', subject: 'told 2026-03', by: 'Ida', at: NOW }
  await line.loader.transaction([151], (tx) => closeWorkItem(tx, { ...act, reason: 'Indberettet i TastSelv' }))
  assert.deepEqual([(await told(NOW)).code, await openGaps()], [1, []])
  await mend()
  assert.equal((await told(NOW)).code, 0)
  assert.deepEqual([await openGaps(), (await reconciled(151)).findings], [[], []])
})

test('214 claims of a takeover are the source’s total to the øre, and the first set-offs take from them', async () => {
  const CLAIMS = 214
  const owed = (i: number) => 10_000 + ((i * 7_919) % 250_000)
  const claims = Array.from({ length: CLAIMS }, (_, i) => ({
    record: 'claim_opening',
    claim_key: `KP-F-${i}`,
    municipality: '0147',
    debtor: { type: 'cpr', id: citizenOf(2_000 + i) },
    benefit: 'personligt_tillaeg',
    period: { from: '2025-11-01', to: '2025-12-01' },
    amount_ore: owed(i),
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }))
  const total = claims.reduce((sum, claim) => sum + claim.amount_ore, 0)
  const taken = await line.importText(factFile('FAKTA-0147-1', '0147', MONTH, claims), MONTH)
  assert.deepEqual([taken.accepted, taken.refused.length], [CLAIMS, 0])
  const standing = async () => {
    const { clearing, findings } = await reconciled(147)
    assert.deepEqual(findings, [])
    return clearing
      .filter((row) => row.purpose === 'claims' && row.open_items > 0)
      .map((row) => [row.source_system, row.balance_ore, row.explained_ore, row.open_items])
  }
  assert.deepEqual(await standing(), [['KP', total, total, CLAIMS]])
  const again = await line.importText(factFile('FAKTA-0147-2', '0147', MONTH, claims.slice(0, 1)), MONTH)
  assert.deepEqual(
    again.refused.map((one) => one.faults[0]?.code),
    ['claim_known'],
  )
  // The first ten pay 500 kr. each, or what is left when that is less.
  const orders = claims.slice(0, 10).map(({ claim_key, debtor }, i) => {
    const setOff = { claim: claim_key, ore: 50_000 }
    return order({ code: '0147', citizen: debtor.id, number: i, ore: 200_000, setOff })
  })
  await line.importText(orderFile('KP-0147-1', MONTH, orders), MONTH)
  await line.runMonth(MONTH, [147])
  const paid = claims.slice(0, 10).map((claim) => Math.min(50_000, claim.amount_ore))
  const left = total - paid.reduce((sum, ore) => sum + ore, 0)
  const closed = claims.slice(0, 10).filter((claim) => claim.amount_ore <= 50_000).length
  assert.ok(closed > 0, 'one is paid whole')
  assert.deepEqual(await standing(), [['KP', left, left, CLAIMS - closed]])
})

const folder = mkdtempSync(join(tmpdir(), 'toek-compare-'))
after(() => rmSync(folder, { recursive: true }))

async function compare(records: readonly unknown[], ...more: string[]) {
  const path = join(folder, 'old.ndjson')
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  const asked = { dataDir: folder, url: line.url, now: '2026-03-02T00:00:00Z', user: 'Ida' }
  return await command(compareVerb, ['--month', MONTH, '--with', path, ...more], asked)
}

const PERIOD = { from: '2026-03-01', to: '2026-04-01' }
const KY = { source_system: 'KY', benefit: 'kontanthjaelp' }
const KP = { source_system: 'KP', benefit: 'personligt_tillaeg' }

type Amounts = readonly [gross: number, ownAtp: number, tax: number, net: number]
/** 12.550 kr. with a hovedkort of 38 % and 4.600 kr.; and by a card of 4.000 kr. */
const AS_OURS: Amounts = [1_255_000, 9_900, 298_300, 946_800]
const BY_OLD_CARD: Amounts = [1_255_000, 9_900, 321_100, 924_000]

function paid(citizen: string, [gross, atp, tax, net]: Amounts, benefit = KY) {
  const person = { type: 'cpr', id: citizen }
  const amounts = { gross_ore: gross, own_atp_ore: atp, tax_ore: tax, net_ore: net }
  return { municipality: '0153', month: MONTH, person, period: PERIOD, ...benefit, ...amounts }
}

const SIX = Array.from({ length: 6 }, (_, i) => citizenOf(6_000 + i))
const six = (at: number) => SIX[at] as string

function cardOf(cpr: string) {
  return mainCard('0153', cpr, line.rates.municipality(153).cvr, '2027-01-01')
}

/** Up to the approval: three of KY; of KP one that is held, and one that is 500 kr. beyond what the old system paid. */
async function monthBesideTheOld(): Promise<void> {
  const base = {
    record: 'paid_before',
    municipality: '0153',
    ...KP,
    order_key: 'KP-4',
    line_key: '1',
    case_key: 'SAG-4',
    decision: { key: 'A-4', date: '2026-03-01' },
    beneficiary: { type: 'cpr', id: six(4) },
    component: 'ydelse',
    period: PERIOD,
    quantity: { unit: 'month', value: '1' },
    kle: '32.03.12',
    gross_ore: 300_000,
    own_atp_ore: 0,
    am_ore: 0,
    tax_ore: 0,
    net_ore: 300_000,
    disposition_date: '2026-03-10',
  }
  const takeover = { record: 'takeover', municipality: '0153', source_system: 'KP', date: '2026-03-15' }
  const told = await line.importText(
    factFile('FAKTA-0153-1', '0153', MONTH, [takeover, base, ...SIX.map(cardOf)]),
    MONTH,
  )
  assert.deepEqual(told.refused, [])
  const of = (system: 'KY' | 'KP', i: number, ore: number) =>
    order({ system, code: '0153', citizen: six(i), number: i, ore })
  const ky = [0, 1, 2].map((i) => of('KY', i, 1_255_000))
  await line.importText(orderFile('KY-0153-1', MONTH, ky), MONTH)
  const kp = await line.importText(orderFile('KP-0153-1', MONTH, [of('KP', 3, 200_000), of('KP', 4, 350_000)]), MONTH)
  assert.equal(kp.accepted, 2)
  await line.runMonth(MONTH, [153], 'waits')
}

const RAISED = paid(six(4), [50_000, 0, 0, 50_000], KP)

test('a month beside the old solution: what differs by field, what one alone knows, and where to look', async () => {
  await monthBesideTheOld()
  const half = AS_OURS.map((ore) => ore / 2) as unknown as Amounts
  const records = [
    paid(six(0), half),
    paid(six(0), half),
    paid(six(1), BY_OLD_CARD),
    paid(six(3), [200_000, 0, 0, 200_000], KP),
    paid(six(5), [99_000, 0, 0, 99_000], KP),
    RAISED,
  ]
  const { code, out } = await compare(records, '--json')
  const found = JSON.parse(out)
  const { equal, different, only_ours, only_theirs, not_listed } = found
  assert.deepEqual([code, equal, different, only_ours, only_theirs, not_listed], [1, 2, 1, 1, 2, 0])
  type Row = Record<string, unknown> & { person: { id: string }; fields: Record<string, unknown>[]; period: unknown }
  const listed = (found.differences as Row[]).map(({ person, fields, period, municipality, ...one }) => {
    assert.deepEqual([period, municipality], [PERIOD, '0153'])
    return { ...one, person: person.id, fields: fields.map((field) => Object.values(field)) }
  })
  const masked = (at: number) => `${six(at).slice(0, 6)}-xxxx`
  const where = (key: string) => [`toek explain ${key} --municipality 0153`]
  const both = (ore: number) => [
    ['gross_ore', 0, ore],
    ['net_ore', 0, ore],
  ]
  const byCard = [
    ['tax_ore', 298_300, 321_100],
    ['net_ore', 946_800, 924_000],
  ]
  const whole = [
    ['gross_ore', 1_255_000, 0],
    ['own_atp_ore', 9_900, 0],
    ['tax_ore', 298_300, 0],
    ['net_ore', 946_800, 0],
  ]
  assert.deepEqual(listed, [
    { outcome: 'different', ...KY, person: masked(1), fields: byCard, lines: [3], explain: where('KY KY-1') },
    { outcome: 'only_ours', ...KY, person: masked(2), fields: whole, lines: [], explain: where('KY KY-2') },
    // Held: nothing is calculated, and the order says why.
    { outcome: 'only_theirs', ...KP, person: masked(3), fields: both(200_000), lines: [4], explain: where('KP KP-3') },
    { outcome: 'only_theirs', ...KP, person: masked(5), fields: both(99_000), lines: [5], explain: [] },
  ])
  const [tillaeg, hjaelp] = found.benefits
  assert.deepEqual([tillaeg.benefit, tillaeg.ours.net_ore, tillaeg.theirs.net_ore], [KP.benefit, 50_000, 349_000])
  assert.deepEqual([hjaelp.ours.net_ore, hjaelp.theirs.net_ore], [3 * 946_800, 946_800 + 924_000])
  const text = (await compare(records)).out
  assert.match(text, /-xxxx kontanthjaelp marts 2026: forskellige, filens linje 3\n {2}A-skat: TØK 2\.983,00 kr\., /)
  assert.match(text, /I alt: 2 ens, 1 forskellige, 1 kun i TØK, 2 kun i filen\n$/)
  assert.ok(!SIX.some((cpr) => text.includes(cpr) || out.includes(cpr)), 'no whole citizen number')
})

test('two months that agree end with 0, before the release and after; what the file is not about is left out', async () => {
  const agreed = [...[0, 1, 2].map((i) => paid(six(i), AS_OURS)), RAISED]
  const before = await compare(agreed)
  assert.equal(before.code, 0)
  assert.match(before.out, /I alt: 4 ens, 0 forskellige, 0 kun i TØK, 0 kun i filen\n$/)
  // Another card before the release: what was calculated by the first is paid to nobody.
  const card = { ...cardOf(six(1)), allowance_month_ore: 400_000, valid_from: '2026-03-01' }
  const told = await line.importText(factFile('FAKTA-0153-2', '0153', MONTH, [card]), MONTH)
  assert.deepEqual(told.refused, [])
  await line.runMonth(MONTH, [153])
  agreed[1] = paid(six(1), BY_OLD_CARD)
  const after = await compare(agreed)
  assert.deepEqual([after.code, after.out.split('\n').at(-2)], [0, before.out.split('\n').at(-2)])
  assert.equal((await compare([RAISED])).code, 0, 'a file of KP says nothing of KY')
  const other = { ...RAISED, municipality: '0155' }
  const narrowed = JSON.parse((await compare([RAISED, other], '--municipality', '0153', '--json')).out)
  assert.deepEqual([narrowed.lines, narrowed.passed_over, narrowed.equal, narrowed.only_theirs], [2, 1, 1, 0])
})

test('a file of the old solution that cannot be read is refused whole, with line and field of every fault', async () => {
  const good = paid(six(0), AS_OURS)
  const bad = { ...good, month: '2026-02', netto: 1, person: { type: 'cpr', id: '1' } }
  await assert.rejects(compare([good, bad, 'x', { ...good, net_ore: 946_801 }]), (error: Error) => {
    assert.deepEqual(
      error.message.split('\n').map((one) => one.split(':')[0]),
      [
        'line 2 /netto unknown_field',
        'line 2 /month unknown_value',
        'line 2 /person/id cpr_invalid',
        'line 3  not_an_object',
        'line 4 /gross_ore old_payment_unbalanced',
      ],
    )
    return true
  })
  await assert.rejects(compare([]), { code: 'faults', message: /tells no payment/ })
})

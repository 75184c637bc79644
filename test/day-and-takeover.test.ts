/**
 * Sums that a finance officer knows beforehand: a day of payments of which the rail refuses two, a report that lacks
 * seven contributions, and a takeover's open claims. All is reckoned up to the øre, and what differs is named.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect } from '../src/base/db.ts'
import type { Municipality } from '../src/base/id.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { checkTold } from './support/check-told.ts'
import { benefitOrder, citizenOf, factFile, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'
const COST = '5.48.67.1.006'

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

/** What the files to the ERP debit an account by. */
function toldErp(code: string, account: string): number {
  let sum = 0
  const files = readdirSync(line.out, { recursive: true }).map(String)
  for (const name of files.filter((one) => one.endsWith('.g69.txt') && one.includes(`${code}-`))) {
    const text = readFileSync(join(line.out, name), 'latin1')
    for (const [, told, ore, sign, side] of text.matchAll(/&111([^&]*)&112(\d+)([ -])&113([DK])/g)) {
      if (told === account) sum += Number(ore) * (sign === '-' ? -1 : 1) * (side === 'D' ? 1 : -1)
    }
  }
  return sum
}

const ALL = 1_184_230_000
const REFUSED = 1_894_200

test('1,250 payments of 11,842,300.00, two of 18,942.00 refused: bank and ERP differ by the return account alone', async () => {
  const orders = Array.from({ length: 1250 }, (_, i) => {
    const ore = i < 2 ? REFUSED / 2 : i === 2 ? 928_000 : 947_400
    return order({ code: '0101', citizen: citizenOf(i, i < 2 ? '9907' : undefined), number: i, ore })
  })
  const file = orderFile('KP-0101-1', MONTH, orders)
  assert.equal((await line.importText(file, MONTH)).accepted, 1250)
  await line.runMonth(MONTH, [101])
  const { totals, clearing, findings, compared } = await reconciled(101)
  assert.deepEqual(findings, [])
  assert.deepEqual([totals.net_ore, totals.bank_ore], [ALL, ALL - REFUSED])
  assert.deepEqual([totals.payments_sent, totals.payments_accepted, totals.payments_returned], [1250, 1248, 2])
  assert.equal(toldErp('0101', COST), ALL, 'the ERP has the whole cost')
  const open = clearing.filter((row) => row.balance_ore !== 0 || row.explained_ore !== 0)
  assert.deepEqual(
    open.map((row) => [row.purpose, row.balance_ore, row.explained_ore, row.open_items]),
    [['returned', -REFUSED, -REFUSED, 2]],
  )
  for (const { what, ours, theirs } of compared) assert.equal(ours, theirs, what)
  await checkTold(line, [101])
})

test('a report that lacks the ATP of seven of its lines is found, with what is missing', async () => {
  const orders = Array.from({ length: 50 }, (_, i) =>
    order({ system: 'KY', code: '0151', citizen: citizenOf(4_000 + i), number: i, ore: 1_255_000 }),
  )
  await line.importText(orderFile('KY-0151-1', MONTH, orders), MONTH)
  await line.runMonth(MONTH, [151])
  assert.deepEqual((await reconciled(151)).findings, [])
  // 99 kr. and 198 kr. of each; the report's own totals are of what was written.
  const [told, short] = [50 * 29_700, 7 * 29_700]
  const owner = await connect(line.url, undefined)
  await owner.db.run(
    `update deliveries set totals = totals || jsonb_build_object('atp_ore', ((totals->>'atp_ore')::bigint - $1)::text)
     where municipality_code = 151 and kind = 'eindkomst'`,
    [short],
  )
  await owner.close()
  const { findings } = await reconciled(151)
  assert.deepEqual(
    findings.map((one) => [one.what, one.ref, one.detail]),
    [['delivery_differs', 'eindkomst', `ATP: ${told} and ${told - short}`]],
  )
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

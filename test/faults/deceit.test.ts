/** Negative controls: rail and bank do wrong on purpose, and the run must end with exit 1 and name what is wrong. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Closing, closingOf, type Month, outcome, run, smallMonth } from './month.ts'
import { cleanUp, fakePayments, newPlace, startFake } from './program.ts'

interface Bundle {
  readonly id: string
  readonly municipality: number
  readonly ore: number
  readonly payment: string
}

let month: Month
let bundles: Bundle[]
before(async () => {
  month = await smallMonth(120)
  const place = await newPlace('honest')
  await startFake(place)
  outcome(place, await run(place, month))
  const sums = new Map<string, Bundle>()
  for (const { bundle: id, amount_ore: ore, end_to_end_id: payment } of await fakePayments(place)) {
    sums.set(id, { id, municipality: Number(id.slice(0, 4)), ore: (sums.get(id)?.ore ?? 0) + ore, payment })
  }
  bundles = [...sums.values()]
})
after(cleanUp)

/** A run of the same month with a rail that misbehaves. */
async function deceived(misdeed: Record<string, unknown>): Promise<Closing> {
  const place = await newPlace('deceit')
  const fake = await startFake(place)
  await fake.post('/misbehave', misdeed)
  const ended = await run(place, month)
  const closing = closingOf(ended)
  assert.equal(ended.code, 1, JSON.stringify(closing.findings))
  return closing
}

/** The findings, all of one municipality: the other one's month is explained. */
function foundIn(closing: Closing, municipality: number): string[] {
  for (const finding of closing.findings) assert.equal(finding.municipality, municipality, JSON.stringify(finding))
  return closing.findings.map((finding) => `${finding.what} ${finding.ref} ${finding.detail}`)
}

/** A bundle none of whose payments go astray, so that the misdeed is all that is wrong with it. */
function plainBundle(municipality: number): Bundle {
  const bundle = bundles.findLast((one) => one.municipality === municipality)
  assert.ok(bundle !== undefined)
  return bundle
}

test('an answer that never comes is named by its payment', async () => {
  const { payment, municipality } = plainBundle(825)
  const found = foundIn(await deceived({ drop_answer: payment }), municipality)
  assert.equal(found.length, 1)
  assert.match(found[0] as string, new RegExp(`^answer_missing ${payment} `))
})

/** Municipality 825's bank books each payment, 741's books a bundle as one line. */
const BOOKED = [
  {
    municipality: 741,
    how: 'a bundle',
    line: (bundle: Bundle) => ({ bundle_id: bundle.id }),
    name: (bundle: Bundle) => bundle.id,
  },
  {
    municipality: 825,
    how: 'a payment',
    line: (bundle: Bundle) => ({ end_to_end_id: bundle.payment }),
    name: (bundle: Bundle) => bundle.payment,
  },
] as const

for (const { municipality, how, line, name } of BOOKED) {
  test(`one øre more on ${how}, in a statement that agrees with itself, is found and named`, async () => {
    const bundle = plainBundle(municipality)
    const closing = await deceived({ change_ore: { ...line(bundle), by: 1, consistent: true } })
    const found = foundIn(closing, municipality)
    assert.ok(
      found.some((text) => text.startsWith(`bank_line_unmatched ${name(bundle)} `)),
      found.join('\n'),
    )
    assert.ok(
      found.some((text) => text.startsWith('bank_line_missing ')),
      found.join('\n'),
    )
    assert.equal(closing.unexplained_ore, 0, 'the wrong line lies on its own account, with its open item')
  })

  test(`one øre more on ${how}, in a statement that contradicts itself: the statement is named`, async () => {
    const closing = await deceived({ change_ore: { ...line(plainBundle(municipality)), by: 1, consistent: false } })
    const found = foundIn(closing, municipality)
    const statement = new RegExp(` camt053-9999000000${municipality}\\d-2026-0\\d-\\d\\d\\.xml `)
    assert.ok(
      found.some((text) => statement.test(text)),
      found.join('\n'),
    )
  })

  test(`${how} that is left out of a statement is found and named`, async () => {
    const bundle = plainBundle(municipality)
    const closing = await deceived({ delete_entry: { ...line(bundle), consistent: municipality === 825 } })
    const found = foundIn(closing, municipality)
    assert.ok(
      found.some((text) => text.startsWith(`bank_line_missing ${bundle.payment} `)),
      found.join('\n'),
    )
  })
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/database.ts'
import { builtInRateBook } from '../../modules/rates/index.ts'
import { referenceOf } from '../reference.ts'
import { lawVerb } from './law.ts'
import type { Verb } from './verbs.ts'
import { whatIfVerb } from './what-if.ts'
import type { World } from './world.ts'

const { url } = await testDatabase({ reference: referenceOf(builtInRateBook()) })
const dataDir = mkdtempSync(join(tmpdir(), 'toek-law-verb-'))
after(() => rmSync(dataDir, { recursive: true }))

async function toek(verb: Verb, ...args: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const world = {
    settings: { dataDir, databaseUrl: url },
    out: (text: string) => (out += text) !== '',
    err: { write: () => true },
    // Half past midnight in Denmark, on 2 March.
    now: () => Date.UTC(2026, 2, 1, 23, 30),
    pid: 1,
    user: 'anna',
  } as unknown as World
  return { code: await verb.run(world, args), out }
}

const law = (...args: string[]) => toek(lawVerb, ...args)

function file(value: unknown): string {
  const path = join(dataDir, 'law.json')
  writeFileSync(path, JSON.stringify(value))
  return path
}

const PENSION = {
  name: 'Pension 2026',
  legal_source: 'LOV nr 999 af 01/02/2026 § 2',
  effective_from: '2026-04-01',
  changes: [{ kind: 'rate', name: 'obligatory_pension', rate_percent: '3' }],
}

test('from a file to the book: entered, tried, approved by another person, shown with its legal source', async () => {
  assert.deepEqual(await law('list'), { code: 0, out: 'Ingen lovændringer er indtastet.\n' })
  const entered = await law('enter', file(PENSION))
  assert.equal(entered.code, 3)
  assert.match(entered.out, /1 {2}Pension 2026, fra 2026-04-01\n.*anna\n.*toek law test 1 --municipality all/)
  await assert.rejects(law('enter', file(PENSION)), { code: 'law_entered', message: /as change 1/ })
  const tried = await law('test', '1', '--municipality', '0751')
  assert.equal(tried.code, 3)
  assert.match(tried.out, /Fra 2026-04-01 gælder[\s\S]*Indtil en anden person har godkendt den, ændres intet/)
  assert.match(tried.out, /I alt: 0 poster ændres[\s\S]*Godkend: toek law approve 1 --items 0 --net=0/)
  await assert.rejects(law('approve', '1', '--items', '0', '--net=0'), { code: 'four_eyes' })
  await assert.rejects(law('approve', '1'), { code: 'usage' })
  const rate = async (...args: string[]) =>
    (await law('rates', '--on', '2026-04-01', ...args)).out.split('\n').find((row) => row.includes('pension'))
  assert.match((await rate()) ?? '', /2,1 % .*§ 80 c/)
  const approved = await law('approve', '1', '--items', '0', '--net=0', '--by', 'bente')
  assert.equal(approved.code, 0)
  assert.match(approved.out, /godkendt 2026-03-02 af bente/)
  assert.deepEqual(await law('apply', '--municipality', 'all'), {
    code: 0,
    out: 'Intet skal flyttes: alt står, som de godkendte lovændringer siger.\n',
  })
  assert.match((await rate()) ?? '', /3 % .*LOV nr 999 af 01\/02\/2026 § 2 \(Pension 2026\)/)
  assert.match((await rate('--known-on', '2026-03-01')) ?? '', /2,1 %/)
  const listed = JSON.parse((await law('list', '--json')).out) as { laws: { approved: unknown; tested: object }[] }
  assert.deepEqual(listed.laws[0]?.approved, { number: 1, at: '2026-03-01T23:30:00.000Z', by: 'bente' })
  assert.equal((await law('list', '--known-on', '2026-03-01')).out, 'Ingen lovændringer er indtastet.\n')
})

test('a file that cannot be read is refused with every fault and its place; a number that is not known too', async () => {
  const wrong = { ...PENSION, legal_source: '', changes: [{ kind: 'rate', name: 'moms', rate_percent: '25' }] }
  await assert.rejects(law('enter', file(wrong)), {
    code: 'change_invalid',
    message: /\/legal_source: [\s\S]*\/changes\/0\/name: one of/,
  })
  await assert.rejects(law('enter', file({ ...PENSION, changes: [] })), { code: 'change_invalid' })
  await assert.rejects(law('approve', '7', '--items', '0', '--net=0'), { code: 'law_unknown' })
  await assert.rejects(law('enter', join(dataDir, 'none.json')), { code: 'no_file' })
  await assert.rejects(law('rates', '--on', 'i dag'), { message: /--on is a date/ })
})

test('whatif takes a list of changes or the file of a law, or none', async () => {
  for (const args of [[], [file(PENSION)], [file([{ ...PENSION.changes[0], from: '2026-01-01' }])]]) {
    const { code, out } = await toek(whatIfVerb, ...args, '--municipality', '0751')
    assert.equal(code, 0)
    assert.match(out, /^0 beregnede poster regnet igen/)
  }
})

test('rates are shown with their source in Danish, and with «antaget» where JSON says assumed', async () => {
  const { out } = await toek(lawVerb, 'rates', '--on', '2026-04-01')
  assert.doesNotMatch(out, /\b(without|allowance|when|from|later|found|smallest|hour|nearest|with)\b/)
  const { rates } = JSON.parse((await toek(lawVerb, 'rates', '--on', '2026-04-01', '--json')).out) as {
    rates: { assumed: boolean }[]
  }
  const marked = out
    .trimEnd()
    .split('\n')
    .map((row) => row.endsWith(' (antaget)'))
  assert.deepEqual(
    marked,
    rates.map((one) => one.assumed),
  )
  assert.ok(marked.includes(true) && marked.includes(false))
})

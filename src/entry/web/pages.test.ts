import assert from 'node:assert/strict'
import { connect } from '../../base/db.ts'
import { dayOf } from '../../base/date.ts'
import { ore } from '../../base/money.ts'
import test from 'node:test'
import fc from 'fast-check'
import fastify from 'fastify'
import { readSpecification, type Specification } from '../../modules/overview/index.ts'
import { loadAssets } from './assets.ts'
import { type Closing, readClosing } from '../closing.ts'
import { layout } from './layout.ts'
import { explainPage } from './pages/explain.ts'
import { monthPage } from './pages/month.ts'
import { searchPage } from './pages/search.ts'
import { openReader } from './reader.ts'
import { type PageDeps, registerPages } from './routes.ts'
import { AARHUS, exampleMonth, NASTY, PEOPLE } from './testing.ts'

const example = await exampleMonth()
const reader = openReader(example.url)
const assets = loadAssets()
const faults: unknown[] = []

const HALF_FILE = {
  what: 'half_file',
  ref: 'NKS-0751R8-5.xml',
  detail: 'the file ends before its root element is closed',
}

function pages(more: Partial<PageDeps> = {}) {
  const app = fastify()
  registerPages(app, {
    mode: 'demo',
    reader,
    rates: example.rates,
    now: () => '2026-04-10T09:00:00Z',
    onFault: (error) => faults.push(error),
    async readClosing(db, municipality, month): Promise<Closing> {
      const made = await readClosing(db, [municipality], month, example.rates)
      const nasty = { municipality, what: NASTY, ref: NASTY, detail: NASTY }
      return {
        ...made,
        findings: [nasty, { municipality, ...HALF_FILE }, ...made.findings],
        compared: [{ what: NASTY, with: NASTY, ours: 1, theirs: 2, agrees: false }, ...made.compared],
      }
    },
    ...more,
  })
  return app
}

const app = pages()
test.after(async () => {
  await app.close()
  await reader.close()
})

const VOID = new Set(['meta', 'link', 'input', 'br', 'rect', 'line'])

/** Tags that open are closed, in order; ids are used once; what points at an id finds it; nothing that runs. */
function checkHtml(markup: string): void {
  assert.ok(markup.startsWith('<!doctype html>\n<html lang="da">'))
  const open: string[] = []
  const ids: string[] = []
  const wanted: string[] = []
  for (const [, close, name = '', rest = ''] of markup
    .slice(15)
    .matchAll(/<(\/?)([a-z0-9]+)((?:[^<>"]|"[^"<>]*")*)>/g)) {
    assert.ok(!['script', 'style', 'iframe', 'object'].includes(name), name)
    assert.doesNotMatch(rest.replaceAll(/"[^"]*"/g, '""'), /\s(on\w+|style)=/, rest)
    if (close === '/') assert.equal(open.pop(), name, rest)
    else if (!VOID.has(name)) open.push(name)
    for (const [, key, value = ''] of rest.matchAll(/([a-z-]+)="([^"]*)"/g)) {
      if (key === 'id') ids.push(value)
      else if (key === 'for' || key === 'aria-labelledby' || key === 'aria-describedby')
        wanted.push(...value.split(' '))
    }
    if (name === 'input' || name === 'select') if (close === '') assert.match(rest, /\sid="/)
    if (name === 'th' && close === '') assert.match(rest, /scope="(col|row)"/)
  }
  assert.deepEqual(open, [])
  assert.equal(new Set(ids).size, ids.length, `an id twice: ${ids.join(' ')}`)
  for (const id of wanted) assert.ok(ids.includes(id), `nothing has the id ${id}`)
  // Every < and > of the page belongs to one of the tags above.
  const text = markup.slice(15).replaceAll(/<(\/?)([a-z0-9]+)((?:[^<>"]|"[^"<>]*")*)>/g, '')
  assert.doesNotMatch(text, /[<>]/)
  assert.equal(markup.match(/<h1[ >]/g)?.length, 1)
  assert.equal(markup.match(/<main[ >]/g)?.length, 1)
  assert.match(markup, /<a class="skipnav" href="#main-content">/)
  const tables = markup.match(/<table class="table table--compact/g)?.length ?? 0
  assert.equal(markup.match(/<caption>/g)?.length ?? 0, tables)
}

async function get(url: string, more: { app?: typeof app; headers?: Record<string, string> } = {}) {
  const answer = await (more.app ?? app).inject({ url, headers: { host: 'localhost', ...more.headers } })
  if (String(answer.headers['content-type']).startsWith('text/html')) checkHtml(answer.body)
  return answer
}

const accountOf = (key: string) => `/kommuner/0751/konti/${example.rates.account(key).number}`

test('every page is whole HTML with escaped text, masked citizens and a policy that lets nothing run', async () => {
  const urls = [
    '/',
    '/?kommune=0751&maaned=2026-03',
    ...['KY-1', 'KY-2', 'KY-5', 'KSD-1', 'KP-1'].map((key) => `/betalinger/${example.paymentOf(key)}`),
    ...['KY-1', 'KY-2', 'KY-3', 'KY-4'].map((key) => `/kommuner/0751/ordrer/KY/${key}`),
    ...['rail', 'returned', 'a_skat:KY', 'claims:KY', 'net_payable:KY'].map(accountOf),
    '/soeg',
    `/soeg?q=${encodeURIComponent(NASTY)}`,
  ]
  for (const url of urls) {
    const answer = await get(url)
    assert.equal(answer.statusCode, 200, `${url} ${String(faults)}`)
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/)
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.doesNotMatch(answer.body, /\b\d{6}-?\d{4}\b/, 'a whole citizen number')
    assert.doesNotMatch(answer.body, /<script|alert\('x'\)|<b onclick/)
  }
  assert.deepEqual(faults, [])
})

test('the month says what is explained, what is held and what came back, with links to why', async () => {
  const { body } = await get('/?kommune=0751&maaned=2026-03')
  assert.match(body, /Månedsoversigt marts 2026/)
  assert.match(body, /href="\/kommuner\/0751\/ordrer\/KY\/KY-3\?udgave&#61;1"/)
  assert.match(body, new RegExp(`href="/betalinger/${example.paymentOf('KY-2')}"`))
  assert.match(body, /kontoen er lukket \(AC04\)/)
  assert.match(body, /Demo\./)
  assert.match(body, /planlægger/)
  assert.match(body, /<li>Filen NKS-0751R8-5\.xml er ikke kommet hel: /)
  assert.doesNotMatch(body, /half_file|root element/)
})

test('why: the payment page says each step in words and draws it', async () => {
  const { body } = await get(`/betalinger/${example.paymentOf('KY-1')}`)
  assert.match(body, /38 % af 7\.899,00 kr\. \(efter fradrag på 4\.500,00 kr\. fra dit hovedkort\)/)
  assert.match(body, /modregnet i fordring KY-F-9\. Der er 1\.500,00 kr\. tilbage/)
  assert.match(body, /<svg viewBox="0 0 360/)
  assert.match(body, /CPR 610385-xxxx/)
})

test('search finds a payment, an order, nothing, and takes no citizen numbers', async () => {
  const payment = example.paymentOf('KY-1')
  assert.equal((await get(`/soeg?q=${payment}`)).headers.location, `/betalinger/${payment}`)
  assert.equal((await get('/soeg?q=KY-1')).headers.location, '/kommuner/0751/ordrer/KY/KY-1')
  assert.match((await get('/soeg?q=ukendt')).body, /Intet fundet/)
  const cpr = await get(`/soeg?q=${PEOPLE.main}`)
  assert.match(cpr.body, /Søg ikke på CPR-numre/)
  assert.ok(!cpr.body.includes(PEOPLE.main))
})

test('what is out of scope looks exactly like what is not there', async () => {
  const narrow = pages({ session: () => ({ actor: 'planlægger', municipalities: [101] }) })
  const missing = await get('/betalinger/0101R99N1', { app: narrow })
  assert.equal(missing.statusCode, 404)
  for (const url of [
    `/betalinger/${example.paymentOf('KY-1')}`,
    '/kommuner/0751/ordrer/KY/KY-1',
    '/?kommune=0751&maaned=2026-03',
  ]) {
    const answer = await get(url, { app: narrow })
    assert.equal(answer.statusCode, 404, url)
    assert.equal(answer.body, missing.body)
  }
  assert.match((await get('/', { app: narrow })).body, /Der er ingen ordrer endnu/)
  assert.match((await get('/soeg?q=KY-1', { app: narrow })).body, /Intet fundet/)
  await narrow.close()
})

test('demo pages answer this machine only; outside demo nobody is logged in yet', async () => {
  assert.equal((await get('/', { headers: { host: 'evil.example' } })).statusCode, 403)
  const remote = await app.inject({ url: '/', headers: { host: 'localhost' }, remoteAddress: '192.0.2.7' })
  assert.equal(remote.statusCode, 403)
  const operation = pages({ mode: 'operation' })
  const answer = await get('/', { app: operation })
  assert.equal(answer.statusCode, 401)
  assert.doesNotMatch(answer.body, /Demo\./)
  await operation.close()
})

test('addresses that are wrong give a page, never a fault', async () => {
  const wrong = [
    '/?kommune=abc',
    '/?kommune=0751&maaned=2026-13',
    '/?maaned=1999-01',
    '/betalinger/x',
    '/kommuner/0751/ordrer/XX/KY-1',
    '/kommuner/0751/ordrer/KY/KY-1?udgave=-1',
    '/kommuner/9999/ordrer/KY/KY-1',
    '/kommuner/0751/ordrer/KY/KY-1?udgave=99999999999999',
  ]
  for (const url of wrong) assert.equal((await get(url)).statusCode, 404, url)
  assert.deepEqual(faults, [])
})

test('style, fonts and icons come from here, may be kept for a year, and nothing else can be had', async () => {
  const { body } = await get('/')
  for (const [, url = ''] of body.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)) {
    const answer = await app.inject({ url })
    assert.equal(answer.statusCode, 200, url)
    assert.match(String(answer.headers['cache-control']), /max-age=31536000, immutable/)
  }
  const own = assets.files.get(assets.ownCss.replace('/assets/', ''))?.body.toString() ?? ''
  const font = /url\("([^"]+)"\)/.exec(own)?.[1]
  assert.ok(font !== undefined && assets.files.has(font), font)
  for (const url of ['/assets/../package.json', '/assets/%2e%2e/package.json', '/assets//etc/passwd', '/assets/']) {
    assert.equal((await app.inject({ url })).statusCode, 404, url)
  }
})

/** A month of which nothing is told. */
const zero = {
  runs: [],
  held: [],
  heldTotal: 0,
  returned: [],
  returnedTotal: 0,
  overpaid: [],
  overpaidTotal: 0,
  work: [],
  workTotal: 0,
  overpaidOre: ore(0),
  small: [],
  smallTotal: 0,
  yearEnd: [],
  newPayees: { listed: [], total: 0 },
  findings: [],
  findingsTotal: 0,
  policies: [],
}

test('the month lists what is overpaid with its cause, small amounts, and what the first of January makes of open claims', () => {
  const small = {
    source: 'KY',
    orderKey: 'KY-1',
    version: 2,
    benefitName: 'kontanthjælp',
    since: '2026-11-01',
  } as const
  const line = { item: 65, at: 65, lineKey: '1', benefit: 'kontanthjaelp', instalments: null, instalment: null }
  const period = { from: dayOf(2026, 10, 1), to: dayOf(2026, 11, 1) }
  const overview = {
    ...zero,
    overpaid: [{ ...small, ...line, ...period, place: 'overpaid', cause: 'ended', gross: ore(300_000) }],
    overpaidTotal: 1,
    overpaidOre: ore(300_000),
    small: [
      { ...small, treatment: 'gathered', amount: ore(1_200) },
      { ...small, treatment: 'suppressed', amount: ore(900) },
    ],
    smallTotal: 2,
    yearEnd: [{ source: 'KY', claimKey: 'KY-F-1', left: ore(136_000), gross: ore(219_355), on: dayOf(2027, 1, 1) }],
  } as const
  const choice = { municipality: AARHUS, name: 'Aarhus' }
  const view = { municipality: choice, choices: [choice], months: [], month: dayOf(2026, 11, 1), closing: undefined }
  const approvedUntil = dayOf(2026, 10, 30)
  const body = layout({ assets, demo: true }, monthPage({ icons: assets.icons, ...view, approvedUntil, overview }))
  assert.match(body, /Dagene er godkendt til og med 30\. oktober 2026;/)
  assert.match(body, /1\. november 2026<\/td><td data-title="Grund">Ophørt<\/td><td [^>]*>3\.000,00</)
  for (const text of ['Samles til næste udbetaling', '12,00', 'Kræves ikke tilbage', '9,00'])
    assert.ok(body.includes(text))
  for (const text of ['krav før skat ved årsskiftet', 'KY-F-1', '1.360,00', '2.193,55'])
    assert.ok(body.includes(text), text)
})

test('the steps of runs are told by a Danish clock, and what is open since when by a Danish day', () => {
  const steps = [
    { step: 'approved', at: '2026-03-27 09:05:00+00', by: 'bo' },
    { step: 'sent', at: '2026-03-30 22:30:00.25+00', by: 'bo' },
  ]
  const run = { runNo: 1, dispositionDate: dayOf(2026, 3, 31), payments: 1, amount: ore(100), state: 'sent' } as const
  const small = { source: 'KY', orderKey: 'KY-1', version: 2, benefitName: 'kontanthjælp', amount: ore(1) } as const
  const since = '2026-03-31T22:30:00Z'
  const overview = {
    ...zero,
    runs: [{ ...run, steps }],
    small: [{ ...small, treatment: 'gathered' as const, since }],
    smallTotal: 1,
  }
  const choice = { municipality: AARHUS, name: 'Aarhus' }
  const view = { municipality: choice, choices: [choice], months: [], month: dayOf(2026, 3, 1), closing: undefined }
  const page = monthPage({ icons: assets.icons, ...view, approvedUntil: undefined, overview })
  const body = layout({ assets, demo: true }, page)
  assert.match(body, /2026-03-27 10:05, bo/)
  assert.match(body, /2026-03-31 00:30, bo/)
  assert.match(body, />1\. april 2026</)
})

/** Every text of a value replaced by one string; what code branches on, and days, are left. */
function poisoned<T>(value: T, poison: string): T {
  const kept = new Set(['kind', 'state', 'type', 'sourceSystem', 'card', 'rounding', 'reasonCode', 'date'])
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    typeof inner === 'string' && !kept.has(key) ? poison : inner,
  ) as T
}

test('whatever stands in the data, the page stays whole and nothing of it becomes markup', async () => {
  const specs = await Promise.all(
    ['KY-1', 'KY-2', 'KY-3', 'KSD-1'].map((orderKey) =>
      reader.read([AARHUS], (db) => readSpecification(db, AARHUS, { orderKey }, example.rates)),
    ),
  )
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(NASTY, '<!--', ']]>', '&amp;', '</title><h1>', '" onload="x', '!', '${1}', "'\u0000\u202e"),
  )
  fc.assert(
    fc.property(nasty, (poison) => {
      for (const spec of specs) {
        checkHtml(layout({ assets, demo: true }, explainPage(assets.icons, poisoned(spec as Specification, poison))))
      }
      const view = { icons: assets.icons, query: poison, hits: [] }
      checkHtml(layout({ assets, demo: true }, searchPage(view)))
      const choice = { municipality: AARHUS, name: poison }
      const month = { municipality: choice, choices: [choice], months: [], month: example.month.from }
      checkHtml(
        layout(
          { assets, demo: false },
          monthPage({ icons: assets.icons, ...month, closing: undefined, approvedUntil: undefined, overview: zero }),
        ),
      )
    }),
    { numRuns: 200, verbose: 1 },
  )
})

test('a month without order files has its page when something was calculated, paid or told in it, and no other has', async () => {
  const loader = await connect(example.url, 'loader')
  const address = (month: string) => `/?kommune=0147&maaned=${month}`
  const months = ['2026-04', '2026-05', '2026-06']
  for (const month of months) assert.equal((await get(address(month))).statusCode, 404)
  await loader.transaction([147], async (tx) => {
    await tx.run(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
       values (147, 1, 'calculate', 'law 1', '2026-04-01 06:00Z', '{}')`,
    )
    await tx.run(
      `insert into payment_runs (municipality_code, run_no, work_no, disposition_date, until_work_no, known_at, payments,
         parts, amount_ore, from_work_no) values (147, 1, 2, '2026-05-29', 1, '2026-04-01 07:00Z', 0, 0, 0, 0)`,
    )
    await tx.run(
      `insert into deliveries (municipality_code, delivery_no, kind, cause, file_name, sha256, bytes, totals, ledger_head,
         known_at) values (147, 1, 'g69', 'x', 'x', '', 0, '{}', '', '2026-06-30 19:00Z')`,
    )
  })
  await loader.close()
  for (const month of months) {
    const { statusCode, body } = await get(address(month))
    assert.equal(statusCode, 200, month)
    assert.match(body, new RegExp(`<option value="${month}" selected>`))
  }
  for (const month of ['2026-03', '2026-07']) assert.equal((await get(address(month))).statusCode, 404)
})

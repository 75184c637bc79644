/**
 * The pages as routes. Everything is read under the session's municipalities; a page never says what it may not
 * show.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Db } from '../../base/db.ts'
import { formatMonth, parseMonth, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { findByKey, findRun, monthsToShow, readMonthOverview, readSpecification } from '../../modules/overview/index.ts'
import { paymentOfEndToEndId, fileOfId } from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { approvedUntil, readOpenItems } from '../../modules/reconciliation/index.ts'
import { type Assets, loadAssets } from './assets.ts'
import type { Closing } from '../closing.ts'
import { layout, type Page } from './layout.ts'
import { accountPage } from './pages/account.ts'
import { explainPage } from './pages/explain.ts'
import { emptyPage, monthPage } from './pages/month.ts'
import { type Problem, PROBLEM_STATUS, problemPage } from './pages/problem.ts'
import { looksLikeCpr, searchPage } from './pages/search.ts'
import { paths, ROUTES } from './paths.ts'
import type { Reader } from './reader.ts'
import { demoSession, isLocal, type Session } from './session.ts'
import { lookedAt } from './specification-json.ts'

export interface PageDeps {
  readonly mode: 'demo' | 'operation'
  readonly reader: Pick<Reader, 'read'>
  readonly rates: RateReader
  /** Who looks. Undefined means that nobody is logged in. Default: the demo user in demo, nobody in operation. */
  readonly session?: (request: FastifyRequest) => Session | undefined
  /** The closing of one municipality and month; undefined when there is none. */
  readonly readClosing: (db: Db, municipality: Municipality, month: Period) => Promise<Closing | undefined>
  /** The wall clock, as an ISO time: when somebody looked at a citizen's payment. */
  readonly now: () => string
  /** Told of what went wrong while a page was made; the page itself says nothing of it. */
  readonly onFault?: (error: unknown) => void
}

/** Open items of a clearing account on one page. */
const ITEMS_OF_A_PAGE = 200
/** Held orders and returned payments listed on the front page. */
const LISTED = 50
const ASSET_AGE = 'public, max-age=31536000, immutable'
/** No script at all; style, fonts and icons from ourselves only. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}
const HTML = 'text/html; charset=utf-8'

/**
 * What a browser is shown at an address that no page has: of the statuses 404, and 400 when it cannot be read. It says
 * nothing of anybody, so nobody need be logged in.
 */
export function wrongAddressPages(mode: 'demo' | 'operation') {
  const assets = loadAssets()
  const made = (problem: Problem) => ({
    headers: { ...HEADERS, 'content-type': HTML },
    body: layout({ assets, demo: mode === 'demo' }, problemPage(assets.icons, problem)),
  })
  const [missing, unreadable] = [made('notFound'), made('badAddress')]
  return (status: number) => (status === 404 ? missing : status === 400 ? unreadable : undefined)
}

/** Thrown by a page that has no content; answered with the page about it. */
class NoPage extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem)
    this.problem = problem
  }
}

interface Redirect {
  readonly to: string
}

type Query = Record<string, string | string[] | undefined>

function one(query: unknown, name: string): string {
  const value = (query as Query)[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

export function registerPages(app: FastifyInstance, deps: PageDeps): void {
  const assets = loadAssets()
  const page = (work: (request: FastifyRequest, session: Session) => Promise<Page | Redirect>) =>
    handler(deps, assets, work)
  app.get(ROUTES.asset, async (request, reply) => {
    const file = assets.files.get((request.params as { '*': string })['*'])
    if (file === undefined) return reply.code(404).type('text/plain').send('')
    return reply
      .header('cache-control', ASSET_AGE)
      .header('x-content-type-options', 'nosniff')
      .type(file.type)
      .send(file.body)
  })
  app.get(
    ROUTES.month,
    page((request, session) => month(deps, assets, session, request.query)),
  )
  app.get(
    ROUTES.search,
    page((request, session) => search(deps, assets, session, one(request.query, 'q').trim())),
  )
  app.get(
    ROUTES.payment,
    page(async (request, session) => {
      const { id } = request.params as { id: string }
      const named = paymentOfEndToEndId(id)
      if (named === undefined) throw new NoPage('notFound')
      return await explain(deps, assets, session, named.municipality, id)
    }),
  )
  app.get(
    ROUTES.account,
    page((request, session) => {
      const { municipality, account } = request.params as Record<'municipality' | 'account', string>
      return openItems(deps, assets, session, { municipality, account, skip: one(request.query, 'efter') })
    }),
  )
  app.get(
    ROUTES.order,
    page(async (request, session) => {
      const { municipality, system, key } = request.params as Record<'municipality' | 'system' | 'key', string>
      const version = one(request.query, 'udgave')
      if (!/^\d{4}$/.test(municipality) || !/^(\d{1,10})?$/.test(version)) throw new NoPage('notFound')
      const sourceSystem = SOURCE_SYSTEMS.find((known) => known === system)
      if (sourceSystem === undefined) throw new NoPage('notFound')
      return await explain(deps, assets, session, Number(municipality), {
        orderKey: key,
        sourceSystem,
        version: version === '' ? undefined : Number(version),
      })
    }),
  )
}

function handler(
  deps: PageDeps,
  assets: Assets,
  work: (request: FastifyRequest, session: Session) => Promise<Page | Redirect>,
) {
  const demo = deps.mode === 'demo'
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    reply.headers(HEADERS)
    try {
      const made = await work(request, sessionOf(deps, request))
      if ('to' in made) return reply.redirect(made.to, 303)
      return reply.type(HTML).send(layout({ assets, demo }, made))
    } catch (error) {
      const problem = error instanceof NoPage ? error.problem : 'broken'
      if (problem === 'broken') deps.onFault?.(error)
      reply.code(PROBLEM_STATUS[problem]).type(HTML)
      return reply.send(layout({ assets, demo }, problemPage(assets.icons, problem)))
    }
  }
}

function sessionOf(deps: PageDeps, request: FastifyRequest): Session {
  const demo = deps.mode === 'demo'
  if (demo && !isLocal(request.socket.remoteAddress, request.headers.host)) throw new NoPage('notLocal')
  const session =
    deps.session === undefined
      ? demo
        ? demoSession([...deps.rates.known.municipalities])
        : undefined
      : deps.session(request)
  if (session === undefined) throw new NoPage('noSession')
  return session
}

async function month(deps: PageDeps, assets: Assets, session: Session, query: unknown): Promise<Page> {
  return await deps.reader.read(session.municipalities, async (db) => {
    const known = await monthsToShow(db)
    const code = one(query, 'kommune')
    const wanted = one(query, 'maaned')
    const latest = known[0]
    if (latest === undefined && code === '' && wanted === '') return emptyPage(assets.icons)
    const municipality = code === '' ? latest?.municipality : Number(code)
    const period = wanted === '' ? undefined : parseMonth(wanted)
    const from = period?.from ?? known.find((row) => row.municipality === municipality)?.month
    const chosen = known.find((row) => row.municipality === municipality && row.month === from)
    if (chosen === undefined || (wanted !== '' && period === undefined)) throw new NoPage('notFound')
    const whole = parseMonth(formatMonth(chosen.month)) as Period
    const name = (of: Municipality) => ({ municipality: of, name: deps.rates.municipality(of).name })
    return monthPage({
      icons: assets.icons,
      choices: [...new Set(known.map((row) => row.municipality))]
        .map(name)
        .sort((a, b) => a.name.localeCompare(b.name, 'da')),
      months: [...new Set(known.map((row) => row.month))],
      municipality: name(chosen.municipality),
      month: chosen.month,
      closing: await deps.readClosing(db, chosen.municipality, whole),
      approvedUntil: await approvedUntil(db, chosen.municipality),
      overview: await readMonthOverview(db, chosen.municipality, whole, LISTED, deps.rates),
    })
  })
}

async function openItems(
  deps: PageDeps,
  assets: Assets,
  session: Session,
  asked: { readonly municipality: string; readonly account: string; readonly skip: string },
): Promise<Page> {
  const municipality = /^\d{4}$/.test(asked.municipality) ? Number(asked.municipality) : 0
  const account = deps.rates.book.accounts.find((known) => known.clearing && known.number === asked.account)
  const mine = session.municipalities.includes(municipality)
  if (!mine || account === undefined || !/^\d{0,8}$/.test(asked.skip)) throw new NoPage('notFound')
  const page = { skip: Number(asked.skip), limit: ITEMS_OF_A_PAGE }
  const open = await deps.reader.read([municipality], (tx) => readOpenItems(tx, municipality, account, page))
  if (open.listed.length === 0 && page.skip > 0) throw new NoPage('notFound')
  const { name } = deps.rates.municipality(municipality)
  return accountPage({ icons: assets.icons, municipality: { municipality, name }, account, open, ...page })
}

async function search(deps: PageDeps, assets: Assets, session: Session, query: string): Promise<Page | Redirect> {
  if (query === '' || query.length > 100 || looksLikeCpr(query))
    return searchPage({ icons: assets.icons, query, hits: [] })
  if (paymentOfEndToEndId(query) !== undefined) return { to: paths.payment(query) }
  const hits = await deps.reader.read(session.municipalities, (db) => findByKey(db, session.municipalities, query))
  const run = hits.length === 0 ? await runNamed(deps, session, query) : undefined
  if (run !== undefined) return { to: paths.runs(run.municipality, run.dispositionDate) }
  const [only] = hits
  if (only !== undefined && hits.length === 1) {
    return { to: paths.order(only.municipality, only.sourceSystem, only.orderKey) }
  }
  const named = hits.map((hit) => ({ ...hit, name: deps.rates.municipality(hit.municipality).name }))
  return searchPage({ icons: assets.icons, query, hits: named })
}

/** The run whose file has this id, such as `0751R2`. */
async function runNamed(deps: PageDeps, session: Session, query: string) {
  const named = fileOfId(query)
  if (named === undefined || !session.municipalities.includes(named.municipality)) return undefined
  return await deps.reader.read([named.municipality], (db) => findRun(db, named.municipality, named.runNo))
}

async function explain(
  deps: PageDeps,
  assets: Assets,
  session: Session,
  municipality: Municipality,
  wanted: string | { orderKey: string; sourceSystem: SourceSystem; version: number | undefined },
): Promise<Page> {
  if (!session.municipalities.includes(municipality)) throw new NoPage('notFound')
  const spec = await deps.reader.read([municipality], async (tx) => {
    const found = await readSpecification(tx, municipality, wanted, deps.rates)
    const look = { municipality, at: deps.now(), actor: session.actor }
    if (found !== undefined) await recordAudit(tx, { ...look, ...lookedAt(found) })
    return found
  })
  if (spec === undefined) throw new NoPage('notFound')
  return explainPage(assets.icons, spec)
}

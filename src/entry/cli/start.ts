/** `npm start`: everything set up, a month of one municipality run on a fresh folder, then API and pages. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { portIsFree } from '../../adapters/postgres/server.ts'
import { generateMonth } from '../../adapters/source-systems/generator/index.ts'
import { type Connection, connect } from '../../base/db.ts'
import { Refusal } from '../../base/refusal.ts'
import { readSpecification } from '../../modules/overview/index.ts'
import { readClosing } from '../closing.ts'
import { buildServer, demoTokens } from '../http/index.ts'
import { openReader, registerPages, specificationJson, wrongAddressPages } from '../web/index.ts'
import { closingTable } from './closing-table.ts'
import { quitFakeRail } from './fake-rail.ts'
import { runVerb } from './run-month.ts'
import type { Verb } from './verbs.ts'
import { EXIT, foldersOf, type Opened, openDatabase, readJsonFile, reporter, type World } from './world.ts'

const HELP = `npm start: set up, run the demo's month, serve

  TOEK_DATA      folder of everything (default ./data)
  PORT           default 8475; 0 takes any free port
  TOEK_HOST      default 127.0.0.1
  DATABASE_URL   a PostgreSQL 15–18 instead of the embedded one
  TOEK_MODE      demo (default here) or operation; fixed when the database is made
`

const DEFAULT_PORT = 8475
/** The demo's month: one municipality, about 20,000 orders. */
const DEMO = { month: '2026-03', municipality: 751, orders: 20_000, seed: 42 } as const

interface Serving {
  readonly pid: number
  readonly url: string
}

export const startVerb: Verb = {
  help: HELP,
  async run(world) {
    const { dataDir } = world.settings
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const place = join(dataDir, 'server.json')
    const other = readJsonFile<Serving>(place)
    if (other !== undefined && (await serves(other))) {
      world.out(`TØK kører allerede, i proces ${other.pid}.\nURL ${other.url}\n`)
      return EXIT.done
    }
    const port = portOf(world)
    if (port !== 0 && !(await portIsFree(port, world.settings.host))) throw portTaken(port)
    const opened = await openDatabase(world, (line) => world.err.write(`${line}\n`))
    try {
      if (opened.mode === 'demo') await demoMonth(world, opened)
      return await serve(world, opened, place)
    } finally {
      if (opened.mode === 'demo') await quitFakeRail(foldersOf(world))
      await opened.close()
    }
  },
}

async function serves(other: Serving): Promise<boolean> {
  try {
    process.kill(other.pid, 0)
    const answer = await fetch(new URL('/healthz', other.url), { signal: AbortSignal.timeout(3000) })
    return answer.ok
  } catch {
    return false
  }
}

/**
 * Generated and run once, where nothing has come in by other ways; a start that was cut off goes on where it stopped:
 * its files lie there still.
 */
async function demoMonth(world: World, opened: Opened): Promise<void> {
  const note = join(world.settings.dataDir, 'demo.json')
  if (readJsonFile(note) !== undefined) return
  const folder = join(world.settings.dataDir, 'demo-month')
  if (!existsSync(folder) && (await holdsFiles(opened))) return
  const show = reporter(world, false)
  show.stage('generering', DEMO.orders)
  await generateMonth({
    month: DEMO.month,
    municipalities: [DEMO.municipality],
    scale: 1,
    orders: DEMO.orders,
    seed: DEMO.seed,
    out: folder,
  })
  show.done(DEMO.orders)
  show.end()
  const options = { month: DEMO.month, municipalities: [DEMO.municipality], in: folder, json: false }
  const closing = await runVerb(world, opened, options)
  world.out(closingTable(closing))
  rmSync(folder, { recursive: true, force: true })
  writeFileSync(note, `${JSON.stringify(DEMO)}\n`)
}

async function holdsFiles({ url, rates }: Opened): Promise<boolean> {
  const reader = await connect(url, 'reader', 'toek start')
  try {
    return await reader.transaction(
      [...rates.known.municipalities],
      async (tx) => (await tx.first('select 1 from intakes limit 1')) !== undefined,
    )
  } finally {
    await reader.close()
  }
}

async function serve(world: World, opened: Opened, place: string): Promise<number> {
  const { rates, mode, url } = opened
  const now = () => new Date(world.now()).toISOString()
  if (mode === 'demo') await giveTokens(world, opened, now())
  const reader = openReader(url)
  const app = await buildServer({
    url,
    rates,
    folders: foldersOf(world),
    now,
    mode,
    log: (line) => world.err.write(`${line}\n`),
    readSpecification: async (db, municipality, endToEndId) => {
      const spec = await readSpecification(db, municipality, endToEndId, rates)
      return spec === undefined ? undefined : specificationJson(spec)
    },
    readClosing: (db, municipalities, month) => readClosing(db, municipalities, month, rates),
    wrongAddress: wrongAddressPages(mode),
  })
  registerPages(app, {
    mode,
    reader,
    rates,
    now,
    readClosing: (db, municipality, month) => readClosing(db, [municipality], month, rates),
    onFault: (error) => world.err.write(`${error instanceof Error ? error.stack : String(error)}\n`),
  })
  try {
    const address = await listen(world, app)
    writeFileSync(place, `${JSON.stringify({ pid: world.pid, url: address })}\n`)
    world.out(`URL ${address}\n`)
    await stopped()
    return EXIT.done
  } finally {
    await app.close()
    await reader.close()
    rmSync(place, { force: true })
  }
}

function portOf(world: World): number {
  return world.settings.port ?? DEFAULT_PORT
}

/** Said before the month is run, so that nobody waits for it in vain; and again should it be taken meanwhile. */
function portTaken(port: number): Refusal {
  return new Refusal(
    'port_taken',
    `Port ${port} is taken by another program, or may not be used. Choose another: PORT=${port + 1} npm start`,
  )
}

async function listen(world: World, app: Awaited<ReturnType<typeof buildServer>>): Promise<string> {
  const { host } = world.settings
  const port = portOf(world)
  try {
    await app.listen({ host, port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw portTaken(port)
  }
  const bound = app.server.address()
  return `http://${host}:${typeof bound === 'object' && bound !== null ? bound.port : port}/`
}

async function giveTokens(world: World, opened: Opened, now: string): Promise<void> {
  const owner: Connection = await connect(opened.url, 'owner', 'toek tokens')
  try {
    const municipalities = [...opened.rates.known.municipalities].sort((a, b) => a - b)
    const tokens = await demoTokens(owner, { mode: 'demo', dataDir: world.settings.dataDir, municipalities, now })
    world.out('Adgangsnøgler i demoen (Authorization: Bearer …):\n')
    for (const [name, token] of Object.entries(tokens)) world.out(`  ${name.padEnd(12)} ${token}\n`)
  } finally {
    await owner.close()
  }
}

/** Until Ctrl-C or a polite end; the same signal twice is the same signal. */
function stopped(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => done())
  })
}

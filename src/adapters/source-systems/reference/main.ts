/**
 * The reference source system: a process of its own with books of its own. It sends its order files, some orders singly
 * before, reads the events back, and says whether TØK's world and its own agree.
 *
 * `node main.ts --url http://127.0.0.1:PORT --token T --system KY --in DIR [--month 2026-03] [--single 5]
 *   [--until-quiet | --month-ended] [--closing-token T] [--no-send]`
 * Prints one JSON report. Exit 0 when all agrees, 1 when something does not, 4 when it could not do its work.
 */
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createGunzip } from 'node:zlib'
import {
  audit,
  type Books,
  bookEvent,
  bookRefused,
  bookSent,
  differ,
  emptyBooks,
  hasEnded,
  type Reckoned,
  reportOf,
  type SentOrder,
  type ToldEvent,
} from './books.ts'
import { type Client, client } from './client.ts'

interface Settings {
  readonly url: string
  readonly token: string
  readonly system: string
  readonly in: string
  readonly month: string | undefined
  /** Orders of each file that are sent singly before the file. */
  readonly single: number
  readonly untilQuiet: boolean
  readonly monthEnded: boolean
  /** A person's or an auditor's: source systems do not read the closing. */
  readonly closingToken: string | undefined
  readonly send: boolean
}

/** Milliseconds between two looks for events. */
const STEP_MS = 200
/** Looks without anything new after which it is quiet. */
const QUIET_STEPS = 10
/** Looks after which the month should have ended: ten minutes. */
const MOST_STEPS = 3_000
const EVENTS_PER_PAGE = 5_000

function settingsFrom(args: readonly string[]): Settings {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: text,
      token: text,
      system: text,
      in: text,
      month: text,
      single: text,
      'until-quiet': flag,
      'month-ended': flag,
      'closing-token': text,
      'no-send': flag,
    },
  })
  const { url, token, system, in: folder } = values
  if (!url || !token || !system || !folder) throw new Error('usage: --url URL --token TOKEN --system KY --in FOLDER')
  return {
    url,
    token,
    system,
    in: folder,
    month: values.month,
    single: Number(values.single ?? '5'),
    untilQuiet: values['until-quiet'] === true,
    monthEnded: values['month-ended'] === true,
    closingToken: values['closing-token'],
    send: values['no-send'] !== true,
  }
}

interface OwnFile {
  readonly path: string
  readonly month: string
}

function linesOf(path: string): AsyncIterable<string> {
  const file = createReadStream(path)
  return createInterface({ input: path.endsWith('.gz') ? file.pipe(createGunzip()) : file, crlfDelay: Infinity })
}

/** The files in the folder whose envelope names this system, by name. */
async function ownFiles(settings: Settings): Promise<OwnFile[]> {
  const names = readdirSync(settings.in).filter((name) => /\.(ndjson|json)(\.gz)?$/.test(name))
  const own: OwnFile[] = []
  for (const name of names.sort()) {
    const path = join(settings.in, name)
    for await (const line of linesOf(path)) {
      const envelope = JSON.parse(line) as { source_system?: string; month?: string }
      if (envelope.source_system === settings.system) own.push({ path, month: envelope.month ?? '' })
      break
    }
  }
  return own
}

/** Books every order of a file, and sends the first few singly: the file repeats them, which must change nothing. */
async function readAndSend(settings: Settings, books: Books, http: Client, file: OwnFile): Promise<void> {
  const placed = new Map<number, SentOrder>()
  let number = 0
  for await (const line of linesOf(file.path)) {
    number++
    if (number === 1 || line.trim() === '') continue
    const order = orderIn(line)
    if (order === undefined) continue
    bookSent(books, order)
    placed.set(number, order)
    if (settings.send && placed.size <= settings.single) await putOrder(settings, books, http, order, line)
  }
  if (settings.send) await postFile(books, http, file, placed)
}

/** What can be booked as an order; what else stands in the file is for TØK to refuse. */
function orderIn(line: string): SentOrder | undefined {
  try {
    const order = JSON.parse(line) as Partial<SentOrder>
    const { municipality, order_key: key, version } = order
    if (typeof municipality !== 'string' || typeof key !== 'string' || typeof version !== 'number') return undefined
    return { ...order, lines: Array.isArray(order.lines) ? order.lines : [] } as SentOrder
  } catch {
    return undefined
  }
}

async function putOrder(settings: Settings, books: Books, http: Client, order: SentOrder, body: string): Promise<void> {
  const { status } = await http.put(`/api/v1/orders/${settings.system}/${encodeURIComponent(order.order_key)}`, body)
  if (status === 409 || status === 422) bookRefused(books, order.municipality, order.order_key, order.version)
  else if (status !== 201 && status !== 200) throw new Error(`PUT of ${order.order_key} was answered ${status}`)
}

interface FileAnswer {
  readonly state: string
  readonly lines: number
  readonly accepted: number
  readonly refused_count: number
  readonly refused: readonly { readonly line: number }[]
}

async function postFile(
  books: Books,
  http: Client,
  file: OwnFile,
  placed: ReadonlyMap<number, SentOrder>,
): Promise<void> {
  const type = file.path.endsWith('.gz') ? 'application/gzip' : 'application/x-ndjson'
  const { status, body } = await http.post('/api/v1/order-files', type, createReadStream(file.path))
  if (status !== 202) throw new Error(`The file ${file.path} was answered ${status}: ${JSON.stringify(body)}`)
  const told = body as FileAnswer
  if (told.state !== 'loaded') differ(books, `The file ${file.path} is ${told.state}.`)
  if (told.accepted + told.refused_count !== told.lines) differ(books, `${file.path}: not every line has an answer.`)
  for (const { line } of told.refused) {
    const order = placed.get(line)
    if (order !== undefined) bookRefused(books, order.municipality, order.order_key, order.version)
  }
}

/** Takes what there is; gives how many events were new. */
async function takeEvents(settings: Settings, books: Books, http: Client): Promise<number> {
  let taken = 0
  for (;;) {
    const path = `/api/v1/sources/${settings.system}/events?after=${books.last}&limit=${EVENTS_PER_PAGE}`
    const { status, body } = await http.get(path)
    if (status !== 200) throw new Error(`The events were answered ${status}: ${JSON.stringify(body)}`)
    const { events } = body as { events: readonly ToldEvent[] }
    for (const event of events) bookEvent(books, event)
    taken += events.length
    if (events.length < EVENTS_PER_PAGE) return taken
  }
}

async function follow(settings: Settings, books: Books, http: Client, month: string): Promise<void> {
  await takeEvents(settings, books, http)
  let quiet = 0
  for (let step = 0; step < MOST_STEPS; step++) {
    if (settings.monthEnded ? hasEnded(books, month) : !settings.untilQuiet || quiet >= QUIET_STEPS) return
    await wait(STEP_MS)
    quiet = (await takeEvents(settings, books, http)) === 0 ? quiet + 1 : 0
  }
}

interface ClearingRow {
  readonly source_system: string | null
  readonly purpose: string
  readonly balance_ore: number
}

/** TØK's accounts of this system against what its events add up to. Debts of the municipality are negative. */
async function compareClosing(settings: Settings, books: Books, http: Client, month: string): Promise<void> {
  for (const [municipality, own] of books.reckoned) {
    const path = `/api/v1/closing?month=${month}&municipality=${municipality}`
    const { status, body } = await http.get(path, settings.closingToken)
    if (status !== 200) throw new Error(`The closing was answered ${status}: ${JSON.stringify(body)}`)
    const { clearing_accounts: rows } = body as { clearing_accounts: readonly ClearingRow[] }
    for (const [purpose, expected] of expectedOf(own)) {
      const row = rows.find((one) => one.source_system === settings.system && one.purpose === purpose)
      const balance = row?.balance_ore ?? 0
      if (balance === expected) continue
      differ(books, `${municipality} ${purpose}: the account is ${balance} øre, our books say ${expected} øre.`)
    }
  }
}

function expectedOf(own: Reckoned): [string, number][] {
  return [
    ['a_skat', 0 - own.tax],
    ['am_bidrag', 0 - own.am],
    ['atp', 0 - own.atp],
    ['pension', 0 - own.pension],
    ['net_payable', own.sent - own.due],
    ['claims', own.claims],
  ]
}

async function main(): Promise<number> {
  const settings = settingsFrom(process.argv.slice(2))
  const books = emptyBooks()
  const http = client(settings.url, settings.token)
  try {
    const files = await ownFiles(settings)
    for (const file of files) await readAndSend(settings, books, http, file)
    const month = settings.month ?? files[0]?.month
    if (month === undefined) throw new Error(`In ${settings.in} there is no file of ${settings.system}.`)
    await follow(settings, books, http, month)
    audit(books, settings.monthEnded ? month : undefined)
    const compares = settings.closingToken !== undefined
    if (compares) await compareClosing(settings, books, http, month)
    const report = reportOf(books, settings.system, compares)
    process.stdout.write(`${JSON.stringify(report)}\n`)
    return report.agrees ? 0 : 1
  } finally {
    http.close()
  }
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 4
  },
)

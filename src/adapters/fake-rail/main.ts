/**
 * The fake NemKonto system and bank: a process of its own with books of its own, steered over loopback HTTP.
 * `node main.ts --in OUR_FILES --out ITS_ANSWERS --books FOLDER --port 0 [--profile FILE] [--idle SECONDS]`
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { type Day, formatDay, parseDay } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import { emptyBooks, type Misdeed, nextDebit } from './books.ts'
import { dayEnd } from './day-end.ts'
import { exchange } from './exchange.ts'
import { writeWhole } from './files.ts'
import { ALREADY_KEPT, holdFolder } from './hold.ts'
import { type Act, type Journal, openJournal } from './journal.ts'
import { booksReport, paymentLines } from './report.ts'
import { asideIn, HOWS, mend, type Wrong } from './wrongs.ts'

interface Settings {
  readonly in: string
  /** Files to the bank; '' none. */
  readonly bank: string
  readonly out: string
  readonly books: string
  readonly port: number
  readonly profile: string
  /** Seconds without a request after which it ends by itself; 0 never. */
  readonly idle: number
}

/** Bytes of one request. */
const LARGEST_BODY = 1_000_000

/** What is wrong with a request, for the one who sent it. */
function badRequest(detail: string): Refusal {
  return new Refusal('bad_request', detail)
}

function settingsFrom(args: readonly string[]): Settings {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { in: text, bank: text, out: text, books: text, port: text, profile: text, idle: text },
  })
  const { in: from, out, books } = values
  if (!from || !out || !books)
    throw new Error(
      'usage: --in FOLDER [--bank FOLDER] --out FOLDER --books FOLDER [--port 0] [--profile FILE] [--idle SECONDS]',
    )
  return {
    in: from,
    bank: values.bank ?? '',
    out,
    books,
    port: Number(values.port ?? '0'),
    profile: values.profile ?? '',
    idle: Number(values.idle ?? '0'),
  }
}

/** Folders in which files to NemKonto and to the bank are laid. */
function incomingOf(settings: Settings): string[] {
  return settings.bank === '' ? [settings.in] : [settings.in, settings.bank]
}

function dateOf(body: Record<string, unknown>): Day {
  const date = typeof body['date'] === 'string' ? parseDay(body['date']) : undefined
  if (date === undefined) throw badRequest('date must be YYYY-MM-DD')
  return date
}

function profileOf(body: Record<string, unknown>): string[] {
  const accounts = body['single_booked_accounts']
  if (!Array.isArray(accounts) || !accounts.every((each) => typeof each === 'string')) {
    throw badRequest('single_booked_accounts must be a list of accounts')
  }
  return accounts as string[]
}

/** `{"bundle_id"|"end_to_end_id": …, "by": 1, "consistent": false}` */
function misdeedOf(value: unknown, isChange: boolean): Misdeed {
  const given = (typeof value === 'string' ? { end_to_end_id: value } : (value ?? {})) as Record<string, unknown>
  const ref = given['bundle_id'] ?? given['end_to_end_id']
  if (typeof ref !== 'string') throw badRequest('name bundle_id or end_to_end_id')
  const by = given['by'] ?? 1
  if (isChange && !Number.isSafeInteger(by)) throw badRequest('by must be whole øre')
  return { ref, by: isChange ? (by as number) : undefined, consistent: given['consistent'] === true }
}

/** `{"run": "0751R3", "reason": "AB08", "times": 1}` */
function refusalOf(value: unknown): Act {
  const { run, reason, times = 1 } = (value ?? {}) as Record<string, unknown>
  if (typeof run !== 'string' || typeof reason !== 'string') throw badRequest('name run and reason')
  if (!Number.isSafeInteger(times) || (times as number) < 1) throw badRequest('times must be a count')
  return { t: 'refuse', run, reason, times: times as number }
}

/** `{"how": …, "of": …, "on": …}` with the count of `partial` and the amounts of `foreign`. */
function wrongOf(value: unknown): Wrong {
  const given = (value ?? {}) as Record<string, unknown>
  const { how, of, on, count, amounts } = given
  if (!HOWS.includes(String(how)) || typeof of !== 'string')
    throw badRequest(`how is one of ${HOWS.join(', ')}, of a text`)
  if (how === 'partial' && !Number.isSafeInteger(count)) throw badRequest('count must be a whole number')
  if (on !== undefined && parseDay(String(on)) === undefined) throw badRequest('on must be YYYY-MM-DD')
  const isAmounts = Array.isArray(amounts) && amounts.every((one) => Number.isSafeInteger(one) && one !== 0)
  if (how === 'foreign' && !isAmounts) throw badRequest('amounts must be a list of whole øre')
  return given as Wrong
}

function misbehaviour(body: Record<string, unknown>): Act {
  const { drop_answer, change_ore, delete_entry, refuse_file, wrong } = body
  if (refuse_file !== undefined) return refusalOf(refuse_file)
  if (wrong !== undefined) return { t: 'wrong', wrong: wrongOf(wrong) }
  if (typeof drop_answer === 'string') return { t: 'drop', endToEndId: drop_answer }
  if (change_ore !== undefined) return { t: 'misdeed', misdeed: misdeedOf(change_ore, true) }
  if (delete_entry !== undefined) return { t: 'misdeed', misdeed: misdeedOf(delete_entry, false) }
  throw badRequest('drop_answer, change_ore, delete_entry, refuse_file or wrong')
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  request.setEncoding('utf8')
  for await (const chunk of request) {
    text += chunk
    if (text.length > LARGEST_BODY) throw badRequest('too large')
  }
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  } catch {
    // falls through to the refusal
  }
  throw badRequest('a JSON object is expected')
}

async function act(rail: Rail, path: string, body: Record<string, unknown>): Promise<unknown> {
  const { journal, settings } = rail
  switch (path) {
    case '/exchange':
      return await exchange(journal, incomingOf(settings), settings.out, asideIn(settings.books), dateOf(body))
    case '/day-end':
      return await dayEnd(journal, settings.out, asideIn(settings.books), dateOf(body))
    case '/profile':
      await journal.act({ t: 'profile', singleBooked: profileOf(body) })
      return { single_booked_accounts: [...journal.books.singleBooked] }
    case '/misbehave':
      await journal.act(misbehaviour(body))
      return { ok: true }
    case '/mend':
      return { mended: mend(settings.books, settings.out) }
    case '/quit':
      return { ok: true }
    default:
      return undefined
  }
}

function usage({ books }: Journal): unknown {
  const { user, system } = process.cpuUsage()
  const { rss } = process.memoryUsage()
  const { pid } = process
  return { pid, user, system, rss, peak_rss: process.resourceUsage().maxRSS * 1024, payments: books.ids.length }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

interface Rail {
  readonly journal: Journal
  readonly settings: Settings
  /** Acts and looks at the books wait for the act before them: nobody sees half of one. */
  inTurn<T>(act: () => T | Promise<T>): Promise<T>
}

function turns(): Rail['inTurn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const mine = last.then(act)
    last = mine.catch(() => undefined)
    return mine
  }
}

async function handle(rail: Rail, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { journal, inTurn } = rail
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const isGet = request.method === 'GET'
  let answer: unknown
  if (request.method === 'POST') {
    const body = await bodyOf(request)
    answer = await inTurn(() => act(rail, url.pathname, body))
  } else if (isGet && url.pathname === '/books') {
    answer = await inTurn(() => booksReport(journal.books, url.searchParams.get('date') ?? ''))
  } else if (isGet && url.pathname === '/next-debit') {
    const date = await inTurn(() => nextDebit(journal.books))
    answer = { date: date === undefined ? null : formatDay(date) }
  } else if (isGet && url.pathname === '/books/payments') {
    const lines = await inTurn(() => Readable.from(paymentLines(journal.books, url.searchParams.get('file') ?? '')))
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    lines.pipe(response)
    return
  } else if (isGet && url.pathname === '/cpu') {
    // Not in turn: it shows that somebody is here, also while an act takes its time.
    answer = usage(journal)
  }
  if (answer === undefined) reply(response, 404, { error: `no ${request.method} ${url.pathname}` })
  else reply(response, 200, answer)
}

async function main(): Promise<void> {
  const settings = settingsFrom(process.argv.slice(2))
  for (const folder of [...incomingOf(settings), settings.out, settings.books]) mkdirSync(folder, { recursive: true })
  const held = holdFolder(settings.books)
  if (typeof held === 'number') {
    process.stderr.write(
      `The books in ${settings.books} are kept by process ${held}; a second fake would spoil them.\n`,
    )
    process.exitCode = ALREADY_KEPT
    return
  }
  const journal = openJournal(settings.books, emptyBooks())
  if (settings.profile !== '') {
    const profile = JSON.parse(readFileSync(settings.profile, 'utf8')) as Record<string, unknown>
    await journal.act({ t: 'profile', singleBooked: profileOf(profile) })
  }
  serve({ journal, settings, inTurn: turns() }, () => {
    journal.close()
    held()
  })
}

function serve(rail: Rail, close: () => void): void {
  const { settings, inTurn } = rail
  const end = (): void => {
    server.close(() => void inTurn(close))
    server.closeIdleConnections()
  }
  const idle = settings.idle > 0 ? setTimeout(end, settings.idle * 1000) : undefined
  const server = createServer((request, response) => {
    idle?.refresh()
    handle(rail, request, response)
      .catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error)
        reply(response, error instanceof Refusal ? 400 : 500, { error: detail })
      })
      .finally(() => {
        if (request.method !== 'POST' || request.url !== '/quit') return
        clearTimeout(idle)
        end()
        response.on('finish', () => server.closeAllConnections())
      })
  })
  server.listen(settings.port, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    const chunks = [`${JSON.stringify({ pid: process.pid, port })}\n`]
    void writeWhole(settings.books, [{ name: 'fake.json', chunks }]).then(() => {
      process.stdout.write(`FAKE-RAIL http://127.0.0.1:${port}/\n`)
    })
  })
}

await main()

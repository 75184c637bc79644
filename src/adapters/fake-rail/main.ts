/**
 * The fake NemKonto system and bank: a process of its own with books of its own, steered over loopback HTTP.
 * `node main.ts --in OUR_FILES --out ITS_ANSWERS --books FOLDER --port 0 [--profile FILE] [--idle SECONDS]`
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { type Day, parseDay } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import { emptyBooks, type Misdeed } from './books.ts'
import { dayEnd } from './day-end.ts'
import { exchange } from './exchange.ts'
import { writeWhole } from './files.ts'
import { type Journal, openJournal } from './journal.ts'
import { booksReport, paymentLines } from './report.ts'

interface Settings {
  readonly in: string
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
    options: { in: text, out: text, books: text, port: text, profile: text, idle: text },
  })
  const { in: from, out, books } = values
  if (!from || !out || !books)
    throw new Error('usage: --in FOLDER --out FOLDER --books FOLDER [--port 0] [--profile FILE] [--idle SECONDS]')
  return {
    in: from,
    out,
    books,
    port: Number(values.port ?? '0'),
    profile: values.profile ?? '',
    idle: Number(values.idle ?? '0'),
  }
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

function misbehave(journal: Journal, body: Record<string, unknown>): void {
  const { drop_answer, change_ore, delete_entry } = body
  if (typeof drop_answer === 'string') journal.act({ t: 'drop', endToEndId: drop_answer })
  else if (change_ore !== undefined) journal.act({ t: 'misdeed', misdeed: misdeedOf(change_ore, true) })
  else if (delete_entry !== undefined) journal.act({ t: 'misdeed', misdeed: misdeedOf(delete_entry, false) })
  else throw badRequest('drop_answer, change_ore or delete_entry')
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

function act(journal: Journal, settings: Settings, path: string, body: Record<string, unknown>): unknown {
  switch (path) {
    case '/exchange':
      return exchange(journal, settings.in, settings.out, dateOf(body))
    case '/day-end':
      return dayEnd(journal, settings.out, dateOf(body))
    case '/profile':
      journal.act({ t: 'profile', singleBooked: profileOf(body) })
      return { single_booked_accounts: [...journal.books.singleBooked] }
    case '/misbehave':
      misbehave(journal, body)
      return { ok: true }
    case '/quit':
      return { ok: true }
    default:
      return undefined
  }
}

function show(journal: Journal, url: URL): unknown {
  if (url.pathname === '/books') return booksReport(journal.books, url.searchParams.get('date') ?? '')
  if (url.pathname === '/cpu') {
    const { user, system } = process.cpuUsage()
    const { rss } = process.memoryUsage()
    return { user, system, rss, peak_rss: process.resourceUsage().maxRSS * 1024, payments: journal.books.ids.length }
  }
  return undefined
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

async function handle(
  journal: Journal,
  settings: Settings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (request.method === 'GET' && url.pathname === '/books/payments') {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    Readable.from(paymentLines(journal.books, url.searchParams.get('file') ?? '')).pipe(response)
    return
  }
  const answer =
    request.method === 'POST' ? act(journal, settings, url.pathname, await bodyOf(request)) : show(journal, url)
  if (answer === undefined) reply(response, 404, { error: `no ${request.method} ${url.pathname}` })
  else reply(response, 200, answer)
}

function main(): void {
  const settings = settingsFrom(process.argv.slice(2))
  for (const folder of [settings.in, settings.out, settings.books]) mkdirSync(folder, { recursive: true })
  const journal = openJournal(settings.books, emptyBooks())
  if (settings.profile !== '') {
    const profile = JSON.parse(readFileSync(settings.profile, 'utf8')) as Record<string, unknown>
    journal.act({ t: 'profile', singleBooked: profileOf(profile) })
  }
  const end = (): void => {
    server.close(() => journal.close())
    server.closeIdleConnections()
  }
  const idle = settings.idle > 0 ? setTimeout(end, settings.idle * 1000) : undefined
  const server = createServer((request, response) => {
    idle?.refresh()
    handle(journal, settings, request, response)
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
    writeWhole(settings.books, 'fake.json', [`${JSON.stringify({ pid: process.pid, port })}\n`])
    process.stdout.write(`FAKE-RAIL http://127.0.0.1:${port}/\n`)
  })
}

main()

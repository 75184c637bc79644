/**
 * The fake CPR, CVR and eSkattekort: a process of its own with books of its own, steered over loopback HTTP.
 * `node main.ts --out FOLDER --books FOLDER [--port 0]`
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from '../../base/refusal.ts'
import { type Change, filesOf, type Journal, type Misdeed, openJournal } from './books.ts'

/** Bytes of one request. */
const LARGEST_BODY = 1_000_000

interface Fake {
  readonly journal: Journal
  readonly out: string
}

function badRequest(detail: string): Refusal {
  return new Refusal('bad_request', detail)
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

/** Lays the files of a day, each under a temporary name first: nobody reads half of one. */
function send({ journal, out }: Fake, date: unknown): { readonly files: readonly string[] } {
  if (typeof date !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(date)) throw badRequest('date must be YYYY-MM-DD')
  const { files, ids } = filesOf(journal.books, date)
  for (const { register, name, text } of files) {
    const folder = join(out, register)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `.${name}`), text, register === 'cvr' ? 'utf8' : 'latin1')
    renameSync(join(folder, `.${name}`), join(folder, name))
  }
  const names = files.map((file) => `${file.register}/${file.name}`)
  if (files.length > 0) journal.act({ t: 'sent', date, files: names, ids })
  return { files: names }
}

function act(fake: Fake, path: string, body: Record<string, unknown>): unknown {
  const { journal } = fake
  switch (path) {
    case '/change': {
      const { id, register, municipality, known, what } = body
      if (typeof id !== 'string' || typeof known !== 'string' || typeof municipality !== 'string')
        throw badRequest('id, municipality and known are texts')
      if (register !== 'cpr' && register !== 'cvr' && register !== 'eskattekort')
        throw badRequest('register is cpr, cvr or eskattekort')
      journal.act({ t: 'change', change: { id, register, municipality, known, what: what as Change['what'] } })
      return { ok: true }
    }
    case '/misbehave':
      journal.act({ t: 'misdeed', misdeed: body as unknown as Misdeed })
      return { ok: true }
    case '/send':
      return send(fake, body['date'])
    case '/quit':
      return { ok: true }
    default:
      return undefined
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

async function handle(fake: Fake, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { books } = fake.journal
  let answer: unknown
  if (request.method === 'POST') answer = act(fake, request.url ?? '', await bodyOf(request))
  else if (request.url === '/books') {
    answer = { changes: books.changes.size, sent: books.sent.size, files: books.files, doubles: books.doubles }
  }
  if (answer === undefined) reply(response, 404, { error: `no ${request.method} ${request.url}` })
  else reply(response, 200, answer)
}

function main(): void {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { out: text, books: text, port: text } })
  const { out, books } = values
  if (!out || !books) throw new Error('usage: --out FOLDER --books FOLDER [--port 0]')
  mkdirSync(books, { recursive: true })
  const fake: Fake = { journal: openJournal(join(books, 'registers.ndjson')), out }
  const server = createServer((request, response) => {
    handle(fake, request, response)
      .catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error)
        reply(response, error instanceof Refusal ? 400 : 500, { error: detail })
      })
      .finally(() => {
        if (request.method !== 'POST' || request.url !== '/quit') return
        server.close()
        server.closeIdleConnections()
        response.on('finish', () => server.closeAllConnections())
      })
  })
  server.listen(Number(values.port ?? '0'), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.stdout.write(`FAKE-REGISTERS http://127.0.0.1:${port}/\n`)
  })
}

main()

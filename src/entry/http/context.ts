/** What every route is given, and who may use it. */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Connection, Db, Tx } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Mode } from '../../base/migrate.ts'
import type { Pool } from '../../base/pool.ts'
import { type Access, claimIdempotencyKey } from '../../modules/access/index.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { Folders, Line } from '../line/line.ts'
import { HttpProblem } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every /api address before its handler runs. */
    access: Access | undefined
  }
}

/** A page with its headers. */
export interface WebAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface ServerOptions {
  readonly url: string
  readonly rates: RateReader
  readonly folders: Folders
  /** The wall clock, as an ISO time. */
  readonly now: () => string
  readonly mode: Mode
  /** One line on each failure of ours; never an identifier or a body. */
  readonly log?: (line: string) => void
  /** Connections for each database role; 4 unless told. */
  readonly connections?: number
  /** The specification of one payment, as JSON; undefined when it is not known. */
  readonly readSpecification?: (db: Db, municipality: Municipality, endToEndId: string) => Promise<unknown>
  /**
   * What a browser is shown at an address outside the API that is not there (404) or cannot be read; undefined of
   * other statuses.
   */
  readonly wrongAddress?: (status: number) => WebAnswer | undefined
  /** How a month stands, for the municipalities of the token. */
  readonly readClosing?: (db: Db, municipalities: readonly Municipality[], month: Period) => Promise<unknown>
}

export interface Context extends ServerOptions {
  readonly pool: Pool
}

/** The number that FAKTA has among the source systems. */
export const FACTS_ID = 9

export function accessOf(request: FastifyRequest): Access {
  if (request.access === undefined) throw new HttpProblem('no_token')
  return request.access
}

/** Reads under row-level security, in the scope of the token. */
export function reading<T>(context: Context, access: Access, work: (tx: Tx) => Promise<T>): Promise<T> {
  return context.pool.use('reader', (connection) => connection.transaction(access.municipalities, work))
}

/** Writes single commands under row-level security, in one municipality. */
export function writing<T>(context: Context, municipality: Municipality, work: (tx: Tx) => Promise<T>): Promise<T> {
  return context.pool.use('writer', (connection) => connection.transaction([municipality], work))
}

/** The same in the municipality's turn: beside no run, and no other act of the kind. */
export function writingInTurn<T>(context: Context, one: Municipality, work: (tx: Tx) => Promise<T>): Promise<T> {
  return context.pool.use('writer', (connection) => connection.inTurn(one, work))
}

/** The bulk role: orders come in by COPY, which row-level security refuses. The caller has checked the scope. */
export function loading<T>(context: Context, work: (line: Line) => Promise<T>): Promise<T> {
  return context.pool.use('loader', (connection) => work(lineOf(context, connection)))
}

function lineOf(context: Context, connection: Connection): Line {
  return { connection, rates: context.rates, folders: context.folders, at: () => undefined }
}

/** The source system that an address names. */
export function sourceOf(name: string): { source: SourceSystem; id: number } {
  const source = SOURCE_SYSTEMS.find((known) => known === name)
  if (source === undefined) {
    throw new HttpProblem('unknown_source_system', `We know ${SOURCE_SYSTEMS.join(', ')}.`)
  }
  return { source, id: SOURCE_SYSTEM_ID[source] }
}

/** A source system's token opens its own system only; persons and auditors look at all. */
export function mayRead(access: Access, source: number): void {
  if (access.kind === 'source_system' && access.sourceSystem !== source) throw new HttpProblem('wrong_source_system')
}

/** Only the source system itself delivers orders. */
export function mayDeliver(access: Access, source: number): void {
  mayRead(access, source)
  if (access.kind !== 'source_system') throw new HttpProblem('forbidden', 'Only the source system delivers its orders.')
}

export function personOnly(access: Access): void {
  if (access.kind !== 'person') throw new HttpProblem('forbidden', 'Only a person may do this.')
}

/**
 * The municipality that an address names, in its path or as `?municipality=`.
 * @throws HttpProblem `bad_request` when it is no code, or given more than once
 */
export function municipalityIn(code: unknown): Municipality {
  if (typeof code === 'string' && /^\d{4}$/.test(code)) return Number(code)
  const detail = 'A municipality is named once, by its code of four digits, leading zero included, such as 0101.'
  throw new HttpProblem('bad_request', detail)
}

/** Those that `?municipality=` names, or all of the token when it is left out. */
export function scopeOf(access: Access, code: unknown): readonly Municipality[] {
  if (code === undefined) return access.municipalities
  const municipality = municipalityIn(code)
  inScope(access, municipality)
  return [municipality]
}

export function inScope(access: Access, municipality: Municipality): void {
  if (access.municipalities.includes(municipality)) return
  throw new HttpProblem(
    'wrong_municipality',
    `The token does not cover municipality ${municipalityText(municipality)}.`,
  )
}

/** A key given to a request stands for that request only: its method, its address and the bytes of its body. */
export async function holdToIdempotencyKey(
  context: Context,
  request: FastifyRequest,
  access: Access,
  body: Uint8Array,
): Promise<void> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return
  if (typeof key !== 'string' || key === '' || key.length > 200) {
    throw new HttpProblem('bad_request', 'An Idempotency-Key has 1 to 200 characters.')
  }
  const requestHash = createHash('sha256').update(`${request.method} ${request.url}\n`).update(body).digest()
  // Keys belong to the actor; a row needs a municipality, so it is the lowest in its scope.
  const municipality = Math.min(...access.municipalities)
  const use = { municipality, actor: access.actor, key, requestHash, at: context.now() }
  const fits = await writing(context, municipality, (tx) => claimIdempotencyKey(tx, use))
  if (!fits) throw new HttpProblem('key_reused', 'Send the request with a key of its own.')
}

/** Who is calling: bearer tokens, of which only the hash is kept. @da adgang */
import { hash } from 'node:crypto'
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'

export type AccessKind = 'source_system' | 'person' | 'auditor'

/** @da adgangsnøgle */
export interface Access {
  readonly actor: string
  readonly kind: AccessKind
  /** Of a source system's token: the only system that it speaks for. 9 is FAKTA. */
  readonly sourceSystem: number | undefined
  readonly roles: readonly string[]
  /** What it may see and change. */
  readonly municipalities: readonly Municipality[]
}

export interface NewToken extends Access {
  /** At least 32 characters that nobody can guess. It is not kept. */
  readonly token: string
  /** ISO time. */
  readonly validFrom: string
  readonly validTo?: string | undefined
}

function hashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** Issues a token; the owner's transaction is needed. The same token again has no effect. */
export async function issueToken(tx: Tx, access: NewToken): Promise<void> {
  await tx.run(
    `insert into access_tokens (token_hash, actor, kind, source_system, roles, municipalities, valid_from, valid_to)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (token_hash) do nothing`,
    [
      hashOf(access.token),
      access.actor,
      access.kind,
      access.sourceSystem ?? null,
      access.roles,
      access.municipalities,
      access.validFrom,
      access.validTo ?? null,
    ],
  )
}

/** Access that is good now. */
export interface GivenAccess extends Access {
  /** ISO time; undefined: until it is ended. */
  readonly validTo: string | undefined
}

/** Every token that is good at a time (ISO), by name; never the token itself. */
export async function readTokens(db: Db, at: string): Promise<GivenAccess[]> {
  const rows = await db.rows<Omit<GivenAccess, 'sourceSystem'> & { sourceSystem: number | null }>(
    `select actor, kind, source_system as "sourceSystem", roles, municipalities,
       to_char(valid_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "validTo"
     from access_tokens where valid_from <= $1 and (valid_to is null or valid_to > $1) order by actor, valid_to`,
    [at],
  )
  return rows.map((row) => ({ ...row, sourceSystem: row.sourceSystem ?? undefined, validTo: row.validTo ?? undefined }))
}

/** Tokens of a name open nothing from now on; the owner's transaction is needed. @returns where they did */
export async function endTokens(tx: Tx, actor: string, at: string): Promise<Municipality[]> {
  const rows = await tx.rows<{ municipalities: Municipality[] }>(
    `update access_tokens set valid_to = $2 where actor = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)
     returning municipalities`,
    [actor, at],
  )
  return [...new Set(rows.flatMap((row) => row.municipalities))].sort((a, b) => a - b)
}

/** What a token gives at a time (ISO); undefined when it is unknown or not valid then. */
export async function findToken(db: Db, token: string, at: string): Promise<Access | undefined> {
  const row = await db.first<Omit<Access, 'sourceSystem'> & { sourceSystem: number | null }>(
    `select actor, kind, source_system as "sourceSystem", roles, municipalities from access_tokens
     where token_hash = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)`,
    [hashOf(token), at],
  )
  return row === undefined ? undefined : { ...row, sourceSystem: row.sourceSystem ?? undefined }
}

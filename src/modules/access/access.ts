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

/** What a token gives at a time (ISO); undefined when it is unknown or not valid then. */
export async function findToken(db: Db, token: string, at: string): Promise<Access | undefined> {
  const row = await db.first<Omit<Access, 'sourceSystem'> & { sourceSystem: number | null }>(
    `select actor, kind, source_system as "sourceSystem", roles, municipalities from access_tokens
     where token_hash = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)`,
    [hashOf(token), at],
  )
  return row === undefined ? undefined : { ...row, sourceSystem: row.sourceSystem ?? undefined }
}

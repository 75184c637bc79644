/** A caller's Idempotency-Key: the same key with another request is refused. @da gentagelsesnøgle */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'

/**
 * Remembers the key and tells whether it may stand for this request: true when it is new or was used for the same one.
 * `municipality` is any that is the same for all requests of the actor.
 */
export async function claimIdempotencyKey(
  tx: Tx,
  use: { municipality: Municipality; actor: string; key: string; requestHash: Uint8Array; at: string },
): Promise<boolean> {
  await tx.run(
    `insert into idempotency_keys (municipality_code, actor, key, request_hash, at) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [use.municipality, use.actor, use.key, use.requestHash, use.at],
  )
  const same = await tx.first(
    `select 1 from idempotency_keys where municipality_code = $1 and actor = $2 and key = $3 and request_hash = $4`,
    [use.municipality, use.actor, use.key, use.requestHash],
  )
  return same !== undefined
}

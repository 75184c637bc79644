/** What the closing says of each clearing account is what its listed open items come to, page by page. */
import assert from 'node:assert/strict'
import type { Db } from '../../src/base/db.ts'
import type { Account } from '../../src/modules/rates/index.ts'
import { type OpenItem, readOpenItems, type Reconciliation } from '../../src/modules/reconciliation/index.ts'

/** Small, so that accounts have several pages. */
const LIMIT = 3
/** Pages that are read of one account. */
const PAGES = 20

export async function checkOpenItems(
  db: Db,
  { municipality, clearing }: Reconciliation,
  accounts: readonly Account[],
): Promise<void> {
  for (const account of accounts.filter((one) => one.clearing)) {
    const said = clearing.find((row) => row.account === account.number)
    const listed: OpenItem[] = []
    let [items, skip] = [0, 0]
    do {
      const page = await readOpenItems(db, municipality, account, { skip, limit: LIMIT })
      assert.deepEqual(
        [page.items, page.explained, page.balance],
        [said?.open_items ?? 0, said?.explained_ore ?? 0, said?.balance_ore ?? 0],
        account.key,
      )
      listed.push(...page.listed)
      items = page.items
      skip += LIMIT
    } while (skip < items && skip < LIMIT * PAGES)
    if (skip < items) continue
    assert.equal(listed.length, items, account.key)
    const sum = listed.reduce((ore, one) => ore + one.amount, 0)
    assert.equal(sum, said?.explained_ore ?? 0, account.key)
    for (const one of listed) {
      assert.ok(one.endToEndId !== undefined || one.order !== undefined || one.named !== '', JSON.stringify(one))
    }
  }
}

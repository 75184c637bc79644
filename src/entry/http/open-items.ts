/** The open items that explain a clearing account, for people and auditors: as its page lists them. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { type OpenItem, readOpenItems } from '../../modules/reconciliation/index.ts'
import { accessOf, type Context, inScope, municipalityIn, reading } from './context.ts'
import { HttpProblem } from './problem.ts'
import { ore, orNull, refusals, text } from './schemas.ts'

interface Address {
  Params: { municipality: string; account: string }
  Querystring: { skip?: string; limit?: string }
}

/** Items in one answer: when nothing is said, and at most. */
const ITEMS = 200
const MOST_ITEMS = 1000

const Item = Type.Object({
  end_to_end_id: orNull(text('The payment that it is of.')),
  order: orNull(
    Type.Object({ source_system: text('KY, KSD or KP.'), order_key: text('Its key.'), version: Type.Integer() }),
  ),
  named: text("A claim's key, a bank line's reference, an SE number and such; empty: it has no other name."),
  since: text('YYYY-MM-DD; of a claim, and of tax that was withheld in a month, the day on which it is due.'),
  amount_ore: ore('Credits are negative.'),
})
const openItemsSchema = {
  summary: 'The open items that a clearing account is the sum of, the oldest first (åbne poster)',
  tags: ['closing'],
  params: Type.Object({ municipality: text('Four digits.'), account: text('Its number, such as 8.52.59.5.102.') }),
  querystring: Type.Object({
    skip: Type.Optional(text('Behind so many of them; 0 by default.')),
    limit: Type.Optional(text(`So many at most; ${ITEMS} by default, ${MOST_ITEMS} at most.`)),
  }),
  response: {
    200: Type.Object({
      municipality: text('Four digits.'),
      account: text('Its number.'),
      purpose: text('What it clears.'),
      source_system: orNull(text('Whose it is; null: of all.')),
      balance_ore: ore('Of the ledger.'),
      explained_ore: ore('The sum of all its open items, listed here or not.'),
      open_items: Type.Integer({ description: 'How many there are.' }),
      items: Type.Array(Item),
    }),
    ...refusals(404),
  },
}

export function openItemRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/accounts/:municipality/:account/open-items'
  app.get<Address>(path, { schema: openItemsSchema }, (request) => getOpenItems(context, request))
}

async function getOpenItems(context: Context, request: FastifyRequest<Address>): Promise<unknown> {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors read accounts.')
  const { municipality: code, account: number } = request.params
  const municipality = municipalityIn(code)
  inScope(access, municipality)
  const account = context.rates.book.accounts.find((one) => one.clearing && one.number === number)
  if (account === undefined) throw new HttpProblem('not_found', 'No clearing account has this number.')
  const { skip = '0', limit = String(ITEMS) } = request.query
  if (!/^\d{1,8}$/.test(skip) || !/^\d{1,4}$/.test(limit) || Number(limit) > MOST_ITEMS) {
    throw new HttpProblem('bad_request', `"skip" and "limit" are whole numbers, the limit at most ${MOST_ITEMS}.`)
  }
  const page = { skip: Number(skip), limit: Number(limit) }
  const open = await reading(context, access, (tx) => readOpenItems(tx, municipality, account, page))
  return {
    municipality: municipalityText(municipality),
    account: account.number,
    purpose: account.purpose ?? account.key,
    source_system: account.sourceSystem,
    balance_ore: open.balance,
    explained_ore: open.explained,
    open_items: open.items,
    items: open.listed.map(itemJson),
  }
}

function itemJson({ endToEndId, order, named, since, amount }: OpenItem) {
  return {
    end_to_end_id: endToEndId ?? null,
    order:
      order === undefined
        ? null
        : { source_system: order.sourceSystem, order_key: order.orderKey, version: order.version },
    named,
    since: formatDay(since),
    amount_ore: amount,
  }
}

/** Programs that measure: `npm run -s bench -- --orders 200000 --json`. One object on stdout. */
import { parseArgs } from 'node:util'
import { benchCorrections } from './corrections.ts'
import { benchOrders } from './orders.ts'
import { benchRails } from './rails.ts'
import { benchYear } from './year.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    orders: text,
    municipality: text,
    database: text,
    corrections: { type: 'boolean' },
    year: { type: 'boolean' },
    rails: { type: 'boolean' },
    payments: text,
    json: { type: 'boolean' },
  },
})
if (values.orders === undefined && !values.corrections && !values.year && !values.rails) {
  process.stderr.write(
    'npm run -s bench -- --orders N | --corrections [--orders N] | --year [--orders N] | --rails [--payments N] ' +
      '[--municipality 0751] [--database URL] [--json]\n',
  )
  process.exit(4)
}
const options = {
  orders: Number(values.orders ?? (values.year ? 20_000 : 200_000)),
  municipality: values.municipality ?? 'all',
  database: values.database,
  json: values.json === true,
}
const ordersOrMonths = values.year ? benchYear : values.corrections ? benchCorrections : benchOrders
const result =
  values.rails === true
    ? await benchRails({ ...options, payments: Number(values.payments ?? 300_000) })
    : await ordersOrMonths(options)
process.stdout.write(values.json === true ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)

/** Programs that measure: `npm run -s bench -- --orders 200000 --json`. One object on stdout. */
import { parseArgs } from 'node:util'
import { benchOrders } from './orders.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { orders: text, municipality: text, database: text, json: { type: 'boolean' } },
})
if (values.orders === undefined) {
  process.stderr.write('npm run -s bench -- --orders N [--municipality 0751] [--database URL] [--json]\n')
  process.exit(4)
}
const result = await benchOrders({
  orders: Number(values.orders),
  municipality: values.municipality ?? 'all',
  database: values.database,
  json: values.json === true,
})
process.stdout.write(values.json === true ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)

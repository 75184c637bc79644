/** The same properties as in properties.test.ts, many more of them, from the seed in SEED. */
import { monthProperties } from './support/month-properties.ts'

monthProperties({ seed: Number(process.env['SEED'] ?? 751), tame: 1_000, wild: 200, shrink: true })

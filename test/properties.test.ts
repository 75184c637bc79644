/** Random small months on the whole line: whatever arrives in whatever order, the books come out even and alike. */
import { monthProperties } from './support/month-properties.ts'

monthProperties({ seed: 20_260_331, tame: 10, wild: 4, shrink: false })

import { faultedMonthTest } from './support/check-faulted.ts'

faultedMonthTest({ orders: 1_500, seed: 20_260_331 })

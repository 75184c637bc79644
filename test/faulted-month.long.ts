import { faultedMonthTest } from './support/check-faulted.ts'

for (const seed of [1, 2, 3]) faultedMonthTest({ orders: 6_000, seed })

export { type CardProblem, parseCardDelivery } from './parse-delivery.ts'
export { type CardTold, writeCardDelivery } from './write-delivery.ts'

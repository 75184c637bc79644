/** Orders are cut into batches by person, and persons who are linked are never parted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Day } from '../../base/date.ts'
import type { Link } from '../../modules/items/index.ts'
import type { DueOrder } from '../../modules/orders/index.ts'
import { cut } from './group-orders.ts'

/** By person, in the order of the plan; orders are numbered from 1. */
function due(persons: string): DueOrder[] {
  return [...persons].map((person, i) => ({
    order: i + 1,
    person: Number(person),
    dispositionDate: 0 as Day,
    later: false,
    otherwise: false,
  }))
}

function links(text: string): Link[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((pair) => ({ one: Number(pair[0]), other: Number(pair[1]) }))
}

const CASES: readonly (readonly [name: string, persons: string, links: string, most: number, batches: string])[] = [
  ['nobody is due', '', '', 2, ''],
  ['a batch ends between two persons', '112233', '', 2, '11 22 33'],
  ['a person is never split', '11122', '', 2, '111 22'],
  ['small persons share a batch', '12345', '', 2, '12 34 5'],
  ['linked persons come last, together', '123456', '16', 2, '23 45 16'],
  ['a link to somebody who has nothing due parts nobody and joins nobody', '123', '19', 2, '12 3'],
  ['two who are linked with the same third, who has nothing due, are together', '1234', '19 94', 2, '23 14'],
  ['a chain is one group', '123456', '12 23 36', 2, '45 1236'],
  ['groups share a batch, which keeps the order of the plan', '1234', '14 23', 4, '1234'],
  ['a group is never split, two groups may be', '123456', '14 25', 2, '36 14 25'],
  ['all orders of the linked go along', '1122334', '14', 2, '22 33 114'],
  ['what is said twice and of oneself is said once', '123', '13 31 11 22', 1, '2 13'],
]

for (const [name, persons, pairs, most, expected] of CASES) {
  test(name, () => {
    const all = due(persons)
    const batches = [...cut(all, links(pairs), most)]
    assert.equal(batches.map((orders) => orders.map((one) => one.person).join('')).join(' '), expected)
    for (const orders of batches) {
      const numbers = orders.map((one) => one.order)
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        'the order of the plan',
      )
    }
    const every = batches.flat().map((one) => one.order)
    assert.deepEqual(
      every.toSorted((a, b) => a - b),
      all.map((one) => one.order),
      'each order once',
    )
  })
}

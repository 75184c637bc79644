import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { CONTEXT, exampleEnvelope, exampleFacts, exampleOrder, places, put } from './examples.ts'
import { ENVELOPE_FIELDS, parseEnvelope } from './parse-envelope.ts'
import { FACT_FIELDS, parseFact } from './parse-fact.ts'
import { LINE_FIELDS } from './parse-line.ts'
import { ORDER_FIELDS, parseOrder } from './parse-order.ts'
import { EnvelopeBody, FactBody, OrderBody } from './schema.ts'

/** The parts of JSON Schema that the test walks through. */
interface Node {
  readonly type?: string
  readonly properties?: Record<string, Node>
  readonly required?: string[]
  readonly additionalProperties?: boolean
  readonly items?: Node
  readonly anyOf?: Node[]
  readonly const?: unknown
  readonly description?: string
}

const plain = (schema: TSchema): Node => JSON.parse(JSON.stringify(schema)) as Node
const names = (node: Node | undefined): string[] => Object.keys(node?.properties ?? {}).toSorted()
const sorted = (set: ReadonlySet<string>): string[] => [...set].toSorted()

const takes: [string, TSchema, (value: unknown) => boolean, unknown[]][] = [
  ['order', OrderBody, (value) => parseOrder(value, CONTEXT).order !== undefined, orders()],
  ['envelope', EnvelopeBody, (value) => parseEnvelope(value, CONTEXT).envelope !== undefined, [exampleEnvelope()]],
  [
    'fact',
    FactBody,
    (value) => parseFact(value, { ...CONTEXT, municipality: 751 }).fact !== undefined,
    [...Object.values(exampleFacts()), put(exampleFacts().tax_card, '/rate_percent', '38.25')],
  ],
]

function orders(): unknown[] {
  const { lines } = exampleOrder()
  const deltas = lines.map(({ amount_ore, ...line }) => ({ ...line, delta_ore: -amount_ore }))
  return [
    exampleOrder(),
    { ...exampleOrder(), state: 'withdrawn', reason: 'omgjort', lines: [] },
    { ...exampleOrder(), adjusts: { order_key: 'KY-1', version: 1 }, lines: deltas },
  ]
}

test('every field that a parser knows is in its schema, and the other way round', () => {
  const order = plain(OrderBody)
  assert.deepEqual(names(order), sorted(ORDER_FIELDS))
  const lines = order.properties?.['lines']?.items?.anyOf ?? []
  assert.deepEqual(
    lines.map((line) => line.properties?.['kind']?.const),
    Object.keys(LINE_FIELDS),
  )
  for (const line of lines) {
    const kind = line.properties?.['kind']?.const as keyof typeof LINE_FIELDS
    assert.deepEqual(names(line), sorted(LINE_FIELDS[kind]), kind)
  }
  assert.deepEqual(names(plain(EnvelopeBody)), sorted(ENVELOPE_FIELDS))
  const facts = plain(FactBody).anyOf ?? []
  assert.deepEqual(
    facts.map((fact) => fact.properties?.['record']?.const),
    Object.keys(FACT_FIELDS),
  )
  for (const fact of facts) {
    const record = fact.properties?.['record']?.const as keyof typeof FACT_FIELDS
    assert.deepEqual(names(fact), sorted(FACT_FIELDS[record]), record)
  }
})

test('parser and schema agree on the examples, on each field left out, and on each field too many', () => {
  for (const [name, schema, parses, examples] of takes) {
    for (const example of examples) {
      assert.equal(parses(example), true, name)
      assert.equal(Value.Check(schema, example), true, `${name}: ${JSON.stringify(Value.Errors(schema, example)[0])}`)
      for (const pointer of places(example)) {
        if (/\/\d+$/.test(pointer)) continue
        // Where the parser can do without a field, the schema does too.
        const without = put(example, pointer, undefined)
        if (parses(without)) assert.equal(Value.Check(schema, without), true, `${name} without ${pointer}`)
        const parent = pointer.slice(0, pointer.lastIndexOf('/'))
        const more = put(example, `${parent}/zzz`, 1)
        assert.deepEqual([parses(more), Value.Check(schema, more)], [false, false], `${name} with ${parent}/zzz`)
      }
    }
  }
})

test('a nested field that the schema requires, the parser requires', () => {
  // The conditions that JSON Schema does not say here: an active order has lines, a line has one of two amounts.
  const conditional =
    /\/(lines|reason|adjusts|amount_ore|delta_ore|sums|rate_percent|allowance_\w+|frikort_left_ore|cpr)$/
  for (const [name, schema, parses, examples] of takes) {
    for (const example of examples) {
      for (const pointer of places(example)) {
        if (conditional.test(pointer) || /\/\d+$/.test(pointer)) continue
        const without = put(example, pointer, undefined)
        assert.equal(parses(without), Value.Check(schema, without), `${name} without ${pointer}`)
      }
    }
  }
})

test('what a parser takes, its schema takes', () => {
  for (const [name, schema, parses, examples] of takes) {
    for (const example of examples) {
      const value = fc.oneof(
        fc.jsonValue(),
        fc.integer(),
        fc.integer({ min: 0, max: 99_999_999 }).map(String),
        fc.constantFrom('2026-02-01', '0101', 'cvr', 'month', 'KY', 'a/b', '1.25', '6103850001', 'bikort', null),
      )
      fc.assert(
        fc.property(fc.constantFrom(...places(example)), value, (pointer, to) => {
          const changed = put(example, pointer, to)
          if (parses(changed))
            assert.equal(Value.Check(schema, changed), true, `${name} ${pointer} = ${JSON.stringify(to)}`)
        }),
        { seed: 7, numRuns: 500 },
      )
    }
  }
})

test('every object is closed and every field is described', () => {
  const walk = (node: Node, at: string): number => {
    let found = 0
    if (node.type === 'object') assert.equal(node.additionalProperties, false, at)
    for (const [name, inner] of Object.entries(node.properties ?? {})) {
      const described =
        inner.description ?? inner.anyOf?.[0]?.description ?? (inner.const === undefined ? undefined : 'fixed')
      assert.ok(described, `${at}/${name} has no description`)
      found += 1 + walk(inner, `${at}/${name}`)
    }
    for (const inner of [...(node.anyOf ?? []), ...(node.items ? [node.items] : [])]) found += walk(inner, at)
    return found
  }
  for (const [name, schema, , examples] of takes) assert.ok(walk(plain(schema), name) >= places(examples[0]).length / 2)
})

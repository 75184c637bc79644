import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EXCEPTIONS } from './architecture/exceptions.ts'
import { scan } from './architecture/scan.ts'
import { danishWords, glossaryWords, judge, MODULES, unknownWords } from './architecture/rules.ts'
import { unusedNames } from './architecture/unused.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

function read(patterns: readonly string[]): Map<string, string> {
  const paths = globSync([...patterns], { cwd: root }).toSorted()
  return new Map(
    paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')]),
  )
}

const sources = read(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'])
const judged = judge(sources, EXCEPTIONS)

test('the scanner saw the product', () => {
  assert.ok(judged.files > 100, `only ${judged.files} files`)
  assert.ok(sources.has('src/main.ts'))
  const doors = MODULES.filter((one) => sources.has(`src/modules/${one}/index.ts`))
  assert.deepEqual(doors, MODULES, 'every module in the order is there')
})

test('the scanner was not lost in any file: what is left of it has as many braces open as closed', () => {
  for (const [path, text] of sources) {
    const { code } = scan(text)
    assert.equal(code.length, text.length, path)
    assert.equal(code.split('{').length, code.split('}').length, path)
  }
})

test('rooms, order of modules, doors, lengths, environment, clock and chance', () => {
  assert.deepEqual(judged.offences, [])
})

test('no exception stands that nothing needs', () => {
  assert.deepEqual(judged.stale, [], 'remove from test/architecture/exceptions.ts')
})

test('a door hands on what somebody outside takes, and a file what another file takes', () => {
  assert.deepEqual(unusedNames(sources), [])
})

test('every Danish word of the code and of the tables stands in the glossary', () => {
  const known = glossaryWords(readFileSync(new URL('../docs/glossary.md', import.meta.url), 'utf8'))
  assert.ok(known.size > 80, `the glossary has ${known.size} Danish words`)
  const words = danishWords(new Map([...sources, ...read(['db/migrations/*.sql', 'src/**/README.md'])]))
  assert.ok(words.size > 80, `only ${words.size} Danish words were found in the code`)
  const missing = [...words].flatMap(([phrase, path]) => unknownWords(phrase, known).map((word) => `${path}: ${word}`))
  assert.deepEqual(missing, [])
})

const PLANTED: Readonly<Record<string, readonly [text: string, offence: string]>> = {
  'src/base/money.ts': [
    "import { x } from '../modules/rates/index.ts'",
    'src/base/money.ts -> src/modules/rates/index.ts: base does not know modules',
  ],
  'src/modules/rates/book.ts': [
    "export type * from '../ledger/index.ts'",
    'src/modules/rates/book.ts -> src/modules/ledger/index.ts: ledger comes after rates',
  ],
  'src/modules/orders/a.ts': [
    "import {\n  type A,\n  b,\n} from '../ledger/seal.ts'",
    'src/modules/orders/a.ts -> src/modules/ledger/seal.ts: past the door: a module is reached through its index.ts',
  ],
  'src/modules/orders/b.ts': [
    "const x = await import('../../entry/line/line.ts')",
    'src/modules/orders/b.ts -> src/entry/line/line.ts: modules does not know entry',
  ],
  'src/modules/orders/c.ts': [
    "import type { X } from '../surprise/index.ts'",
    'src/modules/orders/c.ts -> src/modules/surprise/index.ts: surprise has no place in the order of modules',
  ],
  'src/modules/orders/d.ts': [
    "import { readFileSync } from 'node:fs'",
    'src/modules/orders/d.ts -> node:fs: modules do no network and no files',
  ],
  'src/adapters/erp/a.ts': [
    "import { x } from '../bank/index.ts'",
    'src/adapters/erp/a.ts -> src/adapters/bank/index.ts: adapters do not know each other',
  ],
  'src/adapters/erp/b.ts': [
    "import { x } from '../../../test/database.ts'",
    'src/adapters/erp/b.ts -> test/database.ts: only tests use what is for tests',
  ],
  'src/entry/cli/a.ts': ['const at = `${Date.now()}`', 'src/entry/cli/a.ts:1: only main.ts reads the clock'],
  'src/entry/cli/b.ts': ["\nconst x = process.env['X']", 'src/entry/cli/b.ts:2: only main.ts reads the environment'],
  'src/entry/cli/c.ts': ['const x = Math.random()', 'src/entry/cli/c.ts:1: nothing is left to chance'],
  'src/entry/cli/d.ts': ['const x = randomUUID()', 'src/entry/cli/d.ts:1: random numbers are for secrets only'],
  'src/entry/cli/e.ts': [
    `export function long(a: { b: number }): { c: number } {\n${'  a()\n'.repeat(70)}}`,
    'src/entry/cli/e.ts#long (line 1): 72 lines, 70 at most',
  ],
  'src/entry/cli/f.ts': [
    `export const verb = {\n  async run(world, args) {\n${'    a()\n'.repeat(70)}  },\n}`,
    'src/entry/cli/f.ts#run (line 2): 72 lines, 70 at most',
  ],
  'src/entry/cli/g.ts': [
    `const arrow = async (a: number): Promise<void> => {\n${'  a()\n'.repeat(70)}}`,
    'src/entry/cli/g.ts#arrow (line 1): 72 lines, 70 at most',
  ],
  'src/entry/cli/h.ts': ['x()\n'.repeat(401), 'src/entry/cli/h.ts: 401 lines, 400 at most'],
  'src/entry/cli/i.ts': [`// ${'x'.repeat(118)}`, 'src/entry/cli/i.ts:1: 121 characters, 120 at most'],
}

test('each planted offence is caught, and only it', () => {
  const planted = new Map(Object.entries(PLANTED).map(([path, [text]]) => [path, text]))
  const none = {
    typesPastTheDoor: [],
    adapters: [],
    data: [],
    longFunctions: {},
    longFiles: {},
    wideLines: {},
    secrets: [],
  }
  assert.deepEqual(
    judge(planted, none).offences,
    Object.values(PLANTED).map(([, offence]) => offence),
  )
  const stale = judge(new Map(), { ...none, adapters: ['erp -> bank'] }).stale
  assert.deepEqual(stale, ['erp -> bank'])
})

test('what only looks like an offence passes', () => {
  const innocent = `/* process.env */ const a = 'Date.now()' // Math.random()
const b = \`import { x } from '../../entry/a.ts' \${'process.env'}\`
const c = /process\\.env/.test(a)
import { d } from '../modules/ledger/index.ts'
`
  const none = {
    typesPastTheDoor: [],
    adapters: [],
    data: [],
    longFunctions: {},
    longFiles: {},
    wideLines: {},
    secrets: [],
  }
  assert.deepEqual(judge(new Map([['src/entry/x.ts', innocent]]), none).offences, [])
})

test('what nobody takes is found, and nothing else', () => {
  const files = {
    'src/modules/rates/index.ts': "export { a, type B as C } from './a.ts'\nexport { d } from './d.ts'\n",
    'src/modules/rates/a.ts': 'export function a(): void {}\nexport type B = 1\nexport type Own = 2\n',
    'src/modules/rates/d.ts': "export const d = 'e'\nexport const e = 1\n// e\n",
    'src/entry/x.ts': "import { a } from '../modules/rates/index.ts' // C\na('d')\n",
  }
  assert.deepEqual(unusedNames(new Map(Object.entries(files))), [
    'src/modules/rates/index.ts: C',
    'src/modules/rates/index.ts: d',
    'src/modules/rates/d.ts: e',
  ])
})

test('a Danish word that the glossary lacks is found', () => {
  const words = danishWords(
    new Map([
      ['src/a.ts', '/** A thing. @da tingest */\n'],
      ['db/b.sql', "comment on table t is 'T (sager og ting)';"],
    ]),
  )
  assert.deepEqual([...words.keys()], ['tingest', 'sager og ting'])
  const known = glossaryWords('| thing | tingest, sager | – | a. | b |')
  assert.deepEqual(
    [...words.keys()].flatMap((word) => unknownWords(word, known)),
    ['ting'],
  )
})

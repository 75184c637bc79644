/** What is offered and taken by nobody: names of a door, and values that only their own file knows. */
import type { Sources } from './rules.ts'
import { scan } from './scan.ts'

const DOOR = /^src\/.*\/index\.ts$/

/** `file: name`, of the files below src. What only a test takes is taken. */
export function unusedNames(sources: Sources): string[] {
  const code = new Map([...sources].map(([path, text]) => [path, scan(text).code]))
  const words = new Map([...code].map(([path, text]) => [path, new Set(text.match(/[\w$]+/g))]))
  const unused: string[] = []
  for (const [path, text] of code) {
    if (!path.startsWith('src/')) continue
    const own = DOOR.test(path) ? path.slice(0, -'index.ts'.length) : undefined
    const others = [...sources.keys()].filter((one) =>
      own === undefined ? one !== path : !one.startsWith(own) || takesDoor(sources.get(one) as string),
    )
    for (const name of own === undefined ? valuesOf(text) : handedOn(text)) {
      if (!others.some((one) => one !== path && words.get(one)?.has(name))) unused.push(`${path}: ${name}`)
    }
  }
  return unused
}

/** A test in the folder itself that goes through the door. */
function takesDoor(text: string): boolean {
  return /from '\.\/index\.ts'/.test(text)
}

function valuesOf(code: string): string[] {
  return [...code.matchAll(/^export (?:async )?(?:function\*?|const|class) ([\w$]+)/gm)].map(
    ([, name]) => name as string,
  )
}

function handedOn(code: string): string[] {
  return [...code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) =>
    (names as string)
      .split(',')
      .map((one) => /([\w$]+)\s*$/.exec(one)?.[1] ?? '')
      .filter((one) => one !== ''),
  )
}

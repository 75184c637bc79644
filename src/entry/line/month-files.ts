/** The files of a month, as they lie in a folder that somebody names. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { sizeOfFile } from './read-in-place.ts'

/** Order and fact files are called so; what else lies in a folder is left there. */
export const FILE_NAMES = /\.(ndjson|json)(\.gz)?$/

/** Those of a folder that are about the chosen municipalities; facts come first by name. @throws Refusal not_a_file */
export async function filesOf(folder: string, municipalities: readonly Municipality[]): Promise<string[]> {
  const chosen = new Set(municipalities.map(municipalityText))
  const names = (await readdir(folder)).filter((name) => FILE_NAMES.test(name)).sort()
  const files: { path: string; size: number; key: string }[] = []
  for (const name of names) {
    const key = /^(\d{4})-/.exec(name)?.[1]
    if (key !== undefined && !chosen.has(key)) continue
    const path = join(folder, name)
    files.push({ path, key: key ?? '', size: await sizeOfFile(path) })
  }
  // The largest municipalities first: so the last lanes to finish are short.
  const sizes = new Map<string, number>()
  for (const file of files) sizes.set(file.key, (sizes.get(file.key) ?? 0) + file.size)
  return files
    .sort(
      (a, b) =>
        (sizes.get(b.key) ?? 0) - (sizes.get(a.key) ?? 0) || a.key.localeCompare(b.key) || a.path.localeCompare(b.path),
    )
    .map((file) => file.path)
}

/**
 * Style, icons and fonts: the design system's own files and one small sheet of ours. All read once; nothing is
 * fetched.
 */
import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Asset {
  readonly type: string
  readonly body: Buffer
}

export interface Assets {
  /** By the path behind /assets/. Paths carry a version, so that they can be kept for a year. */
  readonly files: ReadonlyMap<string, Asset>
  readonly designCss: string
  readonly ownCss: string
  readonly icons: string
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const FONTS = ['Regular', 'Italic', 'Medium', 'SemiBold', 'Bold']

export function loadAssets(): Assets {
  const home = fileURLToPath(new URL('../../../node_modules/dkfds/', import.meta.url))
  const dist = join(home, 'dist')
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
  const files = new Map<string, Asset>()
  const add = (path: string, body: Buffer): string => {
    files.set(path, { type: TYPES[extname(path)] as string, body })
    return `/assets/${path}`
  }
  const design = (path: string): string => add(`dkfds-${version}/${path}`, readFileSync(join(dist, path)))
  for (const font of FONTS) design(`fonts/IBMPlexSans/complete/woff2/IBMPlexSans-${font}.woff2`)
  for (const icon of readdirSync(join(dist, 'img/svg-icons')))
    if (icon.endsWith('.svg')) design(`img/svg-icons/${icon}`)
  // Served for whoever needs a component with behaviour; the pages here work without any script and load none.
  design('js/dkfds.min.js')
  const designCss = design('css/dkfds.min.css')
  const icons = design('img/all-svg-icons.svg')
  const sheet = readFileSync(new URL('assets/toek.css', import.meta.url), 'utf8').replaceAll(
    '@dkfds@',
    `dkfds-${version}`,
  )
  const ownCss = add(`toek-${hash('sha256', sheet).slice(0, 12)}.css`, Buffer.from(sheet))
  return { files, designCss, ownCss, icons }
}

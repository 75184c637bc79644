/** What every step of the line is given: nothing is global. */
import type { Connection } from '../../base/db.ts'
import type { RateReader } from '../../modules/rates/index.ts'

/** Points where a fault test may kill the program; in operation the hook does nothing. */
export type Failpoint =
  | 'intake:before-commit'
  | 'intake:after-commit'
  | 'calculate:after-marker'
  | 'calculate:after-copy'
  | 'calculate:before-commit'
  | 'calculate:after-commit'
  | 'run:assembled'
  | 'run:before-release'
  | 'run:after-release'
  | 'file:half-written'
  | 'file:before-rename'
  | 'file:after-rename'
  | 'answers:read'
  | 'answers:before-commit'
  | 'answers:after-commit'
  | 'statement:before-commit'
  | 'statement:after-commit'
  | 'tell:before-record'
  | 'tell:after-record'
  | 'seal:before-commit'

export interface Line {
  readonly connection: Connection
  readonly rates: RateReader
  readonly folders: Folders
  /** Called at each failpoint. */
  readonly at: (point: Failpoint) => void
}

export interface Folders {
  /** Files to the outside, a folder per receiver. */
  readonly out: string
  /** Files from the outside. */
  readonly in: string
}

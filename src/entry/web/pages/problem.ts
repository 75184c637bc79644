import { alert } from '../components/alert.ts'
import { html } from '../html.ts'
import type { Page } from '../layout.ts'
import { paths } from '../paths.ts'
import { PROBLEM } from '../../text/index.ts'

export type Problem = 'notFound' | 'badAddress' | 'noSession' | 'notLocal' | 'broken'

export const PROBLEM_STATUS: Record<Problem, number> = {
  notFound: 404,
  badAddress: 400,
  noSession: 401,
  notLocal: 403,
  broken: 500,
}

/** The same page for "is not there" and "you may not see it": the one must not tell the other. */
export function problemPage(icons: string, problem: Problem): Page {
  return {
    title: PROBLEM[problem],
    body: html`${alert(icons, problem === 'broken' ? 'error' : 'warning', PROBLEM[`${problem}Text`])}
<p><a href="${paths.month()}">${PROBLEM.toFront}</a></p>`,
  }
}

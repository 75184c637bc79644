/**
 * Runs test files side by side in the order they are given; `node --test` takes them by their names. Started by run.ts:
 * `in-order.ts FILES-AT-ONCE MILLISECONDS FILE …`, 0 milliseconds for no limit.
 */
import { run } from 'node:test'
import { spec as Spec } from 'node:test/reporters'

const [atOnce = '2', limit = '0', ...files] = process.argv.slice(2)
const tests = run({
  files,
  concurrency: Number(atOnce),
  execArgv: ['--disable-warning=ExperimentalWarning'],
  ...(limit === '0' ? {} : { timeout: Number(limit) }),
})
tests.on('test:summary', ({ success }) => {
  if (!success) process.exitCode = 1
})
tests.compose(new Spec()).pipe(process.stdout)

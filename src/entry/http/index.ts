export type { ServerOptions } from './context.ts'
export { type DemoTokens, demoTokens } from './demo-tokens.ts'
export { buildServer } from './server.ts'

export { FACTS_ID, type ServerOptions } from './context.ts'
export { type DemoTokens, demoTokens, newToken } from './demo-tokens.ts'
export { buildServer } from './server.ts'

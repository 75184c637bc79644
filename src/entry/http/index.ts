export { FACTS_ID } from './context.ts'
export { type DemoTokens, demoTokens, newToken } from './demo-tokens.ts'
export { buildServer } from './server.ts'

/** The API as a source system uses it, over plain node:http: an import may take longer than a fetch would wait. */
import { Agent, request } from 'node:http'
import type { Readable } from 'node:stream'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Client {
  get(path: string, token?: string): Promise<Answer>
  put(path: string, body: string): Promise<Answer>
  post(path: string, type: string, body: Readable): Promise<Answer>
  close(): void
}

export function client(url: string, token: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  function call(method: string, path: string, more: { token?: string; type?: string; body?: string | Readable }) {
    return new Promise<Answer>((done, failed) => {
      const headers: Record<string, string> = { authorization: `Bearer ${more.token ?? token}` }
      if (more.type !== undefined) headers['content-type'] = more.type
      const asked = request(new URL(path, url), { method, headers, agent }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', failed)
        response.on('end', () => done({ status: response.statusCode ?? 0, body: bodyOf(text) }))
      })
      asked.on('error', failed)
      if (more.body === undefined || typeof more.body === 'string') asked.end(more.body)
      else more.body.on('error', failed).pipe(asked)
    })
  }
  return {
    get: (path, other) => call('GET', path, other === undefined ? {} : { token: other }),
    put: (path, body) => call('PUT', path, { type: 'application/json', body }),
    post: (path, type, body) => call('POST', path, { type, body }),
    close: () => agent.destroy(),
  }
}

function bodyOf(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

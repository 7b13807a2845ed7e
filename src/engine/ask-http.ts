import type { Question } from '../core/question.ts'

/** Where something can be reached, and what a request there must carry. */
export interface Endpoint {
  readonly endpoint?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a question. @returns the status of its answer, or `undefined` when there is nowhere to send it. */
export async function askHttp(
  { path, port }: Extract<Question, { kind: 'http' }>,
  { endpoint, headers }: Endpoint,
  request: { readonly signal: AbortSignal; readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<number | undefined> {
  if (endpoint === undefined) return undefined
  const url = new URL(path, endpoint)
  if (port !== undefined) url.port = String(port)
  const response = await fetch(url, { ...request, headers: { ...headers, ...request.headers }, redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}

/** Whether a status says yes. */
export function isYes(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}

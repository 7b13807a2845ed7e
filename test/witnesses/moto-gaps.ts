import { text as bodyOf } from 'node:stream/consumers'
import { listen, type Listening } from '../kit/listen.ts'

/** What moto cannot be asked, and what is answered in its place; AWS answers so of a group that has none of it. */
export const GAPS: Readonly<Record<string, { readonly moto: string; readonly instead: string }>> = {
  DescribeInstanceRefreshes: { moto: 'fails with HTTP 500', instead: '<InstanceRefreshes/>' },
  DescribeNotificationConfigurations: { moto: 'fails with HTTP 500', instead: '<NotificationConfigurations/>' },
}

/** What moto does otherwise than AWS, so that no rollout can show it there. */
export const UNSHOWN = [
  'an image that never becomes healthy: every target is healthy as soon as it is registered',
  'draining: a target that is deregistered is gone at once',
  'rolling in place: an instance is said to have been launched from whatever its group launches now',
  'failed launches: there are no activities, and an image that is not there is launched',
  'lifecycle hooks: nothing waits for them',
] as const

/** Stands before moto and fills its gaps. */
export function fillGaps(moto: string): Promise<Listening> {
  return listen((request, response) => {
    void (async () => {
      const body = await bodyOf(request)
      const action = new URLSearchParams(body).get('Action') ?? ''
      const gap = GAPS[action]
      if (gap !== undefined) {
        const xml = `<${action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><${action}Result>${gap.instead}</${action}Result></${action}Response>`
        return response.writeHead(200, { 'content-type': 'text/xml' }).end(xml)
      }
      const { host: _host, 'content-length': _length, connection: _connection, ...headers } = request.headers
      const answer = await fetch(new URL(request.url ?? '/', moto), {
        method: request.method ?? 'POST',
        headers: headers as Record<string, string>,
        body,
      })
      return response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' })
        .end(await answer.text())
    })().catch((error: unknown) => response.writeHead(502).end(String(error)))
  })
}

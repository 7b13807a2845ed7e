import type { ServerResponse } from 'node:http'

/** Every answer that is the balancer's own, by what its header `x-imago-balancer` says. */
export const OWN_ANSWERS = {
  'bad-target': [400, 'The request target has to be a path that begins with "/".'],
  'connect-failed': [502, 'No instance could be connected to.'],
  'cut-by-instance': [
    502,
    'The instance closed the connection before it answered. The request was not repeated: it may have been carried out.',
  ],
  'bad-answer': [502, 'The answer of the instance was not HTTP.'],
  'no-instance': [503, 'No instance takes requests here at this moment.'],
  'answer-timeout': [504, 'The instance did not answer in time.'],
} as const

/** Why the balancer answered itself. */
export type OwnAnswer = keyof typeof OWN_ANSWERS

/** Answers for want of an answer of an instance. */
export function answerItself(response: ServerResponse, why: OwnAnswer): void {
  const [status, text] = OWN_ANSWERS[why]
  const body = `${text}\n`
  const headers = [
    'x-imago-balancer',
    why,
    'content-type',
    'text/plain; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
  ]
  response.writeHead(status, status === 503 ? [...headers, 'retry-after', '1'] : headers)
  response.end(body)
}

/** What the failure of a request says, by the error of the connection to the instance. */
export function whyFailed(error: Error): OwnAnswer {
  const code = 'code' in error ? error.code : undefined
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'answer-timeout'
  const malformed = error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || error.message === 'bad response'
  return malformed ? 'bad-answer' : 'cut-by-instance'
}

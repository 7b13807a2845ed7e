import type { IncomingMessage, ServerResponse } from 'node:http'
import { text as bodyOf } from 'node:stream/consumers'
import type { Cause } from 'imago/testing'
import { listen, type Listening } from '../../kit/listen.ts'
import type { Account } from './account.ts'
import { autoScaling } from './autoscaling/operations.ts'
import { carryOut, type Call } from '../../kit/wire/carry-out.ts'
import { isRead } from './reads.ts'
import { cloudWatch } from './cloudwatch/alarms.ts'
import { ec2 } from './ec2/operations.ts'
import { elb } from './elb/operations.ts'
import { ssm } from './ssm/parameters.ts'
import { Fault } from './fault.ts'
import { allows, type Question } from './iam/evaluate.ts'
import { questionsOf } from './iam/questions.ts'
import { parseQuery, type Input } from './protocol/query.ts'
import { toXml, type Output } from './protocol/xml.ts'

interface QueryService {
  readonly name: string
  readonly namespace: string
  readonly operations: Readonly<Record<string, (account: Account, input: Input) => Output>>
  readonly item: 'member' | 'item'
}

/** Services by the version of their API, which every request names. */
const SERVICES: Readonly<Record<string, QueryService>> = {
  '2011-01-01': {
    name: 'autoScaling',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: autoScaling,
    item: 'member',
  },
  '2016-11-15': { name: 'ec2', namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/', operations: ec2, item: 'item' },
  '2015-12-01': {
    name: 'elb',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    operations: elb,
    item: 'member',
  },
}

/** Serves an account by AWS's protocols. */
export function serve(account: Account): Promise<Listening> {
  return listen((request, response) => void answer(account, request, response))
}

/** The key of the account's owner, who may do everything. */
export const OWNERS_KEY = 'AKIDOWNER'

/** The header in which a test says what a call is made for. */
export const MADE_FOR = 'x-made-for'

async function answer(account: Account, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request)
  const key = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody'
  const isOwner = key === OWNERS_KEY
  account.keys.add(key)
  /** @throws Fault when whoever calls may not. */
  const permit = (service: string, action: string, input: Input) => checkPermission(account, isOwner, service, action, input)
  const causeOf = (action: string): Cause => ({
    kind: isOwner ? 'person' : 'call',
    name: [request.headers[MADE_FOR] ?? [], action].flat().join(' '),
  })
  const [target = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.')
  if (target === 'AmazonSSM')
    return answerJson(account, { service: 'ssm', operation, body, permit, causeOf, operations: ssm }, response)
  if (target === 'GraniteServiceVersion20100801')
    return answerJson(account, { service: 'cloudWatch', operation, body, permit, causeOf, operations: cloudWatch }, response)
  const form = new URLSearchParams(body)
  const service = SERVICES[form.get('Version') ?? '']
  const action = form.get('Action') ?? ''
  const change = service?.operations[action]
  if (service === undefined) return void response.writeHead(404).end()
  count(account, `${service.name}.${action}`)
  try {
    const input = parseQuery(form)
    permit(service.name, action, input)
    if (change === undefined)
      throw new Fault('InvalidAction', `Could not find operation ${action} for version ${form.get('Version')}`)
    const call = { service: service.name, action, cause: causeOf(action), carryOut: (from: Account) => change(from, input) }
    const output = await fulfil(account, call, response)
    if (output !== undefined) send(response, 200, succeeded(service, action, output))
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault('InternalFailure', String(error), 500)
    send(response, fault.status, failed(service, fault))
  }
}

/** Carries out a call as its fate is; nothing happens to those of the account's owner. */
function fulfil<Answer>(
  account: Account,
  call: Omit<Call<Account, Answer>, 'isRead'> & { readonly service: string },
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { service, action, cause } = call
  const fate = cause.kind === 'person' ? undefined : account.fateOf(service, action)
  return carryOut(account, { ...call, isRead: isRead(action) }, fate, response)
}

function checkPermission(account: Account, isOwner: boolean, service: string, action: string, input: Input): void {
  if (!isOwner && account.throttles(service, action))
    throw service === 'ec2'
      ? new Fault('RequestLimitExceeded', 'Request limit exceeded.', 503)
      : new Fault('Throttling', 'Rate exceeded')
  if (account.expired && !isOwner) throw new Fault('ExpiredToken', 'The security token included in the request is expired', 403)
  const questions = isOwner ? [] : questionsOf(account, service, action, input)
  for (const one of questions) account.asked.add(one.action)
  const refused: Question | undefined = account.denied.has(`${service}.${action}`)
    ? { action: `${service}:${action}`, resource: '*', context: {} }
    : questions.find((one) => !allows(account.policy, one))
  if (refused === undefined) return
  const message = `User: arn:aws:iam::${account.id}:user/ada is not authorized to perform: ${refused.action} on resource: ${refused.resource} because no identity-based policy allows the ${refused.action} action`
  // EC2 words it otherwise than the others.
  throw new Fault(service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', message, 403)
}

function succeeded({ namespace, item }: QueryService, action: string, output: Output): string {
  const xml = toXml(output, item)
  if (item === 'item') return `<${action}Response xmlns="${namespace}"><requestId>r-1</requestId>${xml}</${action}Response>`
  const metadata = '<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>'
  return `<${action}Response xmlns="${namespace}"><${action}Result>${xml}</${action}Result>${metadata}</${action}Response>`
}

function failed({ item }: QueryService, { code, message }: Fault): string {
  const error = toXml({ Error: { Type: 'Sender', Code: code, Message: message } }, item)
  return item === 'item'
    ? `<Response><Errors>${error}</Errors><RequestID>r-1</RequestID></Response>`
    : `<ErrorResponse>${error}<RequestId>r-1</RequestId></ErrorResponse>`
}

interface JsonCall {
  readonly service: string
  readonly operation: string
  readonly body: string
  readonly operations: Readonly<Record<string, (account: Account, input: Json) => Json>>
  permit(service: string, action: string, input: Input): void
  causeOf(action: string): Cause
}
type Json = Readonly<Record<string, unknown>>

async function answerJson(
  account: Account,
  { service, operation, body, operations, permit, causeOf }: JsonCall,
  response: ServerResponse,
): Promise<void> {
  count(account, `${service}.${operation}`)
  response.setHeader('content-type', `application/x-amz-json-1.${service === 'ssm' ? '1' : '0'}`)
  try {
    const input = JSON.parse(body) as Json
    permit(service, operation, input as Input)
    const change = operations[operation]
    if (change === undefined) throw new Fault('InvalidAction', operation)
    const call = { service, action: operation, cause: causeOf(operation), carryOut: (from: Account) => change(from, input) }
    const output = await fulfil(account, call, response)
    if (output !== undefined) response.end(JSON.stringify(output))
  } catch (error) {
    const { code, status, message } = error instanceof Fault ? error : new Fault('InternalServiceError', String(error), 500)
    response
      .writeHead(status === 403 ? 400 : status)
      .end(JSON.stringify({ __type: code === 'AccessDenied' ? 'AccessDeniedException' : code, message }))
  }
}

function send(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)
}

function count(account: Account, call: string): void {
  account.calls.set(call, (account.calls.get(call) ?? 0) + 1)
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as bodyOf } from 'node:stream/consumers'
import type { Account } from './account.ts'
import { autoScaling } from './autoscaling/operations.ts'
import { cloudWatch } from './cloudwatch/alarms.ts'
import { ec2 } from './ec2/operations.ts'
import { elb } from './elb/operations.ts'
import { Fault } from './fault.ts'
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

/** AWS on a port of this machine. */
export interface WireServer {
  readonly endpoint: string
  close(): Promise<void>
}

/** Serves an account by AWS's protocols. */
export async function serve(account: Account): Promise<WireServer> {
  const server = createServer((request, response) => void answer(account, request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(account: Account, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request)
  const target = String(request.headers['x-amz-target'] ?? '')
  if (target.startsWith('AmazonSSM.')) return answerSsm(account, body, response)
  if (target.startsWith('GraniteServiceVersion20100801.'))
    return answerCloudWatch(account, target.slice(target.indexOf('.') + 1), body, response)
  const form = new URLSearchParams(body)
  const service = SERVICES[form.get('Version') ?? '']
  const action = form.get('Action') ?? ''
  const carryOut = service?.operations[action]
  if (service === undefined) return void response.writeHead(404).end()
  count(account, `${service.name}.${action}`)
  try {
    if (account.denied.has(`${service.name}.${action}`)) throw denied(account, service, action)
    if (carryOut === undefined)
      throw new Fault('InvalidAction', `Could not find operation ${action} for version ${form.get('Version')}`)
    const output = carryOut(account, parseQuery(form))
    if (account.losesAnswers && !action.startsWith('Describe')) return void response.destroy()
    send(response, 200, succeeded(service, action, output))
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault('InternalFailure', String(error), 500)
    send(response, fault.status, failed(service, fault))
  }
}

/** EC2 words it otherwise than the others. */
function denied({ id }: Account, { name, item }: QueryService, action: string): Fault {
  const message = `User: arn:aws:iam::${id}:user/ada is not authorized to perform: ${name}:${action}`
  return item === 'item' ? new Fault('UnauthorizedOperation', message, 403) : new Fault('AccessDenied', message, 403)
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

function answerSsm(account: Account, body: string, response: ServerResponse): void {
  count(account, 'ssm.GetParameter')
  const { Name: name = '' } = JSON.parse(body) as { Name?: string }
  const value = account.parameters.get(name)
  response.setHeader('content-type', 'application/x-amz-json-1.1')
  if (value === undefined) return void response.writeHead(400).end(JSON.stringify({ __type: 'ParameterNotFound', message: '' }))
  response.end(JSON.stringify({ Parameter: { Name: name, Type: 'String', Value: value, Version: 1 } }))
}

function answerCloudWatch(account: Account, action: string, body: string, response: ServerResponse): void {
  count(account, `cloudWatch.${action}`)
  response.setHeader('content-type', 'application/x-amz-json-1.0')
  const carryOut = cloudWatch[action]
  if (carryOut === undefined)
    return void response.writeHead(400).end(JSON.stringify({ __type: 'InvalidAction', message: action }))
  const output = carryOut(account, JSON.parse(body) as Record<string, unknown>)
  if (account.losesAnswers && action.startsWith('Put')) return void response.destroy()
  response.end(JSON.stringify(output))
}

function send(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)
}

function count(account: Account, call: string): void {
  account.calls.set(call, (account.calls.get(call) ?? 0) + 1)
}

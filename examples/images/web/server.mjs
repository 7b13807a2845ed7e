// The demo service: a small web server that is copied into every image of the examples. An image is this file, a label and a behaviour.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const inImage = (/** @type {string} */ name) => new URL(name, import.meta.url)
const label = existsSync(inImage('label.txt')) ? readFileSync(inImage('label.txt'), 'utf8').trim() : 'v1'
const behaviour = existsSync(inImage('behaviour.json')) ? JSON.parse(readFileSync(inImage('behaviour.json'), 'utf8')) : {}
const { failShare = 0, healthy = true, bootMs = 0 } = behaviour

const CHUNK_INTERVAL_MS = 200
const identity = { 'x-image': label, 'x-instance': process.env['INSTANCE_ID'] ?? String(process.pid) }

let asked = 0
let stopping = false

/** Every second answer fails at a share of 0.5, every fourth at 0.25: the same each time, so that a demonstration can be repeated. */
function fails() {
  asked += 1
  return Math.floor(asked * failShare) > Math.floor((asked - 1) * failShare)
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string} body */
function answer(response, status, body, type = 'text/plain') {
  response.writeHead(status, { ...identity, 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** @param {import('node:http').ServerResponse} response */
function health(response) {
  if (healthy && !stopping) answer(response, 200, 'ok\n')
  else answer(response, 503, stopping ? 'stopping\n' : 'unhealthy\n')
}

/** @param {import('node:http').ServerResponse} response */
function home(response) {
  if (fails()) answer(response, 500, 'broken\n')
  else answer(response, 200, `hello from ${label}\n`)
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
function echo(request, response) {
  if (fails()) {
    request.resume()
    return answer(response, 500, 'broken\n')
  }
  const length = request.headers['content-length']
  const type = request.headers['content-type'] ?? 'application/octet-stream'
  response.writeHead(200, { ...identity, 'content-type': type, ...(length === undefined ? {} : { 'content-length': length }) })
  request.pipe(response)
}

/** @param {import('node:http').ServerResponse} response @param {URL} url */
function stream(response, url) {
  const endsAt = performance.now() + (Number(url.searchParams.get('ms')) || 1_000)
  response.writeHead(200, { ...identity, 'content-type': 'text/plain' })
  const tick = () => {
    if (response.destroyed) return clearInterval(timer)
    response.write(`${label} ${new Date().toISOString()}\n`)
    if (performance.now() < endsAt) return
    clearInterval(timer)
    response.end('end\n')
  }
  const timer = setInterval(tick, CHUNK_INTERVAL_MS)
  tick()
}

const server = createServer((request, response) => {
  if (stopping) response.shouldKeepAlive = false
  const url = new URL(request.url ?? '/', 'http://instance')
  if (url.pathname === '/health') health(response)
  else if (url.pathname === '/stream') stream(response, url)
  else if (request.method === 'POST' && url.pathname === '/echo') echo(request, response)
  else if (url.pathname === '/') home(response)
  else answer(response, 404, 'not found\n')
})

/** Takes nothing new, finishes what is under way, and is gone. */
function stop() {
  stopping = true
  server.close()
  setInterval(() => server.closeIdleConnections(), 50).unref()
}

setTimeout(() => server.listen(Number(process.env['PORT']), process.env['HOST'] ?? '127.0.0.1'), bootMs)
process.on('SIGTERM', () => (server.listening ? stop() : process.exit(0)))
process.on('SIGINT', () => (server.listening ? stop() : process.exit(0)))

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AzureAccess } from 'imago/azure'
import { onTestFinished } from 'vitest'
import { root } from '../../tools/subpaths.ts'
import { clientOf } from './site.ts'
import { listen } from '../kit/listen.ts'

/** Exchanges with the genuine Azure, where they are. */
const FOLDER = join(root, '../shared/api-recordings/azure')

/** Why nothing is read from recordings here; `undefined` when it is. */
export const unrecorded = existsSync(FOLDER) ? undefined : `recordings of Azure are not there: ${FOLDER}`

/** An answer of Azure's, by the address that it was asked at. */
interface Entry {
  readonly RequestUri: string
  readonly RequestMethod: string
  readonly StatusCode: number
  readonly ResponseBody: string
}

/** The subscription that all of them were made in. */
export const SUBSCRIPTION = 'ec0aa5f7-9e78-40c9-85cd-535c6305b380'

/** A recording, and what was answered in it. */
export class Recording {
  readonly #entries: readonly Entry[]

  constructor(file: string) {
    const { Entries } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { Entries: readonly Entry[] }
    this.#entries = Entries
  }

  /** The last answer of a call whose address ends so, with whatever is asked behind it; of those with this word in them, if one is given. */
  last(method: string, path: string, query = '', word = ''): unknown {
    const found = this.#entries.findLast(({ RequestMethod, RequestUri, StatusCode, ResponseBody }) => {
      const { pathname, search } = new URL(RequestUri, 'https://management.azure.com')
      const isMeant = pathname.toLowerCase().endsWith(path.toLowerCase()) && decodeURIComponent(search).includes(query)
      return RequestMethod === method && isMeant && StatusCode < 300 && ResponseBody.includes(word)
    })
    if (found === undefined) throw new Error(`There is no ${method} ${path} in the recording.`)
    return JSON.parse(found.ResponseBody)
  }
}

/** Answers by the end of the address that they are for; what is not among them is not there. */
export async function replay(resourceGroup: string, answers: Readonly<Record<string, unknown>>): Promise<AzureAccess> {
  const sets = Object.entries(answers).filter(([path]) => path.startsWith('/virtualMachineScaleSets/'))
  // What the recordings do not ask: which sets there are, and what scales them.
  const all = {
    ...answers,
    '/virtualMachineScaleSets': { value: sets.map(([, one]) => one) },
    '/autoscalesettings': { value: [] },
  }
  const server = await listen(({ method, url = '' }, response) => {
    const { pathname } = new URL(url, server.endpoint)
    const [, body] = Object.entries(all).find(([path]) => pathname.toLowerCase().endsWith(path.toLowerCase())) ?? []
    const missing = { error: { code: 'ResourceNotFound', message: `${method} ${pathname} is not in the recording.` } }
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? missing))
  })
  onTestFinished(server.close)
  const { endpoint } = server
  return { subscription: SUBSCRIPTION, resourceGroup, endpoint, client: (subscription) => clientOf(endpoint, subscription) }
}

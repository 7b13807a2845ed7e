import { parseArgs } from 'node:util'

/*
 * Stands in for gcloud where it is not installed: the few commands that tests give it, the requests that gcloud sends for each, and what it
 * prints of their answers. That it is right is shown by the same tests wherever gcloud is installed.
 */

type Json = Readonly<Record<string, unknown>>
interface Named extends Json {
  readonly name: string
}

const { ENDPOINT = '', TOKEN = '' } = process.env
const text = { type: 'string' } as const
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    project: text,
    format: text,
    zone: text,
    global: { type: 'boolean' },
    stable: { type: 'boolean' },
    version: text,
    'max-surge': text,
    'max-unavailable': text,
    'instance-group': text,
    'instance-group-zone': text,
  },
})
const root = `${ENDPOINT}/compute/v1/projects/${values.project ?? ''}`
const words = positionals.slice(1)
const name = words.at(-1) ?? ''
const here = `zones/${values.zone ?? ''}`
const group = `${here}/instanceGroupManagers/${name}`

async function send(method: string, path: string, body?: unknown): Promise<Json> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const url = `${root}/${path}${path.includes('?') ? '&' : '?'}alt=json`
  const response = await fetch(url, { method, headers, ...sent })
  const said = (await response.json()) as Json
  if (!response.ok) throw new Error(JSON.stringify(said['error']))
  return said
}

/** A change, once its operation is done. */
async function change(method: string, path: string, body?: unknown): Promise<void> {
  const { selfLink } = await send(method, path, body)
  const operation = String(selfLink).split(`/projects/${values.project ?? ''}/`)[1]
  let waited: Json
  do waited = await send('POST', `${operation ?? ''}/wait`)
  while (waited['status'] !== 'DONE')
  if (waited['error'] !== undefined) throw new Error(JSON.stringify(waited['error']))
}

/** The same of one resource, which is printed then. */
async function written(method: string, path: string, body: unknown): Promise<readonly Json[]> {
  await change(method, path, body)
  return [await send('GET', path)]
}

/** Items of a list, whatever it calls them. */
async function list(path: string, method = 'GET'): Promise<readonly Named[]> {
  const { items, managedInstances } = await send(method, `${path}?maxResults=500`)
  return (items ?? managedInstances ?? []) as readonly Named[]
}

/** A group with what scales it, as it is printed. */
function scaled(one: Json, scalers: readonly Named[]): Json {
  const autoscaler = scalers.find(({ target }) => target === one['selfLink'])
  return { ...one, autoscaled: autoscaler === undefined ? 'no' : 'yes', ...(autoscaler === undefined ? {} : { autoscaler }) }
}

/** All groups, with their sizes and what scales them. */
async function listGroups(): Promise<readonly Json[]> {
  const { items } = await send(
    'GET',
    'aggregated/instanceGroupManagers?includeAllScopes=true&maxResults=500&returnPartialSuccess=true',
  )
  const places = Object.entries(items as Readonly<Record<string, { readonly instanceGroupManagers?: readonly Named[] }>>)
  const found = places.filter(([, { instanceGroupManagers = [] }]) => instanceGroupManagers.length > 0)
  const sizes = await Promise.all(found.map(([place]) => list(`${place}/instanceGroups`)))
  const scalers = await Promise.all(found.map(([place]) => list(`${place}/autoscalers`)))
  const sizeOf = (one: Json) => sizes.flat().find(({ selfLink }) => selfLink === one['instanceGroup'])?.['size']
  return found
    .flatMap(([, { instanceGroupManagers = [] }]) => instanceGroupManagers)
    .map((one) => ({ ...scaled(one, scalers.flat()), size: String(sizeOf(one)) }))
}

/** Versions without a size, under the name that the group has for their template. */
async function startUpdate(): Promise<readonly Json[]> {
  const { versions = [] } = (await send('GET', group)) as { readonly versions?: readonly Json[] }
  const fixed = (count: string | undefined) => ({ fixed: Number(count) })
  const template = (values.version ?? '').replace(/^template=/, '')
  const instanceTemplate = `${root}/global/instanceTemplates/${template}`
  const known = versions.find((one) => one['instanceTemplate'] === instanceTemplate)
  return written('PATCH', group, {
    updatePolicy: { maxSurge: fixed(values['max-surge']), maxUnavailable: fixed(values['max-unavailable']), type: 'PROACTIVE' },
    versions: [{ instanceTemplate, ...(known?.['name'] === undefined ? {} : { name: known['name'] }) }],
  })
}

async function waitUntilStable(): Promise<undefined> {
  const isStable = async () => ((await send('GET', group))['status'] as { readonly isStable: boolean }).isStable
  while (!(await isStable()));
}

/** The whole service is written, over what was read. */
async function changeBackends(isAdded: boolean): Promise<readonly Json[]> {
  const path = `global/backendServices/${name}`
  const { backends = [], ...service } = (await send('GET', path)) as { readonly backends?: readonly Json[] }
  const own = `/zones/${values['instance-group-zone'] ?? ''}/instanceGroups/${values['instance-group'] ?? ''}`
  const others = backends.filter((one) => !String(one['group']).endsWith(own))
  const after = isAdded ? [...backends, { group: `${root}${own}` }] : others
  return written('PUT', path, { ...service, ...(after.length === 0 ? {} : { backends: after }) })
}

/** What scales a group goes before it. */
async function deleteGroup(): Promise<readonly Json[]> {
  const scalers = await list(`${here}/autoscalers`)
  for (const one of scalers) {
    if (String(one['target']).endsWith(`/${group}`)) await change('DELETE', `${here}/autoscalers/${one.name}`)
  }
  await change('DELETE', group)
  return []
}

const managed = 'instance-groups managed'
const commands: Readonly<Record<string, () => Promise<unknown>>> = {
  [`${managed} list`]: listGroups,
  // Whether something scales it is looked up, and not printed.
  [`${managed} describe`]: async () => (await Promise.all([send('GET', group), list(`${here}/autoscalers`)]))[0],
  [`${managed} list-instances`]: () => list(`${group}/listManagedInstances`, 'POST'),
  [`${managed} rolling-action start-update`]: startUpdate,
  [`${managed} rolling-action stop-proactive-update`]: () => written('PATCH', group, { updatePolicy: { type: 'OPPORTUNISTIC' } }),
  [`${managed} wait-until`]: waitUntilStable,
  [`${managed} delete`]: deleteGroup,
  'backend-services add-backend': () => changeBackends(true),
  'backend-services remove-backend': () => changeBackends(false),
}

const [, command] = Object.entries(commands).find(([said]) => `${words.join(' ')} `.startsWith(`${said} `)) ?? []
if (command === undefined) throw new Error(`nobody stands in for gcloud compute ${words.join(' ')}`)
const printed = await command()
if (printed !== undefined) console.log(JSON.stringify(printed))

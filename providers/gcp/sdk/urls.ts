/** The last part of a resource's URL: its name. */
export function nameIn(url: string | undefined): string {
  return (url ?? '').split('/').at(-1) ?? ''
}

/** What stands behind a part of a resource's URL: `valueIn(url, 'zones')`. */
export function valueIn(url: string | undefined, part: string): string | undefined {
  const parts = (url ?? '').split('/')
  const at = parts.indexOf(part)
  return at < 0 ? undefined : parts[at + 1]
}

/** The path of a resource, whichever host its URL names; a path that lacks its project is of this one. */
export function pathOf(url: string, project: string): string {
  const path = url.replace(/^https?:\/\/[^/]+\/compute\/[^/]+\//, '')
  return path.startsWith('projects/') ? path : `projects/${project}/${path}`
}

/** What a call is named for a collection by its path: `instanceTemplates.insert`, or `regionInstanceTemplates.insert`. */
export function callOf(path: string, method: string): string {
  const collection = nameIn(path)
  const isRegional = valueIn(path, 'regions') !== undefined
  return isRegional ? `region${collection.charAt(0).toUpperCase()}${collection.slice(1)}.${method}` : `${collection}.${method}`
}

/** The whole URL of a resource: backends and URL maps name others by it. */
export function urlOf(path: string): string {
  return `https://www.googleapis.com/compute/v1/${path}`
}

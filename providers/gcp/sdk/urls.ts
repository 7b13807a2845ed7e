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

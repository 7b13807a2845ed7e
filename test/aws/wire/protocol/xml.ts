/** What an operation answers: names as they are on the wire. */
export interface Output {
  readonly [name: string]: Output | Leaf | readonly (Output | Leaf)[]
}
type Leaf = string | number | boolean | Date | undefined

/** Writes an answer; the items of a list are called `member`, or `item` in EC2. */
export function toXml(output: Output, item: 'member' | 'item'): string {
  return Object.entries(output)
    .map(([name, value]) => element(name, value, item))
    .join('')
}

/** An element with its content; nothing for what is absent. */
function element(name: string, value: Output[string], item: 'member' | 'item'): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return `<${name}>${(value as Output[]).map((one) => element(item, one, item)).join('')}</${name}>`
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`
  if (typeof value === 'object') return `<${name}>${toXml(value as Output, item)}</${name}>`
  return `<${name}>${escaped(String(value))}</${name}>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

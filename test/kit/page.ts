import { readFileSync } from 'node:fs'

/** A page with its tables written anew, each between a comment of its name and one that ends it. */
export function pageWith(path: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce(
    (text, [name, rows]) => {
      const [begin, end] = [`<!-- ${name} -->`, '<!-- end -->']
      const from = text.indexOf(begin) + begin.length
      return `${text.slice(0, from)}\n\n${rows}\n\n${text.slice(text.indexOf(end, from))}`
    },
    readFileSync(path, 'utf8'),
  )
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

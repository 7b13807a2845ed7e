/** Texts of the elements of a name, in order; one without a text is left out. Several names stand as in a regular expression. */
export function textsIn(xml: string, element: string): string[] {
  return Array.from(xml.matchAll(new RegExp(`<(?:${element})>([^<]+)`, 'g')), ([, text = '']) => plain(text))
}

const MARKS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function plain(text: string): string {
  return text.replaceAll(/&(?:#(x?)([\da-f]+)|(\w+));/gi, (whole, hex: string, digits: string, name: string) =>
    name === undefined ? String.fromCodePoint(parseInt(digits, hex === '' ? 10 : 16)) : (MARKS[name] ?? whole),
  )
}

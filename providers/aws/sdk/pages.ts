/** Reads all pages of an answer; `next` goes into the input of each. */
export async function readPages<Page extends { readonly NextToken?: string | undefined }>(
  read: (next: { NextToken?: string }) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = []
  let token: string | undefined
  do {
    const page = await read(token === undefined ? {} : { NextToken: token })
    pages.push(page)
    token = page.NextToken === '' ? undefined : page.NextToken
  } while (token !== undefined)
  return pages
}

// Fills a page's template: names in braces become escaped text, each <template> a part that is repeated or left out.

export type Values = { readonly [name: string]: string }

const escape = (text: string): string =>
  text.toWellFormed().replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

export function fillPage(
  template: string,
  values: Values,
  parts: { readonly [name: string]: readonly Values[] } = {},
): string {
  // One pass: what was filled in is not looked at again.
  return template.replace(
    /<template id="(\w+)">([^]*?)<\/template>|\{(\w+)\}/g,
    (_, part: string | undefined, inner: string, name: string) =>
      part === undefined
        ? escape(values[name] ?? '')
        : (parts[part] ?? (values[part] ? [{}] : []))
            .map((own) => fillPage(inner, { ...values, ...own }))
            .join(''),
  )
}

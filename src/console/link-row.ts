// One link in the list: what it opens, whether and how long it does, and how it is copied, changed and ended.
import type { LinkAnswer } from '../contract/link.ts'
import type { App } from './app.ts'
import { confirmDanger } from './dialog.ts'
import { button, type Child, h, icon } from './dom.ts'
import { toMoment, toRelative } from './format.ts'
import { createCopy, createQrButton } from './link-made.ts'
import { toName } from './places.ts'
import { openEdit } from './share.ts'

const STATES: { readonly [S in LinkAnswer['state']]: string } = {
  active: 'Active',
  not_yet: 'Not yet',
  spent: 'Used up',
  expired: 'Ended',
  frozen: 'Frozen',
  revoked: 'Revoked',
}
const OVER = new Set<LinkAnswer['state']>(['spent', 'expired', 'revoked'])

function toTitle({ bucket, key, keys, prefix }: LinkAnswer): string {
  if (key !== undefined) return toName(key)
  if (keys !== undefined) return `${keys.length} files: ${keys.map(toName).join(', ')}`
  return `${toName(prefix ?? '') || bucket}/`
}

/** What bounds it, in a few words each. */
function toTerms(link: LinkAnswer): string[] {
  const { used, maxDownloads, upload, uploaded } = link
  // The gateway counts only what it must bound.
  const opens =
    maxDownloads === undefined ? 'opens not counted' : `${used} of ${maxDownloads} opens`
  const terms = [
    upload === undefined ? opens : `${uploaded ?? 0} of ${upload.maxFiles} files received`,
    link.hasPassword && 'password',
    link.countries?.join(', '),
    link.cidrs && `${link.cidrs.length} networks`,
    link.notBefore && `from ${toRelative(link.notBefore)}`,
    link.delivery === 'stream' && 'through the gateway',
  ]
  return terms.filter((term) => typeof term === 'string')
}

export function createLinkRow(
  app: App,
  link: LinkAnswer,
  onChanged: (link: LinkAnswer) => void,
): HTMLElement {
  const { client } = app
  const title = link.label ?? toTitle(link)
  const isOver = OVER.has(link.state)
  const revoke = (): void => {
    const text = 'Whoever has it can open it no more. This cannot be taken back.'
    confirmDanger(`Revoke the link to ${title}?`, text, 'Revoke', async () => {
      await client.links.revoke(link.id)
      onChanged({ ...link, state: 'revoked' })
    })
  }
  const named = (name: string, act: () => void, look = ''): HTMLElement => {
    const self = button(name, act, look)
    self.setAttribute('aria-label', `${name} the link to ${title}`)
    return self
  }
  const [qr, code] = createQrButton(link.url)
  const acts: Child[] = [
    createCopy(link.url, `Link to ${title}`),
    qr,
    named('Edit', () => openEdit(app, link, onChanged)),
    named('Revoke', revoke),
  ]
  const end = isOver ? 'ended' : 'ends'
  const ends = `${end} ${toRelative(link.expiresAt)}`
  return h(
    'li',
    { 'data-state': link.state },
    h(
      'div',
      { class: 'link-head' },
      icon(link.upload ? 'i-request' : link.key === undefined ? 'i-folder' : 'i-link'),
      h(
        'div',
        {},
        h('h2', {}, h('bdi', {}, title)),
        h(
          'p',
          { class: 'hint' },
          h(
            'bdi',
            {},
            `${link.bucket} · ${link.label === undefined ? (link.key ?? link.prefix ?? '') : toTitle(link)}`,
          ),
        ),
      ),
      h('span', { class: 'badge' }, STATES[link.state]),
    ),
    h(
      'p',
      { class: 'terms' },
      h('span', { title: toMoment(new Date(link.expiresAt)) }, ends),
      ...toTerms(link).map((term) => h('span', {}, term)),
    ),
    !isOver && h('div', { class: 'tools' }, ...acts),
    !isOver && code,
  )
}

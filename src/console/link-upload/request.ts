// The page of a link that asks for files: sends those that are chosen, one after another, and says what became of each.
import { createBrowserPorts } from '../../client/browser.ts'
import { createEngine } from '../../client/engine.ts'
import { PosternError } from '../../client/error.ts'
import type { Progress, Upload } from '../../client/types.ts'
import { createUploads } from '../../client/uploads.ts'
import { toCount, toDuration, toPercent, toSize } from '../format.ts'
import { BUCKET, createLinkApi, toKey } from './gateway.ts'

const CONNECTIONS = 6

function find<E extends HTMLElement>(root: ParentNode, selector: string, type: new () => E): E {
  const found = root.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`)
  return found
}
const form = find(document, 'form', HTMLFormElement)
const input = find(form, 'input', HTMLInputElement)
const list = find(document, '#sent', HTMLUListElement)
const status = find(document, '#status', HTMLParagraphElement)
const ports = createBrowserPorts(undefined)
const link = location.pathname.replace(/\/$/, '')
const uploads = createUploads(createEngine(ports, createLinkApi(link, ports), CONNECTIONS))
let arrived = 0
/** Ends when the last file of those that were chosen has: one after another. */
let last: Promise<void> = Promise.resolve()

const WORDS: { readonly [code: string]: string } = {
  network: 'The connection failed.',
  timeout: 'The connection failed for ten minutes.',
  cors: 'The storage is out of reach, or does not take files from this page. Tell whoever sent you the link.',
  storage: 'The storage did not take it. Tell whoever sent you the link.',
  unreadable: 'The file has changed, or cannot be read any more. Choose it again.',
  aborted: 'Cancelled.',
  link_denied: 'The link does not open here and now. Reload the page, or ask whoever sent it.',
  link_gone: 'The link has ended, or has all its files. Ask whoever sent it for a new one.',
  too_large: 'It is larger than the link takes. Send a smaller one.',
  unsupported_type: 'The link does not take this kind of file. Send another.',
  rate_limited: 'Too much at once: try again later.',
  invalid_request: 'The link does not take a file of this name.',
}

/** What went wrong, and what to do. */
function toWords(error: unknown): string {
  if (!(error instanceof PosternError)) return 'It failed.'
  return WORDS[error.code] ?? error.message
}

function toState({ state, sentBytes, totalBytes, etaSeconds, isOffline }: Progress): string {
  if (isOffline) return 'No connection. It goes on by itself.'
  if (state === 'verifying') return 'Checking what arrived'
  if (state !== 'sending') return `${toSize(totalBytes)}, waiting`
  const share = toPercent(totalBytes === 0 ? 1 : sentBytes / totalBytes)
  // What is sent at once is not worth an estimate.
  return etaSeconds !== null && etaSeconds > 5 ? `${share}, ${toDuration(etaSeconds)} left` : share
}

function addButton(item: HTMLLIElement, text: string, name: string, act: () => void): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = text
  button.setAttribute('aria-label', `${text}: ${name}`)
  button.addEventListener('click', act, { once: true })
  item.append(button)
}

interface Line {
  readonly item: HTMLLIElement
  readonly state: HTMLSpanElement
  readonly file: File
}

/** Name, size and state of one file, below one another at any width. */
function addLine(file: File): Line {
  const item = document.createElement('li')
  const name = document.createElement('bdi')
  const state = document.createElement('span')
  name.textContent = file.name
  state.textContent = `${toSize(file.size)}, waiting`
  item.append(name, state)
  list.append(item)
  return { item, state, file }
}

async function sendNow({ item, state, file }: Line): Promise<void> {
  const bar = document.createElement('progress')
  bar.max = Math.max(1, file.size)
  bar.setAttribute('aria-label', `Progress of ${file.name}`)
  item.append(bar)
  const onProgress = (progress: Progress): void => {
    bar.value = progress.sentBytes
    state.textContent = toState(progress)
  }
  const upload: Upload = uploads.upload(file, { bucket: BUCKET, key: toKey(file.name), onProgress })
  let dropped: Promise<void> | undefined
  addButton(item, 'Cancel', file.name, () => (dropped = upload.abort()))
  const setEnd = (text: string): void => {
    for (const gone of item.querySelectorAll('progress, button')) gone.remove()
    state.textContent = text
    status.textContent = `${file.name}: ${text}`
  }
  try {
    await upload.done
    arrived += 1
    item.className = 'done'
    setEnd('It has arrived. Thank you.')
  } catch (error) {
    item.className = ''
    // Its place is free again.
    await dropped
    setEnd(toWords(error))
    addButton(item, 'Try again', file.name, () => {
      item.querySelector('button')?.remove()
      void send({ item, state, file })
    })
  }
}

const send = (line: Line): Promise<void> => (last = last.then(() => sendNow(line)))

/** Of an earlier visit, in this browser. */
async function tellUnfinished(): Promise<void> {
  const names = (await uploads.pending()).map(({ key }) => key.slice(key.lastIndexOf('/') + 1))
  if (names.length === 0) return
  const [verb, them] = names.length === 1 ? ['has', 'it'] : ['have', 'them']
  const where = names.length === 1 ? 'it goes on where it was' : 'they go on where they were'
  form.hidden = false
  const what = new Intl.ListFormat(document.documentElement.lang).format(names)
  if (!list.firstChild)
    status.textContent = `${what} ${verb} not arrived yet. Choose ${them} again, and ${where}.`
}

// It stands there also when this file does not arrive.
document.querySelector('#bare')?.remove()
const { left } = form.dataset
// Where nothing more can be sent, what was begun here can.
form.hidden = left === '0'
input.multiple = left !== '1'
void tellUnfinished()
form.addEventListener('submit', (event) => {
  event.preventDefault()
  const lines = [...(input.files ?? [])].map(addLine)
  form.reset()
  status.textContent = `Sending ${toCount(lines.length, 'file', 'files')}.`
  void Promise.all(lines.map(send)).then(() => {
    // What failed was said last, and stays said.
    if (lines.every(({ item }) => item.className === 'done'))
      status.textContent = `${toCount(arrived, 'file has', 'files have')} arrived.`
  })
})
// While something is on its way, leaving asks first.
addEventListener('beforeunload', (event) => {
  if (list.querySelector('progress') !== null) event.preventDefault()
})
